//! Tells from a path whether a file belongs to tests, fixtures or examples.
//!
//! What lies there is often real in form and meant to be public: keys made for a test. Only paths count, never what a
//! file says of itself. The one list of such names in the project.

/// A folder of one of these names holds tests or what they need.
#[rustfmt::skip]
const FOLDERS: &[&str] = &[
    "__fixtures__", "__mocks__", "__test__", "__tests__", "demo", "demos", "e2e", "example", "examples", "fake",
    "fakes", "fixture", "fixtures", "mock", "mocks", "regress", "sample", "samples", "smoke-test", "spec", "specs", "test",
    "testcase", "testcases", "testdata", "testfiles", "testing", "testkeys", "tests", "testsuite", "testutil",
    "testutils", "unittest", "unittests", "selftest", "t",
];
/// So does one whose name has one of these among its words: `integration-tests`, `test_data`, `Acme.UnitTests`.
const FOLDER_WORDS: [&str; 7] = ["test", "tests", "testing", "testdata", "fixture", "fixtures", "mocks"];
/// A file of source code with one of these as the first or last word of its stem is a test: `key_test.go`, `test_key.py`,
/// `KeyTest.java`, `key.spec.ts`.
const FILE_WORDS: [&str; 8] = ["test", "tests", "spec", "specs", "fixture", "fixtures", "mock", "mocks"];
/// Ends of files of source code. A key file proper, such as `test.pem`, is judged by its folder alone: it may be the key
/// of a system called test.
#[rustfmt::skip]
const CODE: [&str; 36] = [
    "c", "cc", "clj", "cljs", "cpp", "cs", "cxx", "dart", "erl", "ex", "exs", "fs", "go", "groovy", "h", "hpp",
    "hs", "java", "js", "jsx", "kt", "lua", "m", "mjs", "ml", "mm", "php", "pl", "pm", "py", "rb", "rs", "scala",
    "swift", "ts", "tsx",
];

/// Whether the file at `path`, which starts at the top of what is scanned, belongs to tests, fixtures or examples.
///
/// ```
/// use unleak_rules::is_fixture_path;
///
/// assert!(is_fixture_path(b"crates/net/tests/certs/server.key"));
/// assert!(is_fixture_path(b"net/tls_test.go"));
/// assert!(!is_fixture_path(b"deploy/test.pem"));
/// ```
pub fn is_fixture_path(path: &[u8]) -> bool {
    let mut parts = path.split(|byte| matches!(byte, b'/' | b'\\'));
    let Some(name) = parts.next_back() else { return false };
    parts.any(is_fixture_folder) || is_test_source(name)
}

fn is_fixture_folder(name: &[u8]) -> bool {
    FOLDERS.iter().any(|folder| name.eq_ignore_ascii_case(folder.as_bytes()))
        || words(name).any(|word| is_one_of(word, &FOLDER_WORDS))
}

fn is_test_source(name: &[u8]) -> bool {
    let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else { return false };
    let mut words = words(&name[..dot]);
    let first = words.next();
    let last = words.last().or(first);
    is_one_of(&name[dot + 1..], &CODE)
        && first.into_iter().chain(last).any(|word| is_one_of(word, &FILE_WORDS))
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// The words of a name: runs of letters and digits, cut where a lower-case letter is followed by an upper-case one.
fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parts = name.split(|byte| !byte.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.flat_map(|part| part.chunk_by(|a, b| !(a.is_ascii_lowercase() && b.is_ascii_uppercase())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tests_fixtures_and_examples_are_told_by_their_path() {
        for path in [
            "tests/key.pem",
            "a/Test/b/key.pem",
            "src/test/resources/id_rsa",
            "x/__tests__/a.ts",
            "testdata/k",
            "pkg/test-fixtures/k.pem",
            "Acme.Net.UnitTests/k.pfx",
            "integration_tests/k",
            "spec/support/k.rb",
            "examples/tls/server.key",
            "net/tls_test.go",
            "test_tls.py",
            "net/TlsTest.java",
            "tls.spec.ts",
            "tls.test.js",
            "a\\tests\\k.pem",
            "TlsTests.cs",
            "lib/tls_spec.rb",
            "test/",
            "androidTest/k",
        ] {
            assert!(is_fixture_path(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn other_paths_are_not() {
        for path in [
            "",
            "tests",
            "key.pem",
            "src/key.pem",
            "test.pem",
            "deploy/test_rsa",
            "latest/k.pem",
            "contest/k.pem",
            "attestation/k",
            "src/latest.rs",
            "protest.py",
            "inspect.py",
            "config/spec_prod/k",
            "src/testify.pem",
            "openapi-spec/k.pem",
            "/",
            "//",
            "a//k",
        ] {
            assert!(!is_fixture_path(path.as_bytes()), "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_path_is_answered(path: Vec<u8>) {
            let below = [b"tests/", &path[..]].concat();
            prop_assert!(is_fixture_path(&below));
            is_fixture_path(&path);
        }
    }
}
