#!/usr/bin/env bash
# A working tree scanned, beside ripgrep looking for a literal that does not occur, in the same run.
#
#   benches/tree.sh FOLDER [RUNS]
#
# FOLDER is a checkout, or any folder. Runs are interleaved; figures are medians. UNLEAK names another binary than
# target/release/unleak, RG another ripgrep than the one on PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/measure.sh

folder=${1:?usage: benches/tree.sh FOLDER [RUNS]}
runs=${2:-5}
unleak=${UNLEAK:-target/release/unleak}
rg=${RG:-rg}
[ -x "$unleak" ] || { echo "error: $unleak is not there: cargo build --release" >&2; exit 2; }
command -v "$rg" >/dev/null || { echo "error: ripgrep is not there: cargo install ripgrep" >&2; exit 2; }

search() { "$rg" -uu --glob '!.git' -c 'zqxjkvbnmwq-is-not-there' "$folder"; }
scan() { "$unleak" scan --no-git --format json "$folder"; }

folder=$(cd "$folder" && pwd)
echo "folder      $folder"
echo "files       $(find "$folder" -name .git -prune -o -type f -print | wc -l)"
echo "megabytes   $(du -sm --apparent-size --exclude=.git "$folder" | cut -f1)"
echo "runs        $runs, $("$rg" --version | head -n 1), $("$unleak" --version), $(nproc) cores"

search >/dev/null || true # the first reading is the disk's
for _ in $(seq "$runs"); do
    measure rg search
    measure scan scan
done

echo
printf '%-28s %9s %9s %9s %8s %8s\n' "" "wall s" "cpu s" "max MB" "wall x" "cpu x"
row "rg -uu" rg rg
row "unleak scan" scan rg
