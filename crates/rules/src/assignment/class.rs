//! The kinds of secrets that names speak of.

use serde::Deserialize;

/// What kind of secret a name says its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyClass {
    /// `password`, `DB_PASS`, `passphrase`: chosen by people, often short.
    Password,
    /// `client_secret`, `authToken`, `credentials`: made by machines.
    Secret,
    /// `api_key`, `encryptionKey`: made by machines.
    Key,
}
