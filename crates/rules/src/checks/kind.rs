//! The names of the structural checks.

/// One of the structural checks that a rule file can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckKind {
    /// A CRC-32 written in base 62 closes the token.
    Crc32Base62,
    /// A JSON Web Token.
    Jwt,
    /// A private key block: PEM, OpenSSH, PuTTY or PGP.
    PrivateKey,
    /// An AWS access key id, which holds the account number.
    AwsAccount,
    /// The JSON key file of a Google Cloud service account.
    GcpServiceAccount,
    /// A JSON Web Key with a private part.
    Jwk,
    /// A key of a Tink keyset in JSON.
    TinkKeyset,
    /// An NKEY seed of NATS.
    NkeySeed,
    /// A private key of WireGuard.
    WireguardKey,
    /// The private key of a VAPID pair.
    VapidKey,
    /// A PKCS#12, JKS or JCEKS file.
    KeyStore,
}

impl CheckKind {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 11] = [
        Self::Crc32Base62,
        Self::Jwt,
        Self::PrivateKey,
        Self::AwsAccount,
        Self::GcpServiceAccount,
        Self::Jwk,
        Self::TinkKeyset,
        Self::NkeySeed,
        Self::WireguardKey,
        Self::VapidKey,
        Self::KeyStore,
    ];

    /// The kind that rule files call `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name in rule files, such as `crc32-base62`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crc32Base62 => "crc32-base62",
            Self::Jwt => "jwt",
            Self::PrivateKey => "private-key",
            Self::AwsAccount => "aws-account",
            Self::GcpServiceAccount => "gcp-service-account",
            Self::Jwk => "jwk",
            Self::TinkKeyset => "tink-keyset",
            Self::NkeySeed => "nkey-seed",
            Self::WireguardKey => "wireguard-key",
            Self::VapidKey => "vapid-key",
            Self::KeyStore => "key-store",
        }
    }

    /// Whether what it checks is a cryptographic key and nothing else: those are often made for tests.
    pub fn is_of_keys(self) -> bool {
        matches!(
            self,
            Self::PrivateKey
                | Self::Jwk
                | Self::TinkKeyset
                | Self::NkeySeed
                | Self::WireguardKey
                | Self::VapidKey
                | Self::KeyStore
        )
    }
}
