"""Workers on a Ray cluster, and work spread over them."""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._errors import BrasslinkError
from ._worker import Worker

#: Parts that a worker has before it at any time.
AHEAD = 2
#: A part whose workers were lost so often is given up.
PATIENCE = 8
#: Seconds that a worker may take to come back.
LONGEST = 300.0


@dataclass(frozen=True)
class Lost:
    """A part that no worker could do.

    Attributes
    ----------
    part : object
        What it was.
    reason : str
        Why.
    """

    part: Any
    reason: str


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise BrasslinkError(
            "bad_input", "Ray is not installed", None, "pip install 'brasslink[ray]'"
        ) from None
    return ray


def _gone() -> tuple[type[BaseException], ...]:
    """What says that a worker is not there."""
    errors = _ray().exceptions
    return (
        errors.RayActorError,
        errors.WorkerCrashedError,
        errors.NodeDiedError,
        errors.RaySystemError,
    )


class _Crew:
    """Which workers are up, and how much each has before it.

    A worker that fell is started again by Ray; until it answers, nothing is given to it.
    """

    def __init__(self, workers: list[Any]) -> None:
        self.workers = workers
        self.load = [0] * len(workers)
        self.asked: dict[Any, int] = {}
        self._since: dict[int, float] = {}

    def has_room(self) -> bool:
        """Whether any worker can take a part."""
        up = [w for w in range(len(self.load)) if w not in self._since]
        return any(self.load[w] < AHEAD for w in up)

    def choose(self, number: int | None) -> int:
        """The worker of a part: its own where it has a number, else the least busy one."""
        own = None if number is None else number % len(self.load)
        if own is None or own in self._since:
            up = [w for w in range(len(self.load)) if w not in self._since]
            own = min(up, key=lambda w: self.load[w])
        self.load[own] += 1
        return own

    def fell(self, worker: int) -> bool:
        """Note that a worker is gone; whether that was news."""
        if worker in self._since:
            return False
        self._since[worker] = time.monotonic()
        self._ask(worker)
        return True

    def _ask(self, worker: int) -> None:
        self.asked[self.workers[worker].nothing.remote()] = worker

    def answered(self, reference: Any) -> None:
        """Take a worker for up again if it said so; else ask it again."""
        worker = self.asked.pop(reference)
        try:
            _ray().get(reference)
            del self._since[worker]
        except _gone() as error:
            if time.monotonic() - self._since[worker] > LONGEST:
                what = f"a worker did not come back within {LONGEST:.0f} s: {error}"
                advice = "look at the logs of Ray, then run it again: what was committed is kept"
                raise BrasslinkError("internal", what, None, advice) from None
            time.sleep(0.1)
            self._ask(worker)


#: How every process of Ray is started: no reports to anybody, no colours in logs.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_memory_monitor_refresh_ms": "0",
}


