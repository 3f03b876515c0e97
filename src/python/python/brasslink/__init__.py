"""Fired cartridge cases: scans, marks, comparisons, what they are worth, the evidence store.

The numbers are those of the command line ``brasslink``, to the last bit. Arrays have shape
``(ny, nx)``, x to the right and y down; lengths are metres unless a name says otherwise
(``_um``, ``_mm2``).

Examples
--------
>>> import brasslink
>>> comparison = brasslink.compare("samples/CHH-1187-1.x3p", "samples/CHH-1187-2.x3p")
>>> comparison.score > 10
True
"""

from ._compare import Comparable, cells, compare, compare_all, load, template
from ._errors import BrasslinkError
from ._gallery import Gallery
from ._link import Linking, link
from ._native import (
    Comparison,
    Mark,
    Recipe,
    Scan,
    Template,
    extract,
    prepare,
    read_scan,
    use_threads,
)
from ._progress import Callback, Progress
from ._store import Snapshot, open_store
from ._worth import (
    Evaluation,
    Population,
    Validation,
    Weight,
    cross_validate,
    evaluate,
    roc,
)

__all__ = [
    "BrasslinkError",
    "Callback",
    "Comparable",
    "Comparison",
    "Evaluation",
    "Gallery",
    "Linking",
    "Mark",
    "Population",
    "Progress",
    "Recipe",
    "Scan",
    "Snapshot",
    "Template",
    "Validation",
    "Weight",
    "cells",
    "compare",
    "compare_all",
    "cross_validate",
    "evaluate",
    "extract",
    "link",
    "load",
    "open_store",
    "prepare",
    "read_scan",
    "roc",
    "template",
    "use_threads",
]
