"""A gallery of marks that is searched as a whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import _native
from ._compare import Comparable, template
from ._errors import BrasslinkError
from ._native import Template
from ._progress import Progress, told

#: Rings, real and imaginary part, harmonics of a sketch.
SKETCH = (26, 2, 64)
_BYTES = 26 * 2 * 64
_FORMAT = "brasslink-gallery-1"


class Gallery:
    """Marks of one kind, modality and recipe, screened by their sketches.

    A search reads every sketch (3,328 bytes a mark), verifies the marks most alike pair by
    pair, and ranks them by their scores, as the command line does.

    Notes
    -----
    `sketches` shares its memory with the gallery; nothing is copied, whether the gallery was
    built here or loaded from a folder.

    Examples
    --------
    >>> gallery = Gallery()
    >>> gallery.add("CHH-1187-1", "samples/CHH-1187-1.x3p")
    >>> gallery.search("samples/CHH-1187-2.x3p", keep=10)["name"][0]
    'CHH-1187-1'
    """

    def __init__(self) -> None:
        self._names: list[str] = []
        self._places: dict[str, int] = {}
        self._points: list[int] = []
        self._sort: tuple[str, str, str] | None = None
        self._pieces: list[npt.NDArray[np.uint8]] = []
        self._fresh: list[npt.NDArray[np.uint8]] = []
        self._encoded: list[Any] = []

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __repr__(self) -> str:
        return f"Gallery({len(self)} marks)"

    @property
    def names(self) -> list[str]:
        """The marks' names, in the order in which they were added."""
        return list(self._names)

    @property
    def sketches(self) -> npt.NDArray[np.int8]:
        """The sketches: int8 of shape (n, 26, 2, 64), read only, not copied.

        Rings from 2.5 to 10 cycles per millimetre, real and imaginary parts of the harmonics
        of the magnitudes over half a turn. An array handed out before stays as it was when
        more marks are added.
        """
        whole = self._whole()
        return whole.view(np.int8).reshape((-1, *SKETCH))

    def _whole(self) -> npt.NDArray[np.uint8]:
        """All sketches in one array of shape (n, 3328)."""
        self._gather()
        if len(self._pieces) != 1:
            parts = self._pieces or [np.empty((0, _BYTES), np.uint8)]
            whole = np.concatenate(parts)
            whole.flags.writeable = False
            self._pieces = [whole]
        return self._pieces[0]

    def _gather(self) -> None:
        if self._fresh:
            piece = np.stack(self._fresh)
            piece.flags.writeable = False
            self._pieces.append(piece)
            self._fresh = []

    def add(self, name: str, mark: Comparable) -> None:
        """Add a mark.

        Parameters
        ----------
        name : str
            By which searches name it; new in this gallery.
        mark : Template, Mark, Scan or path-like
            The mark; see `brasslink.template`.

        Raises
        ------
        BrasslinkError
            ``bad_input`` for a name that is there already, ``incomparable`` for a mark of
            another kind, modality or recipe than the others.
        """
        if name in self._places:
            raise BrasslinkError(
                "bad_input", f"the gallery has {name!r} already", None, "give another name"
            )
        made = template(mark)
        self._agrees(made)
        self._places[name] = len(self._names)
        self._names.append(name)
        self._points.append(made.points)
        self._fresh.append(made.sketch.view(np.uint8).reshape(_BYTES))
        self._encoded.append(made.encode())

    def _agrees(self, made: Template) -> None:
        sort = (made.kind, made.modality, made.recipe)
        if self._sort is None:
            self._sort = sort
        if sort != self._sort:
            what = f"the mark is {' / '.join(sort)}, the gallery {' / '.join(self._sort)}"
            advice = "keep marks of another kind, modality or recipe in a gallery of their own"
            raise BrasslinkError("incomparable", what, None, advice)

    def __getitem__(self, name: str) -> Template:
        if name not in self._places:
            advice = "`names` lists what there is"
            raise BrasslinkError("not_found", f"the gallery has no {name!r}", None, advice)
        return Template.decode(bytes(self._encoded[self._places[name]]))

    def similarities(self, probe: Comparable) -> npt.NDArray[np.float32]:
        """Tell how alike each mark's texture is to the probe's.

        Parameters
        ----------
        probe : Template, Mark, Scan or path-like
            The mark searched for.

        Returns
        -------
        numpy.ndarray
            Correlations, float32 of shape (n,), of the sketches at the best rotation.
        """
        return self._similar(template(probe), None)

    def _similar(self, probe: Template, progress: Any) -> npt.NDArray[np.float32]:
        self._gather()
        one = probe.sketch.view(np.uint8).reshape((1, _BYTES))
        found: npt.NDArray[np.float32] = _native.similar(self._pieces, one, progress)[0]
        return found

    def search(
        self,
        probe: Comparable,
        keep: int = 200,
        *,
        without: str | None = None,
        progress: Progress = None,
    ) -> pd.DataFrame:
        """Search the gallery for a mark.

        Parameters
        ----------
        probe : Template, Mark, Scan or path-like
            The mark searched for.
        keep : int
            How many of the most alike are verified. Fragments and photographs, which
            sketches cannot judge, are verified against everything.
        without : str, optional
            A name that is left out: the probe's own.
        progress : callable, bool or None
            See `brasslink.Progress`.

        Returns
        -------
        pandas.DataFrame
            Best score first, equal scores by place: ``name``, ``score`` (standard deviations
            of chance), ``congruent_cells``, ``cells``, ``ccf``, ``similarity`` (of the
            sketches), ``rotation_deg``, ``overlap_mm2``.
        """
        made = template(probe)
        self._agrees(made)
        callback = told(progress)
        similar = self._similar(made, callback)
        others = [n for n, name in enumerate(self._names) if name != without]
        chosen = _native.shortlisted(similar.tolist(), self._points, made, others, keep).tolist()
        templates = [made] + [Template.decode(bytes(self._encoded[n])) for n in chosen]
        pairs = [(0, n) for n in range(1, len(templates))]
        found = _native.compare_many(templates, pairs, callback)
        order = sorted(range(len(chosen)), key=lambda n: (-found[n].score, chosen[n]))
        return pd.DataFrame(
            {
                "name": [self._names[chosen[n]] for n in order],
                "score": [found[n].score for n in order],
                "congruent_cells": [found[n].congruent_cells for n in order],
                "cells": [found[n].cells for n in order],
                "ccf": [found[n].ccf for n in order],
                "similarity": [float(similar[chosen[n]]) for n in order],
                "rotation_deg": [found[n].rotation_deg for n in order],
                "overlap_mm2": [found[n].overlap_mm2 for n in order],
            }
        )

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Save the gallery as a new folder.

        Parameters
        ----------
        folder : path-like
            Made by this; it must not exist. It holds ``sketches.npy``, ``templates.bin`` and
            ``gallery.json`` with the digests of both.

        Raises
        ------
        BrasslinkError
            ``bad_input`` where the folder exists.
        """
        folder = Path(folder)
        if folder.exists():
            raise BrasslinkError("bad_input", "the folder exists", folder, "name a new one")
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            np.save(draft / "sketches.npy", self._whole())
            with open(draft / "templates.bin", "wb") as file:
                for encoded in self._encoded:
                    file.write(encoded)
            about = {
                "format": _FORMAT,
                "sort": self._sort,
                "names": self._names,
                "points": self._points,
                "lengths": [len(encoded) for encoded in self._encoded],
                "sha256": {n: _digest(draft / n) for n in ("sketches.npy", "templates.bin")},
            }
            (draft / "gallery.json").write_text(json.dumps(about), encoding="utf-8")
            os.replace(draft, folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, verify: bool = True) -> Gallery:
        """Load a gallery that was saved; its sketches and templates are mapped, not read.

        Parameters
        ----------
        folder : path-like
            What `save` made.
        verify : bool
            Compare both files with their digests first.

        Returns
        -------
        Gallery
            The gallery. Marks added to it are kept in memory until it is saved anew.

        Raises
        ------
        BrasslinkError
            ``damaged`` where a file is not what was saved.
        """
        folder = Path(folder)
        try:
            about = json.loads((folder / "gallery.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as e:
            what = f"this is no gallery: {e}"
            raise BrasslinkError("damaged", what, folder, "save it again") from None
        if about.get("format") != _FORMAT:
            raise BrasslinkError("damaged", "this is no gallery", folder, "save it again")
        for name, sha256 in about["sha256"].items() if verify else ():
            if _digest(folder / name) != sha256:
                what = "the file is not what was saved"
                raise BrasslinkError("damaged", what, folder / name, "restore it from a backup")
        this = cls()
        this._names = list(about["names"])
        this._places = {name: n for n, name in enumerate(this._names)}
        this._points = list(about["points"])
        this._sort = tuple(about["sort"]) if about["sort"] else None
        if this._names:
            this._pieces = [np.load(folder / "sketches.npy", mmap_mode="r")]
            packed = np.memmap(folder / "templates.bin", np.uint8, "r")
            ends = np.cumsum(about["lengths"]).tolist()
            this._encoded = [packed[end - n : end] for end, n in zip(ends, about["lengths"])]
        return this


def _digest(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()
