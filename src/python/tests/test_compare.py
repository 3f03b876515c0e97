"""Scans, marks, templates and comparisons."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import brasslink
import numpy as np
import pytest


def test_a_scan_is_arrays_with_units(samples: Path) -> None:
    scan = brasslink.read_scan(samples / "CHH-1187-1.x3p")
    assert scan.modality == "topography" and scan.intensities is None
    heights = scan.heights
    assert heights is not None and heights.shape == scan.shape == (384, 384)
    assert heights.dtype == np.float64 and 1e-7 < np.nanstd(heights) < 1e-3
    assert scan.pitch_m == pytest.approx((1e-5, 1e-5))
    photograph = brasslink.read_scan(samples / "EP-20931-1_ring.png")
    values = photograph.intensities
    assert values is not None and values.dtype == np.float32
    assert 0 <= values.min() and values.max() <= 1


def test_a_mark_is_micrometres_and_a_template_goes_through_its_bytes(samples: Path) -> None:
    mark = brasslink.prepare(brasslink.read_scan(samples / "CHH-1187-1.x3p"))
    assert mark.values.dtype == np.float32 and mark.pitch_m == pytest.approx(6.25e-6)
    assert mark.verdict == "good" and mark.area_mm2 > 1
    template = brasslink.extract(mark)
    assert template.sketch.shape == (26, 2, 64) and template.sketch.dtype == np.int8
    again = brasslink.Template.decode(template.encode())
    assert again.sha256 == template.sha256 and np.array_equal(again.fine, template.fine)


def test_a_scan_made_of_numbers_is_prepared_like_one_of_a_file(samples: Path) -> None:
    scan = brasslink.read_scan(samples / "CHH-1187-1.x3p")
    assert scan.heights is not None
    made = brasslink.Scan.from_heights(scan.heights, scan.pitch_m)
    values = [brasslink.prepare(s).values for s in (scan, made)]
    assert np.array_equal(values[0], values[1], equal_nan=True)


def test_sides_can_be_changed(samples: Path) -> None:
    a, b = samples / "CHH-1187-1.x3p", samples / "CHH-1187-2.x3p"
    forth, back = brasslink.compare(a, b), brasslink.compare(b, a)
    assert forth.score == back.score > 10
    assert forth.congruent_cells == back.congruent_cells
    table = brasslink.cells(forth)
    assert int(table["congruent"].sum()) == forth.congruent_cells
    assert len(table) == forth.cells


def same_as_command(run, a: Path, b: Path) -> None:  # type: ignore[no-untyped-def]
    said = json.loads(run("compare", a, b, "--json"))
    ours = brasslink.compare(a, b)
    for name in ("score", "ccf", "cells", "congruent_cells", "rotation_deg", "overlap_mm2"):
        assert getattr(ours, name) == said[name], name
    pose = said["b_from_a"]
    assert ours.b_from_a == (pose["rotation"], pose["dx"], pose["dy"])
    assert brasslink.cells(ours).to_dict("records") == said["cell_table"]


def test_scores_are_those_of_the_command_line(run, samples: Path) -> None:  # type: ignore[no-untyped-def]
    scans = sorted(samples.glob("*.x3p"))
    for a, b in zip(scans, scans[1:]):
        same_as_command(run, a, b)
    photographs = sorted(samples.glob("*_ring.png"))
    same_as_command(run, photographs[0], photographs[1])


def test_measured_scans_give_the_scores_of_the_command_line(run, shared: Path) -> None:  # type: ignore[no-untyped-def]
    scans = sorted((shared / "fadul").glob("*.x3p"))
    for a, b in zip(scans[:6], scans[1:7]):
        same_as_command(run, a, b)


def test_every_pair_of_a_labelled_set_is_the_command_lines(  # type: ignore[no-untyped-def]
    run, shared: Path, tmp_path: Path
) -> None:
    rows = [r for r in csv.DictReader(open(shared / "truth.csv")) if "fadul/" in r["file"]]
    truth = tmp_path / "truth.csv"
    with open(truth, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    run("evaluate", "--truth", truth, "--root", shared, "--pairs", tmp_path / "pairs.csv")
    said = list(csv.DictReader(open(tmp_path / "pairs.csv")))
    ours = brasslink.evaluate(truth, shared, progress=False).pairs
    assert len(ours) == len(said) > 700
    for one, other in zip(ours.to_dict("records"), said):
        assert (one["a"], one["b"]) == (other["a"], other["b"])
        assert f"{one['score']:.6f}" == other["score"]
        assert f"{one['ccf']:.6f}" == other["ccf"]
        assert str(one["congruent_cells"]) == other["congruent_cells"]


def test_failures_say_what_where_and_what_to_do(tmp_path: Path, samples: Path) -> None:
    broken = tmp_path / "broken.x3p"
    broken.write_bytes((samples / "CHH-1187-1.x3p").read_bytes()[:20_000])
    with pytest.raises(brasslink.BrasslinkError) as raised:
        brasslink.load(broken)
    error = raised.value
    assert error.kind == "damaged" and error.path == str(broken)
    assert error.what and error.what in str(error)
    with pytest.raises(brasslink.BrasslinkError) as raised:
        brasslink.read_scan(tmp_path / "absent.x3p")
    assert raised.value.kind in ("io", "not_found")
    other = brasslink.load(samples / "EP-20931-1_ring.png")
    with pytest.raises(brasslink.BrasslinkError, match="modalities differ"):
        brasslink.compare(other, samples / "CHH-1187-1.x3p")
