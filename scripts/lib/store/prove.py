"""Torments an evidence store and measures it; run by scripts/prove-store.

Usage: prove.py BRASSLINK BENCH [PART[=COUNT]]...
"""

import importlib
import sys

PARTS = {
    "kill": ("torment", 300),
    "lost": ("torment", 40),
    "changes": ("changes", 300),
    "full": ("torment", 20),
    "tamper": ("torment", 1000),
    "readers": ("torment", 1000),
    "interop": ("interop", 1),
    "speed": ("speed", 100_000),
    "fuzz": ("fuzz", 1_000_000),
}


def main():
    brasslink, bench, *wanted = sys.argv[1:]
    wanted = [part.partition("=") for part in wanted] or [(name, "", "") for name in PARTS]
    for name, _, count in wanted:
        if name not in PARTS:
            sys.exit(f"there is no part {name!r}; there are {', '.join(PARTS)}")
        module, full = PARTS[name]
        print(f"== {name}", file=sys.stderr)
        part = getattr(importlib.import_module(module), name)
        part(brasslink, bench, int(count or full))


main()
