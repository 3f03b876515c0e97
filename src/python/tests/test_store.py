"""A store, read only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import brasslink
import numpy as np
import pandas as pd
import pytest


def test_tables_hold_what_the_store_holds(filled: Path, run) -> None:  # type: ignore[no-untyped-def]
    store = brasslink.open_store(filled)
    casings, scans, marks = store.casings(), store.scans(), store.marks()
    assert (len(casings), len(scans), len(marks)) == (17, 24, 24)
    assert set(marks["casing"]) == set(casings["id"])
    comparisons = store.comparisons()
    assert len(comparisons) > 100 and comparisons["score"].between(-5, 60).all()
    assert len(store.groups()) > 0 and len(store.links()) > 0 and len(store.candidates()) > 0
    assert store.content() == json.loads(run("store", "content", "--store", filled))
    assert store.verify() is not None


def test_arrow_and_pandas_say_the_same(filled: Path) -> None:
    pytest.importorskip("pyarrow")
    store = brasslink.open_store(filled)
    for name in ("casings", "scans", "marks", "comparisons", "groups", "links"):
        arrow = getattr(store, name)(sort="arrow")
        assert arrow.num_rows == len(getattr(store, name)()), name


def test_mark_values_and_scores_are_those_of_the_files(filled: Path, samples: Path) -> None:
    store = brasslink.open_store(filled)
    scans = store.scans()
    assert isinstance(scans, pd.DataFrame)
    scan = scans[scans["file_name"] == "CHH-1187-1.x3p"].iloc[0]
    marks = store.marks()
    mark = marks[marks["scan"] == scan["sha256"]].iloc[0]
    made = brasslink.prepare(brasslink.read_scan(samples / "CHH-1187-1.x3p"))
    values = store.mark_values(mark["id"])
    assert values.dtype == np.float32 and np.array_equal(values, made.values, equal_nan=True)
    assert store.original(scan["sha256"]) == (samples / "CHH-1187-1.x3p").read_bytes()
    row = store.comparisons().iloc[0]
    a, b = (store.mark(row[side]) for side in ("a", "b"))
    again = brasslink.compare(a, b)
    assert again.score == row["score"] and again.cells == row["cells"]
    assert len(store.cells(row["a"], row["b"])) == again.cells
    templates = store.templates()
    assert brasslink.extract(made).sha256 == templates[mark["id"]].sha256


def test_nothing_is_written(filled: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in filled.rglob("*") if p.is_file()}
    store = brasslink.open_store(filled)
    store.comparisons()
    store.content()
    after = {p: p.stat().st_mtime_ns for p in filled.rglob("*") if p.is_file()}
    assert before == after


def test_damage_is_told(filled: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(filled, copy)
    segment = sorted((copy / "segments").glob("*-tables.h5"))[0]
    bytes = bytearray(segment.read_bytes())
    bytes[len(bytes) // 2] ^= 4
    segment.chmod(0o600)
    segment.write_bytes(bytes)
    store = brasslink.open_store(copy)
    with pytest.raises(brasslink.BrasslinkError) as raised:
        store.scans()
    assert raised.value.kind == "store" and raised.value.path == str(segment)
    with pytest.raises(brasslink.BrasslinkError):
        store.verify()
    with pytest.raises(brasslink.BrasslinkError) as raised:
        store.mark("no-such-mark")
