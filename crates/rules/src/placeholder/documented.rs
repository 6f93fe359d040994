//! Recognises credentials that a vendor's or a standard's own documentation prints for everyone.
//!
//! Kept as digests, so that no scanner trips over this list. Digests are of the whole value as it is documented: a
//! credential that merely resembles one is still a finding.

use sha2::{Digest as _, Sha256};

use super::textbook::is_signed_for_all;

/// Lengths of the values below; others are not hashed.
const LENGTHS: &[usize] =
    &[11, 12, 14, 16, 20, 22, 24, 32, 35, 36, 40, 42, 43, 45, 53, 64, 66, 77, 80, 86, 88, 149, 155, 172, 342];
/// The first 16 bytes of each value's SHA-256.
const DOCUMENTED: &[u128] = &[
    // AWS, IAM User Guide.
    0x1a5d_44a2_dca1_9669_d72e_df4c_4f1c_27c4,
    0x7831_4b11_be2e_5815_49ac_1c4f_6165_63fa,
    0xc6ea_27c5_34f9_93d3_1f0a_ef88_2e3d_200e,
    0xe21b_597b_a6b9_cafa_59d9_ebc4_d65c_0385,
    // Stripe, API reference.
    0x2caf_c097_0149_a84f_3b9e_62ea_f169_f36f,
    0xf2d6_ca16_5150_33e5_dce1_4eba_840b_979d,
    0x2d1f_7723_aabc_5c7a_51fc_dc24_63c9_9b5f,
    0xb147_1f54_4cee_ea31_333b_de7e_1ecb_aad6,
    0x5895_b89c_8fb3_3402_a5bf_c23a_ad5a_af86,
    // Slack, "Verifying requests", "Incoming webhooks".
    0x6adb_fd17_8516_c8ef_e589_6d4d_0d66_d270,
    0x1483_d4f8_3d22_94fa_d6ab_cb75_a8f9_6f8f,
    0x3047_79c4_de12_ef17_c3b7_f211_0420_6b3d,
    0xf537_5a46_3650_89a8_4f4f_822b_70d4_4e74,
    0xf5c3_8873_4d28_087b_33b4_53e4_3c43_8371,
    // GitHub, "Generating a user access token", "Refreshing user access tokens".
    0xbc3a_e723_f57c_6b9e_3fd8_0b69_9fcc_420f,
    0x82e7_4299_544e_0073_8f9c_0acb_69b1_eb34,
    0x3543_c50b_0cb9_cea8_e55e_b1f5_29b7_9f04,
    0x797c_0ce4_1458_6cc8_eb69_29af_e947_c720,
    0x7e49_8f91_828a_193c_ac5e_cbe7_8ab4_7c6c,
    0x6d7f_a4e6_4d4b_1f3e_a319_62e2_58b6_84de,
    0x8600_7eb3_6769_6d32_02a9_3e1e_f98e_8e9e,
    // jwt.io, the debugger's tokens over the years.
    0x7f75_367e_7881_2551_34e1_375e_723d_1dea,
    0xda81_6f9f_2c16_e6c5_390e_7636_cadc_40c4,
    0xc794_fa6d_20c6_4efb_9adf_980a_e93a_f472,
    // Microsoft, Azurite and the Cosmos DB emulator.
    0x0011_cc25_eb43_2071_7494_d270_3e8c_ba85,
    0xaa65_4743_9583_c3a2_75d4_542a_0df6_c1ad,
    // Google, reCAPTCHA FAQ; hCaptcha, Cloudflare Turnstile: test keys.
    0xf5e9_5c99_5463_5b65_acab_57e6_d5ea_663e,
    0x03b9_70ed_8171_d73b_58bb_c9a5_c72e_3e4e,
    0x0fff_9ee6_71b0_5ea2_5f58_ed95_8463_5fad,
    0xfb8f_3512_9df8_7662_c650_ada1_2fd6_14f1,
    0x1e3e_5865_6012_d861_e23d_eae6_4f17_7673,
    0x841b_4f5b_0b34_e19a_da74_f47a_8883_1efb,
    // MinIO, play.min.io.
    0x1bbb_9293_c38a_cc5e_510d_9044_9584_5d53,
    0xdf45_2eef_23e8_cf2c_74af_54c0_c741_9c05,
    // Hardhat and Anvil, the first accounts.
    0xbc1a_5096_6c9e_6486_bc4e_bf88_0b51_611a,
    0x60a0_9e43_5786_8c1e_9b80_1052_726d_061c,
    0x8335_c553_3482_1eef_d433_4369_ff9c_04a8,
    0x0951_01cf_732c_298a_0ce0_320b_9de7_0420,
    // Microsoft, nuget.config reference; BotFather; kubernetes.io, "Secrets".
    0xdba7_2c00_f41f_4e4c_435e_2491_a5e1_ce01,
    0xa070_2bc9_1d69_9f60_0970_f4dc_4992_b13e,
    0x6f37_91a5_7f1d_6dd8_05f1_85c6_c500_c6b4,
    0xa7b5_80d7_11ef_2807_c7f1_1d88_1a1e_7ff8,
    0x13fe_7a38_a57c_4605_3ee3_a471_6358_619f,
    // RFC 7517 appendix A, RFC 7515 appendix A.1.
    0xa454_04ae_333d_d955_dcff_82cf_2897_2e0f,
    0x2e4f_f57e_9c83_2eda_b47d_cc5a_7ba5_ef54,
    0x57af_c116_65be_b68d_e7cc_d6df_1b38_453b,
    0x8b1b_17a9_740c_068a_ccab_5c3d_0d65_2c8e,
    // RFC 7515 appendix A.3, RFC 8037 appendix A.1.
    0x5ccf_2edb_4f07_0f0b_180f_1ada_db1b_e7c5,
    0x190e_df59_d573_6c3b_3ea6_bb36_d57f_5eb4,
];

/// Whether `value` is a documented example, byte for byte, or signed with a documented key.
pub fn is_documented(value: &[u8]) -> bool {
    is_signed_for_all(value)
        || LENGTHS.contains(&value.len()) && {
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
            ["33f!!ll", "oppa"],
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
