"""Which casings belong together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from . import _native
from ._progress import Progress, told


@dataclass(frozen=True)
class Linking:
    """Which casings one firearm probably fired.

    Attributes
    ----------
    groups : list of dict
        ``id``, ``members``, ``prototype``, ``confidence`` (0–1; none of a single casing).
    links : pandas.DataFrame
        Pairs within groups: ``a``, ``b``, ``group``, ``score``, ``log10_lr``, ``why``.
    scales : list of dict
        On what the judgement rests.
    open : list of dict
        Pairs that too few scores keep from being proposed.
    """

    groups: list[dict[str, Any]]
    links: pd.DataFrame = field(repr=False)
    scales: list[dict[str, Any]] = field(repr=False)
    open: list[dict[str, Any]] = field(repr=False)


def link(
    scores: pd.DataFrame,
    column: str = "score",
    *,
    confirmed: Iterable[tuple[str, str]] = (),
    rejected: Iterable[tuple[str, str]] = (),
    progress: Progress = None,
) -> Linking:
    """Group casings by their scores; no truth is used, and no threshold chosen.

    Parameters
    ----------
    scores : pandas.DataFrame
        ``a``, ``b`` (casings) and a score that is higher the more alike they are.
    column : str
        The score's column.
    confirmed, rejected : iterable of pairs of str
        What an examiner decided: it binds.
    progress : callable, bool or None
        See `brasslink.Progress`.

    Returns
    -------
    Linking
        The groups of ``brasslink link --scores``.
    """
    groups, links = _native.link_scores(
        scores["a"].astype(str).tolist(),
        scores["b"].astype(str).tolist(),
        scores[column].astype(float).tolist(),
        list(confirmed),
        list(rejected),
        told(progress),
    )
    said, columns = json.loads(groups), ["a", "b", "group", "score", "log10_lr", "why"]
    table = pd.DataFrame(json.loads(links), columns=columns)
    return Linking(said["groups"], table, said["scales"], said["open"])
