//! The names of the readers and encodings that a rule file can ask for.

use serde::Deserialize;

/// A grammar in which a file as a whole is read, value by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileReader {
    /// `KEY=value` and `key: value` lines: `.env`, and the many formats that read alike.
    Dotenv,
    /// `.netrc`: `machine`, `login` and `password` on one line or on several.
    Netrc,
}

/// A grammar in which the passage around a match is read, value by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentReader {
    /// A Kubernetes Secret manifest: values whose key or shape says that they are secret, decoded.
    KubernetesSecret,
    /// The same manifest: every value but those whose key says that it is none, decoded.
    KubernetesData,
    /// An SQL statement and its rows: salted hashes of passwords.
    SqlHash,
    /// The same: hashes without salt, which only the name of their column tells.
    SqlDigest,
}

/// How a secret is written where it is found; the rule's filter judges what it stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// As it is.
    #[default]
    Plain,
    /// Base64.
    Base64,
    /// `user:password` in base64, of which the password is judged.
    BasicAuth,
}

impl FileReader {
    /// The name in rule files, such as `netrc`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Netrc => "netrc",
        }
    }
}

impl DocumentReader {
    /// The name in rule files, such as `kubernetes-secret`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KubernetesSecret => "kubernetes-secret",
            Self::KubernetesData => "kubernetes-data",
            Self::SqlHash => "sql-hash",
            Self::SqlDigest => "sql-digest",
        }
    }
}

impl Encoding {
    /// The name in rule files, such as `base64`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Base64 => "base64",
            Self::BasicAuth => "basic-auth",
        }
    }
}
