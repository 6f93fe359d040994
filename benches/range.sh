#!/usr/bin/env bash
# What a CI gate costs: the last commits of a long history, beside `git log -p` over the same ones, and other scanners.
#
#   benches/range.sh REPOSITORY [COMMITS] [RUNS]
#
# The range is the shortest along first parents that has at least COMMITS commits (20). UNLEAK names another binary than
# target/release/unleak; GITLEAKS, BETTERLEAKS and KINGFISHER those of other scanners, which are left out where they are
# not set. None of them asks a vendor anything.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/measure.sh

repository=$(realpath "${1:?usage: benches/range.sh REPOSITORY [COMMITS] [RUNS]}")
commits=${2:-20}
runs=${3:-15}
unleak=$(realpath "${UNLEAK:-target/release/unleak}")
[ -x "$unleak" ] || { echo "error: $unleak is not there: cargo build --release" >&2; exit 2; }

head=$(git -C "$repository" rev-parse HEAD)
for base in $(git -C "$repository" rev-list --first-parent -n "$((commits + 1))" HEAD); do
    count=$(git -C "$repository" rev-list --count "$base..$head")
    if [ "$count" -ge "$commits" ]; then break; fi
done
echo "range       $count commits of $(git -C "$repository" rev-list --count "$head"), $(git -C "$repository" for-each-ref | wc -l) refs, $repository"
echo "load        $(cut -d ' ' -f 1-3 /proc/loadavg) before the first run"

export base head
log_p() { git -C "$repository" log -p "$base..$head"; }
scan() { "$unleak" scan --range "$base..$head" --no-baseline "$repository"; }
gitleaks() { "$GITLEAKS" git --no-banner --exit-code 0 --log-opts "$base..$head" "$repository"; }
betterleaks() { "$BETTERLEAKS" git --no-banner --exit-code 0 --log-opts "$base..$head" "$repository"; }
kingfisher() {
    local status=0
    # 200 and 205 mean findings.
    "$KINGFISHER" scan --no-validate --no-update-check --since-commit "$base" --branch "$head" "$repository" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 200 ] || [ "$status" -eq 205 ]
}

peers=()
for peer in gitleaks betterleaks kingfisher; do
    program=${peer^^}
    if [ -n "${!program:-}" ]; then peers+=("$peer"); fi
done
for _ in $(seq "$runs"); do
    measure log-p log_p
    measure scan scan
    for peer in "${peers[@]}"; do measure "$peer" "$peer"; done
done

echo
printf '%-28s %9s %9s %9s %8s %8s\n' "" "wall s" "cpu s" "max MB" "wall x" "cpu x"
row "git log -p" log-p log-p
row "unleak scan --range" scan log-p
for peer in "${peers[@]}"; do row "$peer" "$peer" log-p; done
