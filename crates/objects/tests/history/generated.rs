//! Histories made from a seed: the same few contents at many paths, subtrees under two names, deep folders, deletions and
//! reintroductions, merges of two to four parents, several roots, clocks that go wrong.

use std::fmt::Write as _;

use unleak_testkit::{Random, TestEnvironment, TestRepo};

const PATHS: [&str; 10] =
    ["a", "b/c", "b/c2", "b/d/e/f/g/h/i/j", "lib/x", "lib/y/z", "x", "lib.c", "b-/c", "one two/ümlaut"];
const FOLDERS: [&str; 4] = ["lib", "vendor/lib", "b/d", "third/party/deep/lib"];

/// A repository `name` of `commits` commits; the same for the same seed.
pub(crate) fn generated<'e>(
    environment: &'e TestEnvironment,
    name: &str,
    seed: u64,
    commits: usize,
) -> TestRepo<'e> {
    let repo = TestRepo::init(environment, name);
    let mut random = Random::new(seed);
    let mut stream = String::new();
    let mut tips: Vec<usize> = Vec::new();
    for mark in 1..=commits {
        let branch = if tips.is_empty() || random.one_in(15) {
            tips.push(0);
            tips.len() - 1
        } else {
            random.below(tips.len())
        };
        commit(&mut stream, &mut random, mark, branch, &tips);
        tips[branch] = mark;
    }
    repo.fast_import(stream.as_bytes());
    if seed.is_multiple_of(2) {
        repo.git(["repack", "-a", "-d", "-f", "--quiet"]);
    }
    repo
}

fn commit(stream: &mut String, random: &mut Random, mark: usize, branch: usize, tips: &[usize]) {
    let skew = if random.one_in(8) { 9_000_000 * random.below(3) } else { 0 };
    let time = 1_704_067_200 + mark * 60 - skew;
    let _ = writeln!(stream, "commit refs/heads/branch-{branch}\nmark :{mark}");
    let _ = writeln!(stream, "committer C <c@project.test> {time} +0000\ndata 2\nm");
    if tips[branch] > 0 {
        let _ = writeln!(stream, "from :{}", tips[branch]);
        let mut merged: Vec<usize> =
            tips.iter().copied().filter(|tip| *tip > 0 && *tip != tips[branch]).collect();
        merged.truncate(if random.one_in(4) { 1 + random.below(3) } else { 0 });
        for other in merged {
            let _ = writeln!(stream, "merge :{other}");
        }
    }
    for _ in 0..random.below(4) {
        let path = random.pick(&PATHS);
        if random.one_in(3) {
            let _ = writeln!(stream, "D \"{path}\"");
        } else {
            let _ = writeln!(stream, "M 100644 inline \"{path}\"\ndata 10\ncontent {}", random.below(7));
            stream.push('\n');
        }
    }
    if random.one_in(3) {
        // The same subtree under two names, or under another one.
        let (from, to) = (random.pick(&FOLDERS), random.pick(&["copy", "b/copy", "moved/far/away"]));
        let _ = writeln!(
            stream,
            "M 100755 inline {from}/same\ndata 4\nsame\nM 120000 inline {from}/link\ndata 1\na"
        );
        let _ = writeln!(stream, "{} {from} {to}", random.pick(&["C", "R"]));
    }
}
