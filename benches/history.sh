#!/usr/bin/env bash
# A full scan of history beside git's own way of printing every object, on the same repository in the same run.
#
#   benches/history.sh REPOSITORY [RUNS]
#
# Runs are interleaved, so that what else the machine does falls on all alike. Wall and CPU time are medians, memory is
# the most of all runs. UNLEAK names another binary than target/release/unleak.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/measure.sh

repository=${1:?usage: benches/history.sh REPOSITORY [RUNS]}
runs=${2:-5}
unleak=${UNLEAK:-target/release/unleak}
[ -x "$unleak" ] || { echo "error: $unleak is not there: cargo build --release" >&2; exit 2; }

cat_file() { git -C "$repository" cat-file --batch-all-objects --batch --unordered --buffer; }
scan() { "$unleak" scan --no-baseline --no-cache --history --jobs "$1" --format json "$repository"; }

repository=$(cd "$repository" && pwd)
echo "repository  $repository"
echo "commits     $(git -C "$repository" rev-list --all --count)"
echo "objects     $(git -C "$repository" count-objects -v | awk '/^(count|in-pack):/ {n += $2} END {print n}')"
echo "runs        $runs, $(git --version), $("$unleak" --version), $(nproc) cores"

cat_file >/dev/null # the first reading is the disk's
for _ in $(seq "$runs"); do
    measure cat-file cat_file
    measure scan-1 scan 1
    measure scan-2 scan 2
done

echo
printf '%-28s %9s %9s %9s %8s %8s\n' "" "wall s" "cpu s" "max MB" "wall x" "cpu x"
row "git cat-file" cat-file cat-file
row "unleak scan, 1 thread" scan-1 cat-file
row "unleak scan, 2 threads" scan-2 cat-file

one=$(scan 1 | findings || true)
two=$(scan 2 | findings || true)
if [ "$one" = "$two" ]; then echo "findings    the same with 1 and 2 threads"; else
    echo "error: findings differ between 1 and 2 threads" >&2
    exit 1
fi
