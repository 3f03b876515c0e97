"""Galleries: searched, saved, loaded, without copies."""

from __future__ import annotations

from pathlib import Path

import brasslink
import numpy as np
import pytest


@pytest.fixture(scope="module")
def gallery(samples: Path) -> brasslink.Gallery:
    gallery = brasslink.Gallery()
    for path in sorted(samples.glob("*.x3p")):
        gallery.add(path.stem, path)
    return gallery


def test_a_search_ranks_by_score(gallery: brasslink.Gallery, samples: Path) -> None:
    found = gallery.search(samples / "CHH-1187-1.x3p", without="CHH-1187-1", progress=False)
    assert len(found) == len(gallery) - 1
    assert list(found["score"]) == sorted(found["score"], reverse=True)
    mate = brasslink.compare(samples / "CHH-1187-1.x3p", samples / f"{found['name'][0]}.x3p")
    assert found["score"][0] == mate.score > 10
    few = gallery.search(samples / "CHH-1187-1.x3p", keep=4, without="CHH-1187-1")
    assert len(few) >= 4 and few["name"][0] == found["name"][0]


def test_sketches_are_not_copied_and_not_changed(gallery: brasslink.Gallery) -> None:
    sketches = gallery.sketches
    assert sketches.shape == (len(gallery), 26, 2, 64) and sketches.dtype == np.int8
    assert np.shares_memory(sketches, gallery.sketches)
    with pytest.raises(ValueError):
        sketches[0] = 0
    assert np.array_equal(sketches[0], gallery[gallery.names[0]].sketch)


def test_a_saved_gallery_finds_the_same_and_is_mapped(
    gallery: brasslink.Gallery, samples: Path, tmp_path: Path
) -> None:
    gallery.save(tmp_path / "kept")
    loaded = brasslink.Gallery.load(tmp_path / "kept")
    assert isinstance(loaded.sketches.base, np.ndarray)
    probe = samples / "CHH-1187-2.x3p"
    assert loaded.search(probe, keep=5).equals(gallery.search(probe, keep=5))
    loaded.add("again", samples / "CHH-1187-2.x3p")
    assert len(loaded) == len(gallery) + 1 == len(loaded.sketches)
    with pytest.raises(brasslink.BrasslinkError, match="exists"):
        gallery.save(tmp_path / "kept")
    damaged = tmp_path / "kept" / "templates.bin"
    bytes = bytearray(damaged.read_bytes())
    bytes[1000] ^= 1
    damaged.write_bytes(bytes)
    with pytest.raises(brasslink.BrasslinkError) as raised:
        brasslink.Gallery.load(tmp_path / "kept")
    assert raised.value.kind == "damaged" and raised.value.path == str(damaged)


def test_marks_of_another_sort_are_refused(gallery: brasslink.Gallery, samples: Path) -> None:
    with pytest.raises(brasslink.BrasslinkError) as raised:
        gallery.add("photograph", samples / "EP-20931-1_ring.png")
    assert raised.value.kind == "incomparable"
    with pytest.raises(brasslink.BrasslinkError, match="already"):
        gallery.add("CHH-1187-1", samples / "CHH-1187-1.x3p")


def test_similarities_are_correlations(gallery: brasslink.Gallery) -> None:
    found = gallery.similarities(gallery["CHH-1187-1"])
    own = gallery.names.index("CHH-1187-1")
    assert int(found.argmax()) == own and 0.97 < found[own] < 1.01
