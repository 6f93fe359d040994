//! What a check may look at besides the call.

use crate::facts::Facts;
use crate::policy::Policies;
use crate::scanner::Scanner;

/// Everything around a call.
#[derive(Clone, Copy)]
pub(crate) struct World<'w> {
    pub(crate) policies: &'w Policies,
    pub(crate) scanner: &'w Scanner,
    pub(crate) facts: &'w dyn Facts,
}

/// The answer of a check: the policy does not apply, or it does, with details that name what it is about.
pub(crate) type Said = Result<Option<String>, String>;
