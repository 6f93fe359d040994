#!/usr/bin/env bash
# What a commit gate costs: one staged change in a large checkout, beside git's own comparison of index and HEAD.
#
#   benches/staged.sh REPOSITORY [RUNS]
#
# The checkout is a throwaway clone. UNLEAK names another binary than target/release/unleak.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/measure.sh

repository=${1:?usage: benches/staged.sh REPOSITORY [RUNS]}
runs=${2:-30}
unleak=$(realpath "${UNLEAK:-target/release/unleak}")
[ -x "$unleak" ] || { echo "error: $unleak is not there: cargo build --release" >&2; exit 2; }

checkout=$scratch/checkout
git clone --quiet --shared "$repository" "$checkout"
cd "$checkout"
files=$(git ls-files | wc -l)
echo "checkout    $files files of $repository"
[ "$files" -ge 4000 ] || echo "note: fewer than 4,000 files; the target speaks of at least as many"
file=$(git ls-files -s | awk '$1 == "100644" && !done {sub(/^[^\t]*\t/, ""); print; done = 1}')
printf '\none more line\n' >>"$file"
git add -- "$file"
echo "staged      $file"

diff_cached() { git diff --cached --raw; }
scan() { "$unleak" scan --staged; }
version() { "$unleak" --version; }

for _ in $(seq "$runs"); do
    measure diff diff_cached
    measure scan scan
    measure version version
done

echo
printf '%-28s %9s %9s %9s %8s %8s\n' "" "wall s" "cpu s" "max MB" "wall x" "cpu x"
row "git diff --cached --raw" diff diff
row "unleak scan --staged" scan diff
row "unleak --version" version diff
awk -v a="$(median scan 1)" -v b="$(median diff 1)" 'BEGIN {printf "difference  %.1f ms (scan - diff)\n", (a - b) * 1000}'
