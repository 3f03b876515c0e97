"""What scores are worth."""

from __future__ import annotations

import datetime
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import _native
from ._native import Comparison, Recipe
from ._progress import Progress, told

#: Labelled pairs: a table, a CSV file, or an evaluation.
Pairs = Union[pd.DataFrame, str, "os.PathLike[str]", "Evaluation"]


@contextmanager
def _file_of(pairs: Pairs) -> Iterator[Path]:
    """The pairs as a CSV file."""
    if isinstance(pairs, Evaluation):
        pairs = pairs.pairs
    if isinstance(pairs, pd.DataFrame):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pairs.csv"
            table = pairs.copy()
            for name in table.columns:
                if table[name].dtype == bool:
                    table[name] = table[name].astype(int)
            table.to_csv(path, index=False)
            yield path
    else:
        yield Path(pairs)


@dataclass(frozen=True)
class Evaluation:
    """How well scores tell the pairs of a labelled set apart.

    Attributes
    ----------
    figures : dict
        AUC, the lowest same-source and the highest different-source value and more, of
        ``score``, ``ccf``, ``congruent_cells``, ``congruent_fraction``; ``rank``: probes
        whose best mate is among the first 1, 5 and 10.
    pairs : pandas.DataFrame
        One row a pair: ``a``, ``b``, ``same_source``, ``score``, ``ccf``, ``cells``,
        ``congruent_cells``, ``rotation_deg``, ``overlap_mm2``, ``area_mm2``, ``firearm_a``,
        ``firearm_b``, ``mark_kind``, ``modality``, ``recipe``.
    failures : list of dict
        Scans that could not be used, with reasons.
    """

    figures: dict[str, Any]
    pairs: pd.DataFrame = field(repr=False)
    failures: list[dict[str, Any]] = field(repr=False)

    def roc(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Give the ROC curve of the scores.

        Returns
        -------
        false, true : numpy.ndarray
            Shares of different-source and of same-source pairs that score at least as high
            as each score there is, from the highest down; both begin with 0.
        """
        return roc(self.pairs["score"].to_numpy(), self.pairs["same_source"].to_numpy())


def roc(
    scores: npt.ArrayLike, same_source: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give the ROC curve of scores whose truth is known.

    Parameters
    ----------
    scores : array_like
        Shape (n,).
    same_source : array_like of bool
        Shape (n,).

    Returns
    -------
    false, true : numpy.ndarray
        Shares of different-source and of same-source pairs at or above each score.
    """
    values = np.asarray(scores, float)
    truth = np.asarray(same_source, bool)
    order = np.argsort(-values, kind="stable")
    last = np.append(np.diff(values[order]) != 0, True)
    true = np.cumsum(truth[order])[last] / max(int(truth.sum()), 1)
    false = np.cumsum(~truth[order])[last] / max(int((~truth).sum()), 1)
    return np.insert(false, 0, 0.0), np.insert(true, 0, 0.0)


def evaluate(
    truth: str | os.PathLike[str],
    root: str | os.PathLike[str],
    recipe: Recipe | None = None,
    progress: Progress = None,
) -> Evaluation:
    """Prepare and compare all scans of a labelled set.

    Parameters
    ----------
    truth : path-like
        CSV with the columns ``file``, ``casing_id``, ``firearm_id`` and, optionally,
        ``mark_kind``, ``light``, ``pixel_um``.
    root : path-like
        The folder that the file names start from.
    recipe : Recipe, optional
        By which marks are prepared.
    progress : callable, bool or None
        See `brasslink.Progress`. Ctrl-C ends the work.

    Returns
    -------
    Evaluation
        The figures of `brasslink evaluate`.
    """
    found = _native.evaluate_files(os.fspath(truth), os.fspath(root), recipe, told(progress))
    said = json.loads(found.figures)
    columns = [
        "a", "b", "same_source", "score", "ccf", "cells", "congruent_cells", "rotation_deg",
        "overlap_mm2", "area_mm2", "firearm_a", "firearm_b", "mark_kind", "modality", "recipe",
    ]  # fmt: skip
    table = pd.DataFrame(found.pair_columns())[columns]
    return Evaluation(said["figures"], table, said["failures"])


@dataclass(frozen=True)
class Weight:
    """The weight of one comparison.

    Attributes
    ----------
    log10_lr : float
        log10 of the likelihood ratio of "one firearm fired both casings" to "two firearms
        fired them", within the bounds that the population supports.
    log10_lower, log10_upper : float
        Its 95 % interval (Bayesian bootstrap over firearms).
    at_bound : bool
        Whether the model's value lay outside the bounds.
    cautions : list of str
        What to be careful about.
    """

    log10_lr: float
    log10_lower: float
    log10_upper: float
    at_bound: bool
    cautions: list[str]


@dataclass(frozen=True)
class Validation:
    """How good likelihood ratios are on labelled pairs.

    Attributes
    ----------
    figures : dict
        ``cllr`` (bits), ``cllr_min``, ``auc``, shares of misleading pairs, intervals, curves.
    pairs : pandas.DataFrame
        ``a``, ``b``, ``same_source``, ``log10_lr``, ``log10_unbounded``.
    """

    figures: dict[str, Any]
    pairs: pd.DataFrame = field(repr=False)


def _validation(found: Any) -> Validation:
    return Validation(json.loads(found.figures), pd.DataFrame(found.pair_columns()))


class Population:
    """A reference population: a model of scores with its bounds and its scope.

    Made by `fit` or `load`.

    Parameters
    ----------
    native : object
        What these made.

    Notes
    -----
    Counts of congruent cells have a beta-binomial distribution in either class, scores are
    calibrated by logistic regression, both are fused; intervals come of a bootstrap over
    firearms, bounds of the rule of Vergeer et al. (2016), judged on firearms left out.
    """

    def __init__(self, native: _native.Population) -> None:
        self._native = native

    @classmethod
    def fit(
        cls,
        pairs: Pairs,
        name: str = "population",
        *,
        purpose: str | None = None,
        created: str | None = None,
        mark_kind: str = "breech_face",
        instruments: Iterable[str] = (),
        calibres: Iterable[str] = (),
    ) -> Population:
        """Fit a population to labelled pairs.

        Parameters
        ----------
        pairs : pandas.DataFrame, path-like or Evaluation
            The truth (``same_source``, or ``firearm_a`` and ``firearm_b``) and a ``score``,
            counts of ``congruent_cells`` and ``cells``, or all; ``a`` and ``b`` name casings.
        name, purpose : str, optional
            What it is called and what it is meant for.
        created : str, optional
            The day, ISO 8601; today by default. The same day and pairs give the same bytes.
        mark_kind : str
            The mark, where no column says it.
        instruments, calibres : iterable of str
            Those of the casings, where columns do not say.

        Returns
        -------
        Population
            The same as `brasslink calibrate` makes.
        """
        day = created or datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        with _file_of(pairs) as path:
            made = _native.Population.fit_file(
                os.fspath(path), name, day, purpose, mark_kind, list(instruments), list(calibres)
            )
        return cls(made)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Population:
        """Read a population's file, of this or of `brasslink calibrate`.

        Parameters
        ----------
        path : path-like
            JSON; its digest is verified.

        Returns
        -------
        Population
            The population.
        """
        return cls(_native.Population.load(os.fspath(path)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the population to a file, for this or for ``brasslink run --population``.

        Parameters
        ----------
        path : path-like
            Replaced as a whole.
        """
        draft = f"{os.fspath(path)}.{os.getpid()}.part"
        with open(draft, "w", encoding="utf-8") as file:
            file.write(self._native.to_json())
        os.replace(draft, path)

    @property
    def about(self) -> dict[str, Any]:
        """What it is: name, counts, bounds, error rates, digest."""
        return dict(json.loads(self._native.about()))

    def weigh(
        self,
        comparison: Comparison | None = None,
        *,
        score: float | None = None,
        congruent_cells: int | None = None,
        cells: int | None = None,
        overlap_mm2: float | None = None,
        area_mm2: float | None = None,
        mark_kind: str = "breech_face",
        recipe: str | None = None,
        modality: str | None = None,
        instruments: Iterable[str] = (),
        calibres: Iterable[str] = (),
    ) -> Weight:
        """Weigh one comparison.

        Parameters
        ----------
        comparison : Comparison, optional
            What `brasslink.compare` gave; or its numbers, one by one.
        score : float, optional
            Standard deviations of chance agreement.
        congruent_cells, cells : int, optional
            Both or neither.
        overlap_mm2, area_mm2 : float, optional
            Common area, and the area of the smaller mark, square millimetres.
        mark_kind, recipe, modality : str, optional
            How the comparison was made, as far as is known: what is outside of the
            population is refused.
        instruments, calibres : iterable of str
            Likewise; what is outside of the population is told.

        Returns
        -------
        Weight
            The weight, with its interval and what to be careful about.

        Raises
        ------
        BrasslinkError
            ``incomparable`` where the population does not cover the comparison.
        """
        if comparison is not None:
            score, overlap_mm2 = comparison.score, comparison.overlap_mm2
            congruent_cells, cells = comparison.congruent_cells, comparison.cells
        said = json.loads(
            self._native.weigh_numbers(
                mark_kind, score, congruent_cells, cells, overlap_mm2, area_mm2, recipe, modality,
                list(instruments), list(calibres),
            )
        )  # fmt: skip
        w = said["weight"]
        return Weight(
            w["log10_lr"], w["log10_lower"], w["log10_upper"], w["at_bound"], said["cautions"]
        )

    def validate(self, pairs: Pairs, mark_kind: str = "breech_face") -> Validation:
        """Weigh labelled pairs and tell how good the weights are.

        Parameters
        ----------
        pairs : pandas.DataFrame, path-like or Evaluation
            As for `fit`, of other firearms.
        mark_kind : str
            The mark, where no column says it.

        Returns
        -------
        Validation
            The figures of `brasslink validate --population`.
        """
        with _file_of(pairs) as path:
            return _validation(self._native.validate_file(os.fspath(path), mark_kind))

    def __repr__(self) -> str:
        return repr(self._native)


def cross_validate(pairs: Pairs, mark_kind: str = "breech_face") -> Validation:
    """Weigh every pair by a model that saw neither of its firearms.

    Parameters
    ----------
    pairs : pandas.DataFrame, path-like or Evaluation
        As for `Population.fit`, of four firearms or more.
    mark_kind : str
        The mark, where no column says it.

    Returns
    -------
    Validation
        The figures of `brasslink validate`.
    """
    with _file_of(pairs) as path:
        return _validation(_native.cross_validate_file(os.fspath(path), mark_kind))
