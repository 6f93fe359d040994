//! Whether a policy is about a call, as far as words can tell.

use crate::policy::syntax::{Policies, Policy};
use crate::policy::wild::matches;
use crate::shell::{Arg, Invocation, Options};

/// A call, with what git adds to one: settings, and where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The program and everything around it. Git's own options before the subcommand are taken off.
    pub invocation: Invocation,
    /// Settings for this call (`git -c`), keys in lower case.
    pub settings: Vec<(String, String)>,
}

impl Call {
    /// The first operand.
    pub fn subcommand(&self) -> Option<&str> {
        self.invocation.args.iter().map(|arg| &arg.text[..]).find(|text| !text.starts_with('-'))
    }
}

/// The arguments behind the subcommand where a policy names some, else all, read with what is known of their flags.
pub fn options(policies: &Policies, policy: &Policy, call: &Call) -> Options {
    let args: &[Arg] = &call.invocation.args;
    let skip = usize::from(!policy.subcommands.is_empty());
    let own = |words: &[String]| {
        let subcommand = (skip == 1).then(|| call.subcommand()).flatten();
        words[0] == call.invocation.program
            && words.get(1).is_none_or(|word| Some(word.as_str()) == subcommand)
    };
    let flags = policies.programs.iter().find(|program| own(&program.words));
    let flags = flags.map(|program| &program.value_flags[..]).unwrap_or_default();
    let start = args.iter().position(|arg| !arg.text.starts_with('-')).filter(|_| skip == 1);
    Options::read(start.map_or(args, |start| &args[start + 1..]), flags)
}

/// Whether everything but the policy's check holds.
pub fn applies(policies: &Policies, policy: &Policy, call: &Call) -> bool {
    let invocation = &call.invocation;
    let begins = policy.calls.iter().any(|beginning| {
        let piped = !invocation.piped.is_empty() && policy.except_piped.contains(beginning);
        !piped && begins(beginning, invocation)
    });
    let named = policy.programs.iter().any(|program| *program == invocation.program || program == "*");
    if !begins && !named {
        return false;
    }
    let subcommand = call.subcommand();
    if !policy.subcommands.is_empty()
        && !policy.subcommands.iter().any(|one| Some(one.as_str()) == subcommand)
    {
        return false;
    }
    let asks_for_more = [&policy.flags, &policy.words, &policy.settings, &policy.variables];
    if asks_for_more.iter().all(|list| list.is_empty()) && policy.without.is_empty() {
        return true;
    }
    let options = options(policies, policy, call);
    if policy.without.iter().any(|flag| options.has(flag)) {
        return false;
    }
    policy.flags.iter().any(|flag| options.has(flag))
        || policy.words.iter().any(|pattern| options.operands.iter().any(|word| matches(pattern, &word.text)))
        || policy.settings.iter().any(|wanted| {
            call.settings.iter().any(|(key, value)| match wanted.split_once('=') {
                Some((pattern, wanted)) => matches(pattern, key) && matches(wanted, value),
                None => matches(wanted, key),
            })
        })
        || policy
            .variables
            .iter()
            .any(|wanted| invocation.variables.iter().any(|(name, value)| sets(wanted, name, &value.text)))
}

/// `NAME` set to anything, or `NAME=VALUE`.
fn sets(wanted: &str, name: &str, value: &str) -> bool {
    match wanted.split_once('=') {
        Some((wanted, pattern)) => matches(wanted, name) && matches(pattern, value),
        None => matches(wanted, name) && !value.is_empty(),
    }
}

/// Whether a call begins with these words; flags, and one value after each, may stand between.
fn begins(beginning: &str, invocation: &Invocation) -> bool {
    let mut words = beginning.split(' ');
    if words.next() != Some(&invocation.program) {
        return false;
    }
    let mut wanted = words.next();
    let mut after_flag = false;
    for arg in &invocation.args {
        let Some(word) = wanted else { return true };
        if arg.text == word {
            wanted = words.next();
            after_flag = false;
        } else if arg.text.starts_with('-') {
            after_flag = !arg.text.contains('=');
        } else if !std::mem::take(&mut after_flag) {
            return false;
        }
    }
    wanted.is_none()
}
