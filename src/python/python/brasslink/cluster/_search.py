"""A gallery searched by workers."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable
from typing import Any

from .. import _native
from .._errors import BrasslinkError
from .._progress import Progress, told
from ._cluster import Cluster, Lost, connect, discard, operator, spool_of, units

#: Probes that are broadcast at once.
PROBES = 64
#: How often the workers of a part may be lost: no template ends a worker by itself, as a file
#: might.
PATIENCE = 100
#: How often a delivery that is not what was sent is made again.
AGAIN = 3
#: What is searched by default.
SORTS = [(k, m) for k in ("breech_face", "firing_pin", "ejector", "aperture_shear")
         for m in ("topography", "image")]  # fmt: skip


def search(
    store: str | os.PathLike[str],
    cluster: Cluster | int | None = None,
    *,
    keep: int | None = 200,
    probes: Iterable[str] | None = None,
    mark_kind: str | None = None,
    modality: str | None = None,
    recipe: str | os.PathLike[str] | None = None,
    shards: int | None = None,
    who: str | None = None,
    spool: str | os.PathLike[str] | None = None,
    progress: Progress = None,
) -> dict[str, Any]:
    """Compare what is new in a store with the rest of it, on workers.

    The gallery is divided among the workers, each of which maps its part of the index. All
    probes are shown to all parts; what they name is merged, as if one process had read the
    whole gallery. The pairs on the shortlists are verified in parts, and committed by this
    process. After a new recipe everything is new: then this compares all against all.

    Parameters
    ----------
    store : path-like
        The store; all workers see it under this path.
    cluster : Cluster or int, optional
        Workers, or how many to start on this machine.
    keep : int, optional
        How many of the most alike are verified for each probe; none: all.
    probes : iterable of str, optional
        Marks to search for; by default those that have no shortlist yet.
    mark_kind, modality : str, optional
        What is searched; everything by default. With `probes` both are needed.
    recipe : path-like, optional
        A recipe in TOML; the built-in one by default.
    shards : int, optional
        Parts of the gallery; one for each worker by default.
    who : str, optional
        For the ledger; the login name by default.
    spool : path-like, optional
        Where workers put what they made; beside the store by default.
    progress : callable, bool or None
        See `brasslink.Progress`.

    Returns
    -------
    dict
        ``counts``, ``failures``, … as of ``brasslink correlate``, one after the other
        population, and ``workers_lost``. Run it again, and only what is missing is done.
    """
    chosen = [
        (k, m)
        for k, m in SORTS
        if (mark_kind is None or k == mark_kind) and (modality is None or m == modality)
    ]
    wanted = None if probes is None else list(probes)
    if not chosen or (wanted is not None and len(chosen) != 1):
        what = "which marks are searched is not clear"
        advice = "name one mark_kind and one modality"
        raise BrasslinkError("bad_input", what, None, advice)
    own = cluster if isinstance(cluster, Cluster) else connect(cluster)
    before = own.lost
    total: dict[str, Any] = {"counts": {}, "failures": [], "warnings": [], "cautions": []}
    try:
        with spool_of(store, spool) as folder:
            for sort in chosen:
                one = _Search(os.path.abspath(store), own, sort, keep, wanted, recipe, who, folder)
                for name, value in one.run(shards, told(progress)).items():
                    if name == "counts":
                        for what, count in value.items():
                            total[name][what] = total[name].get(what, 0) + count
                    elif isinstance(total.get(name), list):
                        total[name] += value
        total["workers_lost"] = own.lost - before
        return total
    finally:
        if own is not cluster:
            own.close()


class _Search:
    """One population."""

    def __init__(
        self,
        store: str,
        cluster: Cluster,
        sort: tuple[str, str],
        keep: int | None,
        probes: list[str] | None,
        recipe: str | os.PathLike[str] | None,
        who: str | None,
        spool: str,
    ) -> None:
        made = _native.Recipe(os.fspath(recipe)) if recipe else None
        self.store, self.cluster, self.spool = store, cluster, spool
        self.name = f"{sort[0]} ({sort[1]})"
        command = f"cluster search --shortlist {keep or 'all'}"
        self.job = _native.SearchJob(
            store, *sort, operator(who), command, keep, probes, made
        )

    def run(self, shards: int | None, callback: Any) -> dict[str, Any]:
        """Screen, verify, finish."""
        self.screen(shards or len(self.cluster.workers), callback)
        self.verify(self.job.plan(), callback)
        outcome: dict[str, Any] = json.loads(self.job.finish())
        return outcome

    def screen(self, shards: int, callback: Any) -> None:
        """Ask all shards about all probes; merge what they answer."""
        count = self.job.screened()
        if count == 0:
            return
        plans, name = self.job.shards(shards), uuid.uuid4().hex
        import ray

        asked = units(count, PROBES)
        shared = [ray.put(plan) for plan in plans]

        def parts() -> Any:
            for start, end in asked:
                question = ray.put(self.job.question(start, end))
                for n in range(len(plans)):
                    yield (start, end, n, question)

        def call(worker: Any, part: tuple[int, int, int, Any]) -> Any:
            _, _, n, question = part
            return worker.screen_shared.remote(name, self.store, shared[n], question)

        answers: list[Any] = []
        try:
            for (start, end, _, _), answer in self.cluster.spread(
                parts(), call, bound=True, patience=PATIENCE
            ):
                _raise(answer)
                answers.append(answer)
                if len(answers) == len(plans):
                    self.job.answered(start, end, answers)
                    answers = []
                    if callback is not None:
                        callback(f"screen {self.name}", end, count)
        finally:
            # Not waited for: one that is gone has nothing open.
            for worker in self.cluster.workers:
                worker.release.remote()

    def verify(self, parts: int, callback: Any) -> None:
        """Have the pairs compared, and commit them part by part."""

        def call(worker: Any, number: int) -> Any:
            return worker.verify.remote(self.store, self.job.part(number), self.spool)

        for number, bill in self.cluster.spread(range(parts), call, patience=PATIENCE):
            for attempt in range(AGAIN):
                _raise(bill)
                try:
                    self.job.take(number, bill)
                    break
                except BrasslinkError as error:
                    if attempt + 1 == AGAIN or error.kind != "store" or "deliver" not in error.what:
                        raise
                finally:
                    discard(bill)
                ((_, bill),) = self.cluster.spread([number], call, patience=PATIENCE)
            if callback is not None:
                callback(f"verify {self.name}", number + 1, parts)


def _raise(result: Any) -> None:
    """Raise what went wrong with a part of a search: without it the rest is worth nothing."""
    if isinstance(result, Lost):
        advice = "look at the logs of Ray, then run it again: what was committed is kept"
        raise BrasslinkError("internal", result.reason, None, advice)
    if isinstance(result, Exception):
        raise result
