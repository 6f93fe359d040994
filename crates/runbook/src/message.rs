//! What to write to colleagues: what happened, what to do, by when. Nothing of the secret.

use crate::situation::Situation;

/// The message.
pub(crate) fn message(situation: &Situation) -> String {
    let repository = &situation.repository;
    let map = situation.map_id.as_ref().map_or_else(String::new, |id| format!(" --map-id {id}"));
    format!(
        "Subject: {repository} has a new history: please act before you push again\n\n\
         A credential had been committed to {repository}. It has been revoked, and history was rewritten so that it is not in \
         it any more. Commits since then have new ids.\n\n\
         By DATE, in every clone you have (also on servers and in CI):\n\n\
         \x20   unleak rejoin{map}\n\n\
         It moves your branches, tags, stashes and worktrees onto the new history and keeps work that is not pushed. It can be \
         undone (unleak undo) until you make it final (unleak purge). A clone without work of your own: delete it and clone \
         again.\n\n\
         Please do not merge the old history into the new one, do not push from a clone that has not rejoined, and do not \
         post ids of old commits. If you have a fork, delete it or clean it the same way. Open pull requests from old branches \
         must be made anew.\n\n\
         Questions, or a clone that cannot rejoin: NAME, CHANNEL.\n"
    )
}
