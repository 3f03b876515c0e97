"""Scans into a store, prepared by workers."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

from .. import _native
from .._errors import BrasslinkError
from .._progress import Progress, told
from ._cluster import Cluster, Lost, connect, discard, operator, spool_of, units

#: Rows that a worker prepares and that are committed at once.
UNIT = 16


def ingest(
    store: str | os.PathLike[str],
    manifest: str | os.PathLike[str],
    cluster: Cluster | int | None = None,
    *,
    instruments: str | os.PathLike[str] | None = None,
    recipe: str | os.PathLike[str] | None = None,
    reason: str | None = None,
    who: str | None = None,
    unit: int = UNIT,
    spool: str | os.PathLike[str] | None = None,
    progress: Progress = None,
) -> dict[str, Any]:
    """Import the scans of a manifest, prepared by workers, committed by this process.

    Parameters
    ----------
    store : path-like
        The store, made if absent; all workers see it under this path, and the scans too.
    manifest : path-like
        As for ``brasslink import``; best a hundred thousand rows at a time.
    cluster : Cluster or int, optional
        Workers, or how many to start on this machine.
    instruments : path-like, optional
        Folder of profiles of instruments.
    recipe : path-like, optional
        A recipe in TOML; the built-in one by default.
    reason : str, optional
        Why rows that contradict records correct them.
    who : str, optional
        For the ledger; the login name by default.
    unit : int
        Rows that a worker takes, and a commit holds, at once.
    spool : path-like, optional
        Where workers put what they made; beside the store by default. On its file system,
        segments are moved into the store, else copied.
    progress : callable, bool or None
        See `brasslink.Progress`.

    Returns
    -------
    dict
        ``counts``, ``failures``, ``warnings``, ``cautions`` as of ``brasslink import``, and
        ``workers_lost``. Run it again, and only what is missing is done.
    """
    own = cluster if isinstance(cluster, Cluster) else connect(cluster)
    callback = told(progress)
    paths = {name: os.path.abspath(p) if p else None for name, p in
             (("store", store), ("manifest", manifest), ("instruments", instruments),
              ("recipe", recipe))}  # fmt: skip
    try:
        made = _native.Recipe(paths["recipe"]) if paths["recipe"] else None
        command = f"cluster ingest --manifest {Path(manifest).name}"
        writer = _native.Ingest(
            str(paths["store"]), str(paths["manifest"]), operator(who), command,
            paths["instruments"], made, reason,
        )  # fmt: skip
        job, about = uuid.uuid4().hex, {**paths, "beside": len(own.workers)}
        before, done = own.lost, 0
        with spool_of(store, spool) as folder:

            def call(worker: Any, part: tuple[int, int]) -> Any:
                return worker.ingest.remote(job, about, *part, folder)

            for (start, end), account in own.spread(units(writer.rows, unit), call):
                done += _take(writer, own, call, start, end, account)
                if callback is not None:
                    callback("ingest", done, writer.rows)
        outcome: dict[str, Any] = json.loads(writer.finish())
        outcome["workers_lost"] = own.lost - before
        return outcome
    finally:
        if own is not cluster:
            own.close()


def _take(writer: _native.Ingest, own: Cluster, call: Any, start: int, end: int, account: Any) -> int:
    """Commit a unit; one that no worker could do is tried row by row."""
    if isinstance(account, str):
        try:
            writer.take(start, account)
            return end - start
        except BrasslinkError as error:
            # What was delivered is not what was sent: it is made again.
            if error.kind != "store" or "deliver" not in error.what:
                raise
            account = Lost((start, end), error.what)
        finally:
            discard(account if isinstance(account, str) else "{}")
    if end - start == 1:
        reason = account.reason if isinstance(account, Lost) else str(account)
        writer.give_up(start, end, reason)
        return 1
    if not isinstance(account, (Lost, BrasslinkError)):
        raise account
    rows = [(row, row + 1) for row in range(start, end)]
    for (first, last), one in own.spread(rows, call):
        _take(writer, own, call, first, last, one)
    return end - start
