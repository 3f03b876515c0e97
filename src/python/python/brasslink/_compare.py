"""From files to comparisons."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Union

import pandas as pd

from . import _native
from ._native import Comparison, Mark, Recipe, Scan, Template
from ._progress import Progress, told

#: What stands for a mark wherever two are compared.
Comparable = Union[Template, Mark, Scan, str, "os.PathLike[str]"]


def load(
    path: str | os.PathLike[str],
    mark_kind: str = "breech_face",
    *,
    pixel_um: float | None = None,
    recipe: Recipe | None = None,
) -> Template:
    """Read, prepare and extract one file.

    Parameters
    ----------
    path : path-like
        The scan, of any format that brasslink reads (docs/FORMATS.md).
    mark_kind : {"breech_face", "firing_pin", "ejector", "aperture_shear"}
        The mark that it shows.
    pixel_um : float, optional
        Pixel size in micrometres, where the file does not say it.
    recipe : Recipe, optional
        By which marks are prepared; the built-in one by default.

    Returns
    -------
    Template
        What is compared.

    Raises
    ------
    BrasslinkError
        Naming the file: it cannot be read, shows no mark, or one that is not fit to be
        compared.
    """
    from ._errors import BrasslinkError

    try:
        scan = _native.read_scan(os.fspath(path), pixel_um=pixel_um)
        return _native.extract(_native.prepare(scan, mark_kind, recipe))
    except BrasslinkError as e:
        raise BrasslinkError(e.kind, e.what, e.path or path, e.advice) from None


def template(
    of: Comparable, mark_kind: str = "breech_face", recipe: Recipe | None = None
) -> Template:
    """Make a template of whatever stands for a mark.

    Parameters
    ----------
    of : Template, Mark, Scan or path-like
        A template is handed back as it is; the others go through the stages that are left.
    mark_kind : str
        The mark that a scan or a file shows.
    recipe : Recipe, optional
        By which a scan or a file is prepared.

    Returns
    -------
    Template
        What is compared.
    """
    if isinstance(of, Template):
        return of
    if isinstance(of, Mark):
        return _native.extract(of)
    if isinstance(of, Scan):
        return _native.extract(_native.prepare(of, mark_kind, recipe))
    return load(of, mark_kind, recipe=recipe)


def compare(
    a: Comparable, b: Comparable, mark_kind: str = "breech_face", *, exhaustive: bool = False
) -> Comparison:
    """Compare two marks over all rotations and shifts.

    Parameters
    ----------
    a, b : Template, Mark, Scan or path-like
        The two marks; see `template`.
    mark_kind : str
        The mark that scans or files show.
    exhaustive : bool
        Search every rotation and shift at full detail: a hundred times slower.

    Returns
    -------
    Comparison
        Score, pose and cells. ``compare(a, b)`` and ``compare(b, a)`` give the same score.

    Notes
    -----
    The score counts standard deviations of chance agreement [1]_. It ranks; it is no
    likelihood ratio (see `Population`). Cells are congruent by the rule of Song [2]_.

    References
    ----------
    .. [1] M. S. Bartlett, "On the theoretical specification and sampling properties of
       autocorrelated time-series", J. R. Stat. Soc. Suppl. 8, 1946.
    .. [2] J. Song, "Proposed NIST ballistics identification system (NBIS) based on 3D
       topography measurements on correlation cells", AFTE Journal 45, 2013.
    """
    return _native.compare(template(a, mark_kind), template(b, mark_kind), exhaustive)


def compare_all(
    marks: Sequence[Comparable] | Iterable[Comparable],
    names: Sequence[str] | None = None,
    progress: Progress = None,
) -> pd.DataFrame:
    """Compare every mark with every other, in parallel.

    Parameters
    ----------
    marks : sequence
        What stands for a mark; see `template`.
    names : sequence of str, optional
        Their names; their places (from 0) by default.
    progress : callable, bool or None
        Told the stage, the steps done and their number; see `brasslink.Progress`.

    Returns
    -------
    pandas.DataFrame
        One row a pair: ``a``, ``b``, ``score`` (standard deviations of chance), ``ccf``
        (−1 to 1), ``cells``, ``congruent_cells``, ``rotation_deg``, ``overlap_mm2``.
    """
    templates = [template(mark) for mark in marks]
    names = [str(n) for n in range(len(templates))] if names is None else list(names)
    pairs = [(a, b) for b in range(len(templates)) for a in range(b)]
    found = _native.compare_many(templates, pairs, told(progress))
    return pd.DataFrame(
        {
            "a": [names[a] for a, _ in pairs],
            "b": [names[b] for _, b in pairs],
            "score": [c.score for c in found],
            "ccf": [c.ccf for c in found],
            "cells": [c.cells for c in found],
            "congruent_cells": [c.congruent_cells for c in found],
            "rotation_deg": [c.rotation_deg for c in found],
            "overlap_mm2": [c.overlap_mm2 for c in found],
        }
    )


def cells(comparison: Comparison) -> pd.DataFrame:
    """Give the cells of a comparison as a table.

    Parameters
    ----------
    comparison : Comparison
        What `compare` gave.

    Returns
    -------
    pandas.DataFrame
        One row a cell: ``x_um``, ``y_um`` (its centre in A, micrometres from the grid's
        centre), ``found_x_um``, ``found_y_um`` (in B), ``rotation_deg`` from A to B,
        ``ccf``, ``congruent``.
    """
    return pd.DataFrame(comparison.cell_columns())
