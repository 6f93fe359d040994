//! A `pre-receive` hook to hand to an administrator: plain `sh` and git, with the ban list inside.

use crate::bans::BanList;

/// The hook. It refuses every push that would bring a banned commit, tag or blob back to a branch or a tag; everything else
/// passes. Without git's objects of the push nothing can be told, and the push is refused.
pub fn pre_receive_hook(list: &BanList) -> String {
    let ids: Vec<String> = list.ids().map(ToString::to_string).collect();
    format!("{BEFORE}{}\n{AFTER}", ids.join("\n"))
}

const BEFORE: &str = r"#!/bin/sh
# Refuses pushes that bring back what was removed from this history because it held a secret.
# Made by `unleak ban --pre-receive`. Put it into the hooks of the repository as `pre-receive`, executable;
# on GitHub Enterprise Server: a pre-receive hook; on GitLab: a server hook; on Gitea: a git hook.
# Branches and tags are compared with branches and tags: what a host keeps elsewhere (merge requests, keep-around)
# counts for nothing. What is pushed lies in quarantine until this hook agrees.

banned() {
    cat <<'IDS'
";

const AFTER: &str = r#"IDS
}

list=$(mktemp) && seen=$(mktemp) || exit 1
trap 'rm -f "$list" "$seen"' EXIT
banned >"$list"

status=0
while read -r old new ref; do
    case $new in *[!0]*) ;; *) continue ;; esac
    if ! git rev-list --objects --no-object-names "$new" --not --branches --tags >"$seen"; then
        echo "$ref cannot be checked for what was removed from this history: refused." >&2
        status=1
        continue
    fi
    found=$(grep -F -x -m 1 -f "$list" "$seen")
    case $? in
        0)
            echo "$ref brings back $found, which was removed because it held a secret: refused." >&2
            echo "Your clone stands on the old history. Run there: unleak rejoin" >&2
            status=1
            ;;
        1) ;;
        *) status=1 ;;
    esac
done
exit $status
"#;
