"""An evidence store, read only."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import _native
from ._errors import BrasslinkError
from ._native import Mark, Scan, Template
from ._progress import Progress, told
from ._tables import Sort, Table, table


def open_store(path: str | os.PathLike[str]) -> Snapshot:
    """Open a store as it is now, for reading.

    Parameters
    ----------
    path : path-like
        The store's folder.

    Returns
    -------
    Snapshot
        One consistent state; what is committed later does not change it.

    Raises
    ------
    BrasslinkError
        ``store`` where manifest or ledger are damaged.
    """
    return Snapshot(_native.NativeSnapshot(os.fspath(path)))


class Snapshot:
    """One state of a store. Made by `open_store`.

    Every segment's bytes are compared with the digest that the ledger vouches for before
    anything in it is read. Tables take ``sort="arrow"`` where pyarrow is installed.

    Parameters
    ----------
    native : NativeSnapshot
        What `open_store` opened.
    """

    def __init__(self, native: _native.NativeSnapshot) -> None:
        self._native = native

    @property
    def seq(self) -> int:
        """The number of the last ledger entry that it shows."""
        return self._native.seq

    @property
    def head(self) -> str:
        """The hash that vouches for everything that it shows (SHA-256)."""
        return self._native.head

    def casings(self, sort: Sort = "pandas") -> Table:
        """Give the newest record of every casing.

        Parameters
        ----------
        sort : {"pandas", "arrow"}
            What to make.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``id``, ``origin``, ``firearm``, ``calibre``, ``firing_pin_shape``, ``notes`` and
            the columns of its scene (``scene.id``, ``scene.date``, …).
        """
        rows = [json.loads(body) for body in self._native.casings()]
        flat = pd.json_normalize(rows) if rows else pd.DataFrame({"id": []})
        flat = flat.astype(object).where(flat.notna(), None)
        if sort == "pandas":
            return flat
        return table({name: flat[name].tolist() for name in flat.columns}, sort)

    def scans(self, sort: Sort = "pandas") -> Table:
        """Give every scan that was received: one row a file.

        Parameters
        ----------
        sort : {"pandas", "arrow"}
            What to make.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``sha256``, ``casing``, ``file_name``, ``format``, ``modality``, ``light``, ``ny``,
            ``nx``, ``pitch_x_m``, ``pitch_y_m`` (metres), ``bytes`` (0: kept elsewhere),
            ``instrument``, ``acquired``, ``warnings``.
        """
        return table(self._native.scans(), sort)

    def marks(self, sort: Sort = "pandas") -> Table:
        """Give every prepared mark without its values.

        Parameters
        ----------
        sort : {"pandas", "arrow"}
            What to make.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``id``, ``casing``, ``scan``, ``kind``, ``modality``, ``ny``, ``nx``, ``pitch_m``
            (metres), ``recipe``, ``verdict``, ``reasons``, ``area_mm2``, ``coverage``, ``rms``
            (micrometres of heights, 1 of images).
        """
        return table(self._native.marks(), sort)

    def comparisons(self, sort: Sort = "pandas", progress: Progress = None) -> Table:
        """Give every comparison without its cells.

        Parameters
        ----------
        sort : {"pandas", "arrow"}
            What to make.
        progress : callable, bool or None
            See `brasslink.Progress`.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``a``, ``b`` (marks), ``recipe``, ``score`` (standard deviations of chance),
            ``ccf``, ``cells``, ``congruent_cells``, ``overlap_mm2``, and B from A:
            ``rotation_rad``, ``dx_m``, ``dy_m``; ``cell_um``, ``cells_of_b``.
        """
        return table(self._native.comparisons(told(progress)), sort)

    def cells(self, a: str, b: str) -> pd.DataFrame:
        """Give the cells of the newest comparison of two marks.

        Parameters
        ----------
        a, b : str
            The marks, in either order; positions are those of the stored order.

        Returns
        -------
        pandas.DataFrame
            As `brasslink.cells`.
        """
        found = self._native.cells(a, b)
        if found is None:
            what = f"the marks {a} and {b} were not compared"
            raise BrasslinkError("not_found", what, None, "`comparisons` lists what was")
        return pd.DataFrame(found)

    def groups(self, sort: Sort = "pandas") -> Table:
        """Give the groups of the last linking: one row a member.

        Parameters
        ----------
        sort : {"pandas", "arrow"}
            What to make.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``group``, ``casing``, ``confidence`` (of the group, 0–1), ``prototype``.
        """
        return table(self._native.groups(), sort)

    def links(self, sort: Sort = "pandas") -> Table:
        """Give the links that the last linking proposes.

        Parameters
        ----------
        sort : {"pandas", "arrow"}
            What to make.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``a``, ``b`` (casings), ``score``, ``status``.
        """
        return table(self._native.links(), sort)

    def candidates(self, sort: Sort = "pandas") -> Table:
        """Give the candidates of every casing, best first.

        Parameters
        ----------
        sort : {"pandas", "arrow"}
            What to make.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``probe``, ``rank``, ``candidate``, ``score``, ``congruent_cells``.
        """
        return table(self._native.candidates(), sort)

    def failures(self, sort: Sort = "pandas") -> Table:
        """Give every input that could not be processed.

        Parameters
        ----------
        sort : {"pandas", "arrow"}
            What to make.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``run``, ``file``, ``line``, ``kind``, ``reason``.
        """
        return table(self._native.failures(), sort)

    def records(self, kind: str, sort: Sort = "pandas") -> Table:
        """Give the newest version of every record of a kind.

        Parameters
        ----------
        kind : str
            ``case``, ``event``, ``exhibit``, ``decision`` …: docs/STORE_FORMAT.md.
        sort : {"pandas", "arrow"}
            What to make.

        Returns
        -------
        pandas.DataFrame or pyarrow.Table
            ``id``, ``version``, ``body`` (JSON), ``author``, ``reason``.
        """
        return table(self._native.records(kind), sort)

    def mark(self, mark: str) -> Mark:
        """Read one prepared mark.

        Parameters
        ----------
        mark : str
            Its id; see `marks`.

        Returns
        -------
        Mark
            The mark as it was committed.
        """
        return self._native.mark(mark)

    def mark_values(self, mark: str) -> npt.NDArray[np.float32]:
        """Read the values of a prepared mark.

        Parameters
        ----------
        mark : str
            Its id.

        Returns
        -------
        numpy.ndarray
            Values, float32 of shape (ny, nx): micrometres of heights, 1 of images; NaN = no data.
        """
        return self._native.mark(mark).values

    def scan(self, sha256: str) -> Scan:
        """Read a scan again from the file that the store keeps.

        Parameters
        ----------
        sha256 : str
            The file's digest; see `scans`.

        Returns
        -------
        Scan
            The scan.
        """
        return self._native.scan(sha256)

    def original(self, sha256: str) -> bytes:
        """Give a scan's file as it was received.

        Parameters
        ----------
        sha256 : str
            The file's digest, which is verified.

        Returns
        -------
        bytes
            The file.
        """
        return self._native.original(sha256)

    def templates(
        self, mark_kind: str = "breech_face", modality: str = "topography", recipe: str | None = None
    ) -> dict[str, Template]:
        """Give the templates of one sort by their marks.

        Parameters
        ----------
        mark_kind, modality : str
            Which.
        recipe : str, optional
            Digest of the recipe; the built-in one by default.

        Returns
        -------
        dict of str to Template
            In the order of commits.
        """
        wanted = _native.Recipe().sha256 if recipe is None else recipe
        return dict(self._native.templates(mark_kind, modality, wanted))

    def content(self) -> dict[str, Any]:
        """Tell what the store says, whatever way it came there.

        Returns
        -------
        dict
            Counts and digests of records, scans, marks, templates, comparisons, linking, and
            one digest over all: equal stores have equal ones.
        """
        return dict(json.loads(self._native.content()))

    def verify(self) -> list[dict[str, Any]]:
        """Check the store on disk from the first ledger line to the last byte.

        Returns
        -------
        list of dict
            What was found that is no damage, such as what an interrupted writer left.

        Raises
        ------
        BrasslinkError
            ``store`` where evidence is damaged, missing or changed.
        """
        said, damaged = self._native.verify()
        findings: list[dict[str, Any]] = json.loads(said)
        if damaged:
            first = next(f for f in findings if f["severity"] == "damage")
            raise BrasslinkError("store", first["what"], first["file"], first["advice"])
        return findings
