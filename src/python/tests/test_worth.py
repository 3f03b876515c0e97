"""Populations and groups."""

from __future__ import annotations

import json
from pathlib import Path

import brasslink
import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    """Six pistols, three casings of each."""
    random, rows = np.random.default_rng(1), []
    for b in range(18):
        for a in range(b):
            same = a // 3 == b // 3
            rows.append(
                {
                    "a": f"c{a}",
                    "b": f"c{b}",
                    "firearm_a": f"g{a // 3}",
                    "firearm_b": f"g{b // 3}",
                    "score": float(random.normal(25 if same else 3, 3 if same else 1)),
                    "congruent_cells": int(random.integers(*((15, 24) if same else (0, 4)))),
                    "cells": 25,
                }
            )
    return pd.DataFrame(rows)


def test_a_population_is_that_of_the_command_line(run, pairs: pd.DataFrame, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    population = brasslink.Population.fit(pairs, "six", created="2026-01-01")
    population.save(tmp_path / "ours.json")
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    run("calibrate", "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "theirs.json",
        "--name", "six", "--date", "2026-01-01")  # fmt: skip
    assert (tmp_path / "ours.json").read_bytes() == (tmp_path / "theirs.json").read_bytes()
    said = run("validate", "--population", tmp_path / "ours.json", "--pairs",
               tmp_path / "pairs.csv", "--json")  # fmt: skip
    found = brasslink.Population.load(tmp_path / "theirs.json").validate(pairs)
    assert found.figures["cllr"] == json.loads(said)["cllr"]
    assert len(found.pairs) == len(pairs)


def test_weights_have_intervals_and_bounds(pairs: pd.DataFrame) -> None:
    population = brasslink.Population.fit(pairs, "six")
    weight = population.weigh(score=24.0, congruent_cells=19, cells=25)
    assert weight.log10_lower <= weight.log10_lr <= weight.log10_upper
    assert weight.log10_lr > 0.3
    assert population.weigh(score=3.0, congruent_cells=1, cells=25).log10_lr < 0
    assert population.about["firearms"] == 6
    with pytest.raises(brasslink.BrasslinkError) as raised:
        population.weigh(score=24.0, mark_kind="firing_pin")
    assert raised.value.kind == "incomparable" and raised.value.advice
    with pytest.raises(brasslink.BrasslinkError, match="belong together"):
        population.weigh(congruent_cells=3)
    assert brasslink.cross_validate(pairs).figures["cllr"] < 0.6


def test_groups_are_those_of_the_command_line(run, pairs: pd.DataFrame, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pairs.to_csv(tmp_path / "scores.csv", index=False)
    said = json.loads(run("link", "--scores", tmp_path / "scores.csv", "--json"))
    found = brasslink.link(pairs)
    assert found.groups == said["groups"]
    assert sorted(len(g["members"]) for g in found.groups) == [3] * 6
    apart = brasslink.link(pairs, rejected=[("c0", "c1")])
    assert not any({"c0", "c1"} <= set(g["members"]) for g in apart.groups)


def test_a_roc_curve_goes_from_corner_to_corner() -> None:
    false, true = brasslink.roc([3.0, 2.0, 2.0, 1.0], [True, True, False, False])
    assert false.tolist() == [0, 0, 0.5, 1] and true.tolist() == [0, 0.5, 1, 1]
