//! The whole program from outside: the built binary on odd repositories, judged by what it prints and how it ends.
//!
//! One file a capability. Repositories are built by `unleak-testkit` and, the odd ones, by the commented scripts of
//! `tests/fixtures`; `git` itself is the second opinion wherever it has one.

mod scanning;

mod archives;
mod bad_input;
mod bans;
mod baseline;
mod dotenv;
mod drill;
mod exposure;
mod filter_repo_reruns;
mod fixing;
mod gates;
mod gitleaks;
mod guard;
mod hiding_places;
mod incomplete;
mod interrupt;
mod kept;
mod keys;
mod odd_content;
mod outside_git;
mod own_lists;
mod part;
mod probing;
mod pushing;
mod pushing_odd;
mod quiet_reader;
mod races;
mod range;
mod reachability;
mod rejoin_states;
mod rejoining;
mod reports;
mod rewriting;
mod rewriting_odd;
mod rules;
mod rules_list;
mod rules_new;
mod rules_test;
mod runbook;
mod staged;
mod storage;
