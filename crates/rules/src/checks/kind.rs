//! The names of the structural checks.

/// One of the structural checks that a rule file can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckKind {
    /// A CRC-32 written in base 62 closes the token.
    Crc32Base62,
    /// A CRC-32 written in hexadecimal closes the token.
    Crc32Hex,
    /// A CRC-32 written in hexadecimal, its last byte first, closes the token.
    Crc32HexLe,
    /// A CRC-32 written in base 36 closes the token.
    Crc32Base36,
    /// A CRC-32 written in base 64, its last byte first, closes the token.
    Crc32Base64Le,
    /// The start of a SHA-256 written in base 32 follows the token.
    Sha256Base32,
    /// A base 64 key ends in the Marvin32 of what precedes.
    Marvin32,
    /// The same, where `+` and `/` were replaced by letters.
    Marvin32Letters,
    /// The first digits of a Marvin32, written in 66 characters, close the token.
    Marvin32Base66,
    /// A common annotated security key, which holds its date.
    AnnotatedKey,
    /// A common annotated security key of the published standard, which holds its time and has no checksum.
    CaskKey,
    /// An Azure DevOps personal access token of 52 characters, with a CRC-32 strewn in.
    AzureDevopsPat,
    /// Base 58 with a checksum: Bitcoin keys.
    Base58Check,
    /// Bech32: age and Nostr keys.
    Bech32,
    /// A mnemonic of BIP-39, in English.
    Bip39,
    /// A payload that says where a GitLab token is routed to.
    RoutingPayload,
    /// A macaroon in the binary format, version 2.
    Macaroon,
    /// Macaroons as Fly.io packs them.
    MacaroonMsgpack,
    /// A JSON object in base 64 with given fields.
    Base64Json,
    /// User and password in base 64.
    BasicAuth,
    /// A number and random bytes in base 64.
    NumberedToken,
    /// A label, numbers, the expiry and random characters in base 64.
    ReferenceToken,
    /// A `JFrog` API key: base 58 of 54 bytes.
    JfrogKey,
    /// A Discord bot token, which holds the bot's id and two dates.
    DiscordToken,
    /// Named groups of the rule that are worth telling.
    Captured,
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
    /// The file of `DBeaver`'s passwords, sealed with a key that everybody has.
    DbeaverCredentials,
}

impl CheckKind {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 36] = [
        Self::Crc32Base62,
        Self::Crc32Hex,
        Self::Crc32HexLe,
        Self::Crc32Base36,
        Self::Crc32Base64Le,
        Self::Sha256Base32,
        Self::Marvin32,
        Self::Marvin32Letters,
        Self::Marvin32Base66,
        Self::AnnotatedKey,
        Self::CaskKey,
        Self::AzureDevopsPat,
        Self::Base58Check,
        Self::Bech32,
        Self::Bip39,
        Self::RoutingPayload,
        Self::Macaroon,
        Self::MacaroonMsgpack,
        Self::Base64Json,
        Self::BasicAuth,
        Self::NumberedToken,
        Self::ReferenceToken,
        Self::JfrogKey,
        Self::DiscordToken,
        Self::Captured,
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
        Self::DbeaverCredentials,
    ];

    /// The kind that rule files call `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name in rule files, such as `crc32-base62`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crc32Base62 => "crc32-base62",
            Self::Crc32Hex => "crc32-hex",
            Self::Crc32HexLe => "crc32-hex-le",
            Self::Crc32Base36 => "crc32-base36",
            Self::Crc32Base64Le => "crc32-base64-le",
            Self::Sha256Base32 => "sha256-base32",
            Self::Marvin32 => "marvin32",
            Self::Marvin32Letters => "marvin32-letters",
            Self::Marvin32Base66 => "marvin32-base66",
            Self::AnnotatedKey => "annotated-key",
            Self::CaskKey => "cask-key",
            Self::AzureDevopsPat => "azure-devops-pat",
            Self::Base58Check => "base58check",
            Self::Bech32 => "bech32",
            Self::Bip39 => "bip39",
            Self::RoutingPayload => "routing-payload",
            Self::Macaroon => "macaroon",
            Self::MacaroonMsgpack => "macaroon-msgpack",
            Self::Base64Json => "base64-json",
            Self::BasicAuth => "basic-auth",
            Self::NumberedToken => "numbered-token",
            Self::ReferenceToken => "reference-token",
            Self::JfrogKey => "jfrog-key",
            Self::DiscordToken => "discord-token",
            Self::Captured => "captured",
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
            Self::DbeaverCredentials => "dbeaver-credentials",
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

    /// The name of the list of texts that the check takes from the rule, if it takes one.
    pub fn argument(self) -> Option<&'static str> {
        match self {
            Self::Marvin32 | Self::Marvin32Letters | Self::Marvin32Base66 | Self::AnnotatedKey => {
                Some("seeds")
            }
            Self::Base64Json | Self::Captured => Some("fields"),
            _ => None,
        }
    }
}
