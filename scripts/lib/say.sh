# shellcheck shell=bash
# Sourced by the scripts: how they speak.

# say WORDS...: what comes next, on standard error.
say() { printf '== %s\n' "$*" >&2; }

# give_up WHAT ADVICE
give_up() {
    printf 'error: %s\n' "$1" >&2
    printf 'try:   %s\n' "$2" >&2
    exit 1
}
