#!/usr/bin/env bash
# Whether a scan by what is new in each version has exactly the findings of one that scans every version whole.
#
#   benches/exactness.sh [--repacked] REPOSITORY...
#
# Reports are compared to the byte, with all objects, secrets below the threshold and coverage, but for times. With
# --repacked a copy of each is also stored in other ways: deep deltas, no deltas, deltas by id, several packs with a
# multi-pack-index and a cruft pack, borrowed objects, a pack of promised objects. UNLEAK names another binary than
# target/release/unleak.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/measure.sh

unleak=${UNLEAK:-target/release/unleak}
[ -x "$unleak" ] || { echo "error: $unleak is not there: cargo build --release" >&2; exit 2; }
unleak=$(realpath "$unleak")
repacked=false
[ "${1-}" != --repacked ] || { repacked=true; shift; }
[ $# -gt 0 ] || { echo "usage: benches/exactness.sh [--repacked] REPOSITORY..." >&2; exit 2; }
failed=0

scan() {
    local status=0
    "$unleak" scan --history --all-objects --all --no-baseline --no-cache --format json "$@" \
        >"$scratch/report" 2>"$scratch/stderr" || status=$?
    # 1 means findings, 2 that objects are missing, too: the reports say so, and are compared.
    [ "$status" -le 2 ] || { cat "$scratch/stderr" >&2; exit 2; }
    findings <"$scratch/report"
}

# compare WHAT REPOSITORY
compare() {
    scan "$2" >"$scratch/change"
    scan --whole-versions "$2" >"$scratch/whole"
    local verdict=same count
    cmp -s "$scratch/change" "$scratch/whole" || { verdict=DIFFERENT failed=1; }
    count=$(grep -o '"fingerprint"' "$scratch/whole" | wc -l)
    [ "$count" -gt 0 ] || grep -q '"findings"' "$scratch/whole" || { verdict="NO REPORT" failed=1; }
    printf '%-40s %-24s %8s findings  %s\n' "$name" "$1" "$count" "$verdict"
}

repack() { git -C "$copy" -c gc.auto=0 -c pack.threads=2 repack -q "$@"; }

for repository; do
    repository=$(cd "$repository" && pwd)
    name=$(basename "$(dirname "$repository")")/$(basename "$repository")
    compare "as it is" "$repository"
    "$repacked" || continue
    copy=$scratch/copy
    rm -rf "$copy"
    git clone -q --mirror --shared "$repository" "$copy"
    compare "borrowed" "$copy"
    # From here on it has objects of its own.
    if ! repack -a -d -f --depth=250 --window=50 2>/dev/null; then
        printf '%-40s %-24s %8s findings  %s\n' "$name" "repacked" "no" "git cannot: objects are missing"
        continue
    fi
    rm "$copy/objects/info/alternates"
    compare "depth 250, window 50" "$copy"
    repack -a -d -F --depth=0 --window=0
    compare "no deltas" "$copy"
    git -C "$copy" config repack.useDeltaBaseOffset false
    repack -a -d -F
    compare "deltas by id" "$copy"
    touch "$(ls "$copy"/objects/pack/*.pack | head -n 1 | sed 's/pack$/promisor/')"
    compare "promised" "$copy"
    rm "$copy"/objects/pack/*.promisor
    # What only half of the refs reach becomes cruft.
    git -C "$copy" for-each-ref --format='delete %(refname)' | awk 'NR % 2' | git -C "$copy" update-ref --stdin
    repack --cruft -d
    git -C "$copy" rev-list --objects --all | awk 'NR % 3 == 0 {print $1}' |
        git -C "$copy" pack-objects -q objects/pack/pack >/dev/null
    git -C "$copy" multi-pack-index write
    compare "cruft, copies, index" "$copy"
done
exit "$failed"