@dataclass
class Cluster:
    """Workers, each an actor of Ray that is started again when it is lost.

    Made by `connect`.

    Attributes
    ----------
    workers : list
        The actors.
    lost : int
        How often a worker was lost so far.
    """

    workers: list[Any]
    lost: int = 0
    own: bool = field(default=False, repr=False)
    temp_dir: str | None = field(default=None, repr=False)

    def spread(
        self,
        parts: Iterable[Any],
        call: Callable[[Any, Any], Any],
        *,
        window: int | None = None,
        bound: bool = False,
        patience: int = PATIENCE,
    ) -> Iterator[tuple[Any, Any]]:
        """Have workers do parts, and give what they made in the order of the parts.

        Parameters
        ----------
        parts : iterable
            What is to be done.
        call : callable
            Of a worker and a part: starts the work, gives Ray's reference.
        window : int, optional
            How far the work may be ahead of the first part that is not done.
        bound : bool
            Part n goes to worker n modulo their number, as long as that one is up.
        patience : int
            A part whose workers were lost so often is given up.

        Yields
        ------
        part, result
            The result is a `Lost` where no worker could do the part, or an exception that
            the work raised.
        """
        ray = _ray()
        gone = _gone()
        crew = _Crew(self.workers)
        most = window or 8 * AHEAD * len(self.workers)
        coming, again = enumerate(parts), deque[tuple[int, Any]]()
        busy: dict[Any, tuple[int, Any, int]] = {}
        losses: dict[int, int] = {}
        done: dict[int, tuple[Any, Any]] = {}
        following, exhausted = 0, False
        while True:
            while crew.has_room():
                if again:
                    number, part = again.popleft()
                elif not exhausted and len(busy) + len(done) < most:
                    following_part = next(coming, None)
                    if following_part is None:
                        exhausted = True
                        break
                    number, part = following_part
                else:
                    break
                worker = crew.choose(number if bound else None)
                busy[call(self.workers[worker], part)] = (number, part, worker)
            if exhausted and not busy and not again:
                break
            ready, _ = ray.wait([*busy, *crew.asked], num_returns=1, timeout=0.2)
            for reference in ready:
                if reference in crew.asked:
                    crew.answered(reference)
                    continue
                number, part, worker = busy.pop(reference)
                crew.load[worker] -= 1
                try:
                    done[number] = (part, ray.get(reference))
                except gone as error:
                    # One death is one loss, though it takes all that waited there.
                    if crew.fell(worker):
                        self.lost += 1
                        losses[number] = losses.get(number, 0) + 1
                    if losses.get(number, 0) < patience:
                        again.append((number, part))
                    else:
                        reason = f"its worker was lost {patience} times: {type(error).__name__}"
                        done[number] = (part, Lost(part, reason))
                except ray.exceptions.RayTaskError as error:
                    done[number] = (part, error.cause if error.cause else error)
            while following in done:
                yield done.pop(following)
                following += 1

    def each(self, call: Callable[[Any], Any]) -> list[Any]:
        """Ask every worker the same, and wait for all.

        Parameters
        ----------
        call : callable
            Of a worker: gives Ray's reference.

        Returns
        -------
        list
            The answers, in the order of the workers.
        """
        answers: list[Any] = _ray().get([call(worker) for worker in self.workers])
        return answers

    def close(self) -> None:
        """End the workers, and the cluster if `connect` started it."""
        ray = _ray()
        for worker in self.workers:
            ray.kill(worker)
        self.workers = []
        if self.own:
            ray.shutdown()
        if self.temp_dir:
            shutil.rmtree(self.temp_dir, ignore_errors=True)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    workers: int | None = None,
    *,
    address: str | None = None,
    threads: int = 1,
    temp_dir: str | os.PathLike[str] | None = None,
) -> Cluster:
    """Start workers on a cluster, or on this machine alone.

    Parameters
    ----------
    workers : int, optional
        How many; by default one for each core of the cluster.
    address : str, optional
        Of a running cluster, ``auto`` for the one that ``brasslink-cluster up`` or
        ``ray start`` runs here; none: one of this process's own, on this machine.
    threads : int
        Threads of each worker.
    temp_dir : path-like, optional
        Where Ray keeps its sockets and logs; short, for names of sockets are.

    Returns
    -------
    Cluster
        The workers.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()})
    ray = _ray()
    own, made = not ray.is_initialized(), None
    if own:
        common: dict[str, Any] = {
            "logging_level": "error",
            "log_to_driver": False,
            "configure_logging": False,
        }
        if address is None:
            cores = workers * threads if workers else os.cpu_count() or 1
            if temp_dir is None:
                temp_dir = made = f"{own_temp_dir()}/{os.getpid()}"
            _start(
                address="local",
                num_cpus=cores,
                num_gpus=0,
                include_dashboard=False,
                object_store_memory=128 << 20,
                _temp_dir=os.fspath(temp_dir),
                **common,
            )
        else:
            _start(address=known_address(address), **common)
    cores = int(ray.cluster_resources().get("CPU", 1))
    count = max(1, cores // threads) if workers is None else workers
    remote = ray.remote(Worker).options(num_cpus=threads, max_restarts=-1, max_task_retries=0)
    return Cluster([remote.remote(threads) for _ in range(count)], own=own, temp_dir=made)


def _start(**how: Any) -> None:
    """Start Ray, or join it; what it raises says little of what to do."""
    try:
        _ray().init(**how)
    except Exception as error:
        what = f"Ray did not start: {str(error).strip().splitlines()[0] if str(error) else error!r}"
        advice = "try again when the machine is less busy, or look at the logs in that folder"
        raise BrasslinkError("internal", what, how.get("_temp_dir"), advice) from error


def own_temp_dir() -> str:
    """A short folder of this user's for Ray's sockets and logs."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / f"brasslink-ray-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return str(folder)


def state_file() -> Path:
    """Where ``brasslink-cluster up`` notes what it started."""
    return Path(own_temp_dir()) / "up.json"


def up_dir() -> str:
    """Ray's folder of the cluster that ``brasslink-cluster up`` starts."""
    return f"{own_temp_dir()}/up"


def known_address(address: str) -> str:
    """The address of the cluster that ``brasslink-cluster up`` started, for ``auto``."""
    if address == "auto" and state_file().exists():
        return str(json.loads(state_file().read_text(encoding="utf-8"))["address"])
    return address


@contextmanager
def spool_of(store: str | os.PathLike[str], spool: str | os.PathLike[str] | None) -> Iterator[str]:
    """A folder for deliveries, beside the store so that they can be moved into it.

    What drivers that were killed left there is removed.
    """
    store = Path(store).absolute()
    parent = Path(spool) if spool else store.parent / f".{store.name}.spool"
    parent.mkdir(parents=True, exist_ok=True)
    host = os.uname().nodename
    for left in parent.iterdir():
        name, _, rest = left.name.rpartition("-")
        owner, _, pid = name.rpartition("-")
        if owner == host and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
    own = parent / f"{host}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    own.mkdir()
    try:
        yield str(own)
    finally:
        shutil.rmtree(own, ignore_errors=True)
        try:
            parent.rmdir()
        except OSError:
            pass  # Another driver's is there.


def discard(document: str) -> None:
    """Remove what is left of a delivery after its commit."""
    said = json.loads(document)
    bill = said.get("bill", said)
    if bill:
        shutil.rmtree(bill["folder"], ignore_errors=True)


def operator(named: str | None) -> str:
    """Who is at work, for the ledger."""
    return named or os.environ.get("USER") or os.environ.get("LOGNAME") or "unknown"


def units(count: int, size: int) -> Sequence[tuple[int, int]]:
    """Ranges of at most ``size`` of ``count``."""
    return [(start, min(start + size, count)) for start in range(0, count, size)]
