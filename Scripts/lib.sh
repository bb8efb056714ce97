# Helpers that several scripts share; sourced, never run. Messages go to standard error.
# shellcheck shell=bash

# shellcheck disable=SC2034 # used by the scripts that source this
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# A crash is reported by the sanitizers and by the test runner. Swift's own backtracer would wait for a terminal.
export SWIFT_BACKTRACE=${SWIFT_BACKTRACE:-enable=no}

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 1
}

# Seconds since the script began, and one line per stage for the summary at the end.
stages=()
stage_name=
stage_start=0

begin() {
    end
    stage_name=$1
    stage_start=$SECONDS
    say ""
    say "== $stage_name"
}

end() {
    if [[ -n $stage_name ]]; then
        stages+=("$(printf '%5d s  %s' $((SECONDS - stage_start)) "$stage_name")")
        stage_name=
    fi
}

print_stages() {
    end
    say ""
    say "Elapsed"
    local line
    for line in "${stages[@]}"; do say "$line"; done
    say "$(printf '%5d s  together' "$SECONDS")"
}

cache_folder() { printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/interest-query-kit"; }
