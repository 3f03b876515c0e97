# shellcheck shell=bash
# Sourced by the scripts: sees to it that HDF5 can be built, and says what it
# installs. HDF5 is compiled from source by cargo, which takes a C compiler,
# make and CMake >= 3.26 (Debian 12 has 3.25).
#
# Whatever is found or installed, CMAKE ends up the same in every script and in
# every clone: cargo would otherwise build HDF5 again.

readonly CMAKE_NEEDED=3.26
readonly CACHE="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/brasslink"

. "$(dirname "${BASH_SOURCE[0]}")/say.sh"

have() { command -v "$1" >/dev/null 2>&1; }

# can_install: whether system packages can be installed without asking anyone.
can_install() { [[ $(id -u) -eq 0 ]] && have apt-get; }

# system_packages PACKAGE...
system_packages() {
    say "installing with apt-get: $*"
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# new_enough CMAKE: whether that program runs and is recent enough.
new_enough() {
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's/^cmake version \([0-9.]*\).*/\1/p') || return 1
    [[ -n $version ]] && printf '%s\n' "$CMAKE_NEEDED" "$version" | sort -C -V
}

# cmake_from_wheel: the cmake of the Python package index, in a folder of its own.
cmake_from_wheel() {
    have python3 || return 1
    say "installing CMake into $CACHE/cmake (Python package \"cmake\", no root needed)"
    rm -rf "$CACHE/cmake"
    python3 -m venv "$CACHE/cmake" >&2 &&
        "$CACHE/cmake/bin/pip" install --quiet --disable-pip-version-check "cmake>=$CMAKE_NEEDED" >&2 &&
        new_enough "$CACHE/cmake/bin/cmake"
}

# can_browse: whether there is a Chromium and a Node that can drive it, installed
# if need be; node_flags then holds what that Node asks for.
can_browse() {
    have node || { can_install && system_packages nodejs || true; }
    have chromium || { can_install && system_packages chromium || true; }
    have chromium && have node || return 1
    node_flags=()
    node -e 'process.exit(typeof WebSocket === "function" ? 0 : 1)' 2>/dev/null && return
    node_flags=(--experimental-websocket)
    node "${node_flags[@]}" -e 0 2>/dev/null
}

need_rust() {
    have cargo || give_up "there is no cargo" "install Rust 1.95 or newer with rustup"
}

need_c_compiler() {
    { have cc && have make; } && return
    if can_install; then system_packages gcc libc6-dev make || true; fi
    { have cc && have make; } ||
        give_up "HDF5 needs a C compiler and make" \
            "as root: apt-get install gcc libc6-dev make (Debian, Ubuntu) or dnf install gcc make (Fedora)"
}

need_cmake() {
    new_enough "${CMAKE:-cmake}" && return
    [[ -z ${CMAKE:-} ]] || say "CMAKE=$CMAKE is not CMake $CMAKE_NEEDED or newer"
    export CMAKE="$CACHE/cmake/bin/cmake"
    new_enough "$CMAKE" && return
    cmake_from_wheel && return
    if can_install; then
        system_packages python3 python3-venv || true
        cmake_from_wheel && return
        unset CMAKE
        system_packages cmake || true
        new_enough cmake && return
    fi
    give_up "HDF5 needs CMake $CMAKE_NEEDED or newer" \
        "as root: apt-get install python3-venv, then this script again; or CMAKE=/path/to/a/newer/cmake"
}

need_rust
need_c_compiler
need_cmake
