#!/usr/bin/env bash
# A rewrite beside git's own plumbing and, if it is there, git-filter-repo, on copies of one repository in the same run.
#
#   benches/rewrite.sh REPOSITORY LITERAL PATH [RUNS]
#
# LITERAL stands in a few versions of files, PATH is a file of the history. The repository must be whole: none of its
# objects may be missing. UNLEAK names another binary than target/release/unleak, FILTER_REPO a git-filter-repo.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/measure.sh

repository=${1:?usage: benches/rewrite.sh REPOSITORY LITERAL PATH [RUNS]}
literal=${2:?a literal that stands in a few versions of files}
path=${3:?the path of a file to delete}
runs=${4:-3}
unleak=${UNLEAK:-target/release/unleak}
[ -x "$unleak" ] || { echo "error: $unleak is not there: cargo build --release" >&2; exit 2; }
unleak=$(realpath "$unleak")
repository=$(cd "$repository" && pwd)
filter_repo=${FILTER_REPO-$(type -P git-filter-repo || true)}
printf '%s\n' "$literal" >"$scratch/expressions"
echo 'zqxjkvbnmwq-is-not-there' >"$scratch/absent"

copy() { rm -rf "$scratch/copy" && git clone -q --mirror --local "$repository" "$scratch/copy"; }
cat_file() { peak git -C "$repository" cat-file --batch-all-objects --batch --unordered --buffer; }
rev_list() { peak git -C "$repository" rev-list --objects --all; }
# Runs a command once, and keeps the most memory it had: a second run of a rewrite is another one.
peak() { if [ -n "$gnu_time" ]; then "$gnu_time" -f %M -o "$scratch/peak" "$@"; else "$@"; fi; }
record() {
    echo 0 >"$scratch/$1.memory"
    echo 0 >"$scratch/peak"
    measure "$@"
    tail -n 1 "$scratch/peak" >"$scratch/$1.memory"
}
plan() { peak "$unleak" rewrite -C "$scratch/copy" "$@"; }
apply() { peak "$unleak" rewrite -C "$scratch/copy" --apply --backup none --allow many-files "$@"; }
filter_repo() { (cd "$scratch/copy" && peak "$filter_repo" --force --prune-empty never "$@"); }

echo "repository  $repository"
echo "commits     $(git -C "$repository" rev-list --all --count)"
echo "objects     $(git -C "$repository" count-objects -v | awk '/^(count|in-pack):/ {n += $2} END {print n}')"
echo "runs        $runs, $(git --version), $("$unleak" --version), $(nproc) cores"

cat_file >/dev/null # the first reading is the disk's
for _ in $(seq "$runs"); do
    record cat-file cat_file
    record rev-list rev_list
    copy
    record nothing plan --replace-text "$scratch/absent"
    record literal-plan plan --replace-text "$scratch/expressions"
    record path-plan plan --path "$path"
    record literal apply --replace-text "$scratch/expressions"
    copy
    record path apply --path "$path"
done
if [ -n "$filter_repo" ]; then
    copy
    record gfr-literal filter_repo --replace-text "$scratch/expressions"
    copy
    record gfr-path filter_repo --invert-paths --path "$path"
fi

echo
printf '%-28s %9s %9s %9s %8s %8s\n' "" "wall s" "cpu s" "max MB" "wall x" "cpu x"
row "git cat-file" cat-file cat-file
row "plan, literal not there" nothing cat-file
row "plan, literal" literal-plan cat-file
row "apply, literal" literal cat-file
[ -z "$filter_repo" ] || row "filter-repo, literal" gfr-literal cat-file
row "git rev-list --objects" rev-list rev-list
row "plan, path" path-plan rev-list
row "apply, path" path rev-list
[ -z "$filter_repo" ] || row "filter-repo, path" gfr-path rev-list
