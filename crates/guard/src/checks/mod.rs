//! What only code can tell about a call, one question a file. Each says nothing, or what to add to the policy's words.

mod environment;
mod hook_files;
mod infrastructure;
mod production;
mod removal;
mod setting;
mod sql;
mod staging;
mod store;

use std::path::Path;

pub(crate) use hook_files::takes_out;
pub use infrastructure::{Binding, bindings, service_account};
pub(crate) use store::is_store;

use crate::checks::world::World;
use crate::policy::{Call, Check, Policy, options};

mod world;
pub(crate) use world::{Said, World as Around};

/// Asks the policy's question; `Some` if the policy applies, with what else there is to say.
///
/// # Errors
/// When it cannot be answered.
pub(crate) fn ask(
    check: Check,
    policy: &Policy,
    call: &Call,
    folder: Option<&Path>,
    world: &World<'_>,
) -> Said {
    let options = options(world.policies, policy, call);
    match check {
        Check::Adds => staging::adds(call, &options, folder, world),
        Check::Commits => staging::commits(&options, folder, world),
        Check::SetsHooks => Ok(setting::sets_hooks(&options)),
        Check::SetsForce => Ok(setting::sets_force(call, &options)),
        Check::ChangesHooks => Ok(hook_files::changes(call, &options, folder, world)),
        Check::ReadsStore => Ok(store::reads(call, folder, world)),
        Check::PrintsEnvironment => Ok(environment::prints(call)),
        Check::DestructiveSql => Ok(production::destroys(call, &options, folder, world)),
        Check::ProductionUrl => Ok(production::url(call, &options, folder, world)),
        Check::Removes => removal::removes(call, &options, folder, world),
        Check::Cleans => removal::cleans(&options, folder, world),
        Check::ServiceAccount => Ok(infrastructure::uses(call, folder, world)),
    }
}
