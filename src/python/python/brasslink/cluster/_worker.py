"""What runs on the workers."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _native

_BYTES = 26 * 2 * 64


def folder_in(spool: str) -> str:
    """A new name in the spool: two workers that do the same part never meet."""
    return str(Path(spool) / uuid.uuid4().hex)


class Worker:
    """One process; keeps what it has opened, and can begin anew at any time.

    Parameters
    ----------
    threads : int
        Threads of its work.
    """

    def __init__(self, threads: int = 1) -> None:
        _native.use_threads(threads)
        self._units: tuple[str, _native.Units] | None = None
        self._shards: dict[str, tuple[_native.SearchShard, list[npt.NDArray[np.uint8]]]] = {}
        self._job = ""
        self._verifier: tuple[str, _native.Verifier] | None = None

    def where(self) -> tuple[str, int]:
        """Host and process."""
        return os.uname().nodename, os.getpid()

    def used(self) -> float:
        """CPU seconds of this process."""
        return time.process_time()

    def nothing(self) -> None:
        """Answer: for measuring what a call costs."""

    def ingest(self, job: str, about: dict[str, Any], start: int, end: int, spool: str) -> str:
        """Take rows of a manifest through the stages.

        Parameters
        ----------
        job : str
            Names what follows; a new one makes the worker read store and manifest anew.
        about : dict
            ``store``, ``manifest``, ``instruments``, ``recipe``, ``beside``.
        start, end : int
            The rows.
        spool : str
            Where deliveries go.

        Returns
        -------
        str
            The account, for the writer.
        """
        if self._units is None or self._units[0] != job:
            recipe = _native.Recipe(about["recipe"]) if about["recipe"] else None
            made = _native.Units(
                about["store"], about["manifest"], about["beside"], about["instruments"], recipe
            )
            self._units = (job, made)
        return self._units[1].make(start, end, folder_in(spool))

    def screen(
        self, job: str, store: str, plan: str, question: str, probes: bytes
    ) -> list[list[tuple[int, float]]]:
        """Search one shard.

        Parameters
        ----------
        job : str
            Names the search; what was opened for another one is closed.
        store, plan, question : str
            The store, the shard and what is asked, of the writer.
        probes : bytes
            Sketches, one after the other.

        Returns
        -------
        list
            For each probe, numbers and similarities of the marks that may be on its list.
        """
        if self._job != job:
            self._job, self._shards = job, {}
        if plan not in self._shards:
            shard = _native.SearchShard(store, plan)
            mapped: list[npt.NDArray[np.uint8]] = [
                np.memmap(path, np.uint8, "r", offset, (count, _BYTES))
                for path, offset, count in shard.extents()
            ]
            self._shards[plan] = (shard, mapped)
        read, sketches = self._shards[plan]
        return read.answer(sketches, probes, question)

    def release(self) -> None:
        """Close the shards: what an order removes is not kept by a worker that waits."""
        self._shards = {}

    def screen_shared(
        self, job: str, store: str, plan: str, question: tuple[str, bytes]
    ) -> list[list[tuple[int, float]]]:
        """As `screen`, of a question that was broadcast as one object."""
        return self.screen(job, store, plan, *question)

    def verify(self, store: str, part: str, spool: str) -> str:
        """Compare the pairs of a part.

        Parameters
        ----------
        store, part : str
            The store, and the part, of the writer.
        spool : str
            Where deliveries go.

        Returns
        -------
        str
            The bill of the delivery, for the writer.
        """
        if self._verifier is None or self._verifier[0] != store:
            self._verifier = (store, _native.Verifier(store))
        return self._verifier[1].verify(part, folder_in(spool))
