//! Secrets are replaced in all their forms, and nothing else is.

use unleak_remediate::{Replacer, ReplacerError, Style};

#[test]
fn a_secret_is_replaced_as_it_is() {
    let replacer = Replacer::for_secrets([b"correct horse".to_vec()], Style::Fixed).unwrap();
    assert_eq!(replacer.replace(b"a correct horse b").unwrap().unwrap(), b"a ***REMOVED*** b");
    assert!(!replacer.finds(b"correct  horse"));
}

#[test]
fn a_short_secret_is_refused_by_its_length_alone() {
    let error = Replacer::for_secrets([b"abc".to_vec()], Style::Fixed).unwrap_err();
    assert_eq!(error, ReplacerError::TooShort { length: 3, least: 4 });
}
