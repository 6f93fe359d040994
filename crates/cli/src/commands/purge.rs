//! placeholder
#[derive(Debug, clap::Args)]
pub(crate) struct PurgeArgs {}
pub(crate) fn run(
    _a: &PurgeArgs,
    _e: &crate::environment::Environment,
    _t: crate::terminal::Terminal,
) -> Result<crate::exit_code::ExitStatus, crate::error::CliError> {
    Ok(crate::exit_code::ExitStatus::Clean)
}
