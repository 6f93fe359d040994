#!/usr/bin/env bash
# The hooks of .pre-commit-hooks.yaml that pre-commit builds itself: `rust` by cargo, `python` by pip. Installs each from a
# clone of this repository at HEAD, as a user's pre-commit would, and tries every gate of it with a planted secret.
#
#   tests/pre-commit-builds.sh PRE-COMMIT [rust|python]...
#
# Needs the registries of both. The builds are not optimised and share target/pre-commit.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
pre_commit=$(realpath "${1:?usage: tests/pre-commit-builds.sh PRE-COMMIT [rust|python]...}")
shift
[ "$#" -gt 0 ] || set -- rust python

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PRE_COMMIT_HOME=$scratch/cache PATH=${pre_commit%/*}:$PATH
export CARGO_TARGET_DIR=$top/target/pre-commit CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
export GIT_CONFIG_GLOBAL=$scratch/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --global user.name tester
git config --global user.email tester@example.com
git config --global init.defaultBranch main
git config --global safe.directory '*'

fail() { printf 'error: %s\n' "$1" >&2; exit 1; }

# A branch would be kept as it was first seen: pre-commit wants a tag.
git clone --quiet --no-local "$top" "$scratch/hooks"
git -C "$scratch/hooks" tag as-built

secret=$(printf '%s%s' AKIA Q3EGRIGBZ5UPZXWK)

# What git says must be a refusal of ours that shows no secret.
refused() {
    local what=$1
    shift
    if "$@" >"$scratch/said" 2>&1; then fail "$language: $what went through"; fi
    grep -q 'is refused: 1 new finding' "$scratch/said" || { cat "$scratch/said" >&2; fail "$language: $what ended otherwise"; }
    if grep -q "$secret" "$scratch/said"; then fail "$language: $what shows the secret"; fi
    echo "$language: $what is refused"
}

for language in "$@"; do
    suffix=
    if [ "$language" != rust ]; then suffix=-$language; fi
    work=$scratch/$language
    git init --quiet "$work"
    git init --quiet --bare "$work-origin"
    cd "$work"
    git remote add origin "$work-origin"
    cat >.pre-commit-config.yaml <<YAML
default_install_hook_types: [pre-commit, pre-merge-commit, commit-msg, pre-push]
repos:
  - repo: $scratch/hooks
    rev: as-built
    hooks: [{id: unleak$suffix}, {id: unleak-merge$suffix}, {id: unleak-commit-msg$suffix}, {id: unleak-push$suffix}]
YAML
    started=$SECONDS
    "$pre_commit" install --install-hooks >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; fail "$language: not installed"; }
    echo "$language: installed in $((SECONDS - started)) s"
    git add .
    git commit --quiet -m configuration >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; fail "$language: a clean commit is refused"; }
    git push --quiet origin main >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; fail "$language: a clean push is refused"; }
    refused "a message" git commit --allow-empty -m "uses $secret"
    printf 'aws_access_key_id = %s\n' "$secret" >leak.txt
    git add leak.txt
    refused "a commit" git commit -m leak
    git checkout --quiet -b side
    git commit --quiet --no-verify -m leak
    refused "a push" git push origin side
    git checkout --quiet main
    git commit --quiet --no-verify --allow-empty -m "so that it is a merge"
    refused "a merge" git merge --no-edit side
    cd "$top"
done
