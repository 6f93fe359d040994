# Sourced by the scripts beside it: runs a command and keeps what it took.
#
# `measure NAME COMMAND...` appends "wall cpu max-resident-KB" to the record of NAME. Wall and CPU time come from bash's
# `time`, to the millisecond; memory from GNU time where it is installed, else it is 0.

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
TIMEFORMAT='%R %U %S'
LC_ALL=C
gnu_time=$(type -P time || true)

measure() {
    local name=$1 status=0
    shift
    { time "$@" >/dev/null 2>"$scratch/stderr"; } 2>"$scratch/times" || status=$?
    # 1 means findings, which a benchmark does not mind.
    if [ "$status" -gt 1 ]; then
        echo "error: $* ended with $status" >&2
        cat "$scratch/stderr" >&2
        exit 2
    fi
    awk '{print $1, $2 + $3}' "$scratch/times" >>"$scratch/$name"
    [ -s "$scratch/$name.memory" ] || memory "$name" "$@"
}

# Once for each name, since it takes a run of its own.
memory() {
    local name=$1
    shift
    echo 0 >"$scratch/$name.memory"
    if [ -n "$gnu_time" ] && "$gnu_time" -f %M true >/dev/null 2>&1; then
        export -f "${1?}" # the command is a function of the script
        repository=${repository-} folder=${folder-} unleak=${unleak-} rg=${rg-} \
            "$gnu_time" -f %M -o "$scratch/$name.memory" bash -c '"$@"' measure "$@" >/dev/null 2>&1 || true
        # A line about the exit code may come first.
        tail -n 1 "$scratch/$name.memory" >"$scratch/memory" && mv "$scratch/memory" "$scratch/$name.memory"
    fi
}

# The median of column $2 of the record of $1.
median() { awk -v column="$2" '{print $column}' "$scratch/$1" | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# A line of the table: title, record, and the record it is compared with.
row() {
    awk -v title="$1" -v wall="$(median "$2" 1)" -v cpu="$(median "$2" 2)" -v memory="$(cat "$scratch/$2.memory")" \
        -v wall0="$(median "$3" 1)" -v cpu0="$(median "$3" 2)" \
        'BEGIN {printf "%-28s %9.3f %9.3f %9.0f %8.2f %8.2f\n", title, wall, cpu, memory / 1024, wall / (wall0 ? wall0 : 1), cpu / (cpu0 ? cpu0 : 1)}'
}

# Of a JSON report, what must not depend on the number of threads.
findings() { sed 's/"elapsed_ms":[^,}]*//; s/"elapsed_ms": *[0-9]*//; s/"threads": *[0-9]*//'; }
