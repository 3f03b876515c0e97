"""Ten million casings over 8 to 64 workers: what takes how long, and what is full first.

An event for each unit of work: workers read a scan from the file server, prepare it and write
what they made to the file server's spool; the one writer reads it back, verifies it and
commits. The network of the file server is shared by all, its disk likewise; a worker waits
where the writer is too far behind. Rates of processor, bytes and writer are measured on one
machine (`scripts/cluster-bench rates`); network and disk are assumed, and said.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

#: Bytes a second of the file server's network (25 Gbit/s, 80 % of it) and of its disks.
NETWORK, DISK = 2.5e9, 2.0e9
#: Seconds that a commit takes besides (3,125 commits of small casings took 83 s: docs/NUMBERS.md).
COMMIT = 0.026
#: Casings of a unit.
UNIT = 16
#: Units ahead of the writer, for each worker.
AHEAD = 16
#: Similarities a second and core, and CPU seconds of a verified pair (docs/NUMBERS.md).
SCREENED, VERIFIED = 750_000, 0.006
#: Bytes of memory a casing: sketch in a shard; row of the index and plan in the driver;
#: known scans, marks and records in the importing writer (docs/NUMBERS.md, "A gallery that grows").
SKETCH, PLANNED, KNOWN = 3328, 770, 1120


def ingest(rates: dict[str, float], casings: int, workers: int) -> dict[str, float]:
    """Simulate an ingest; times in seconds, shares of time in which each thing was busy."""
    units = casings // UNIT
    # A sample of the units is simulated: the state is steady after the first thousand.
    sample = min(units, 20_000)
    read = UNIT * rates["original_bytes"]
    made = UNIT * (rates["original_bytes"] + rates["mark_bytes"] + rates["other_bytes"])
    work, commit = UNIT * rates["worker_s"], UNIT * rates["writer_s"] + COMMIT
    free = [(0.0, w) for w in range(workers)]
    heapq.heapify(free)
    network = disk = writer = 0.0
    busy = {"network": 0.0, "disk": 0.0, "writer": 0.0, "workers": 0.0}
    finished: list[float] = []
    for n in range(sample):
        start, worker = heapq.heappop(free)
        behind = n - AHEAD * workers
        if behind >= 0:
            start = max(start, finished[behind])
        # Read from the file server, worked on, written to its spool.
        network = max(network, start) + read / NETWORK
        disk = max(disk, start) + read / DISK
        end = max(network, disk) + work
        busy["network"] += (read + 2 * made) / NETWORK
        busy["disk"] += (read + 2 * made) / DISK
        busy["workers"] += work
        network = max(network, end - work) + made / NETWORK
        disk = max(disk, end - work) + made / DISK
        end = max(end, network, disk)
        heapq.heappush(free, (end, worker))
        # Read back and verified by the writer, then moved.
        network += made / NETWORK
        disk += made / DISK
        writer = max(writer, end) + max(commit, made / NETWORK, made / DISK)
        busy["writer"] += max(commit, made / NETWORK, made / DISK)
        finished.append(writer)
    took = finished[-1]
    shares = {name: used / took for name, used in busy.items()}
    shares["workers"] /= workers
    return {"seconds": took * units / sample, **shares}


def search(casings: int, workers: int, probes: int, keep: int) -> float:
    """Seconds of a search: screening of the whole gallery, then verification."""
    return (probes * casings / SCREENED + probes * keep * VERIFIED) / workers


def report(rates: dict[str, float], say: Callable[[str], None]) -> None:
    """Tables for docs/NUMBERS.md."""
    say("| casings | scans | workers | ingest, hours | casings a second | busy: workers | writer | "
        "network | disk | full first |")  # fmt: skip
    say("|---|---|---|---|---|---|---|---|---|---|")
    raw = {**rates, "original_bytes": 10 * rates["original_bytes"]}
    ten = 10**7
    for casings, scans, costs in (
        (10**5, "as measured", rates), (10**6, "as measured", rates), (ten, "as measured", rates),
        (ten, "of ten times the bytes", raw),
    ):  # fmt: skip
        for workers in (8, 16, 32, 64):
            found = ingest(costs, casings, workers)
            parts = {n: found[n] for n in ("workers", "writer", "network", "disk")}
            full = max(parts, key=lambda n: parts[n])
            shares = " | ".join(f"{parts[n]:.0%}" for n in parts)
            say(f"| {casings:,} | {scans} | {workers} | {found['seconds'] / 3600:.2f} | "
                f"{casings / found['seconds']:.0f} | {shares} | {full} |")  # fmt: skip
    say("")
    say("| casings | workers | 1,000 new casings searched, minutes | all against all, days | sketches "
        "a worker, GB | driver while searching, GB | writer while importing, GB | store, TB |")  # fmt: skip
    say("|---|---|---|---|---|---|---|---|")
    bytes_each = rates["original_bytes"] + rates["mark_bytes"] + rates["other_bytes"]
    for casings in (10**5, 10**6, 10**7):
        for workers in (8, 64):
            some = search(casings, workers, 1000, 200) / 60
            # Each pair is screened from either side.
            everything = search(casings, workers, casings, 200) / 86400
            say(f"| {casings:,} | {workers} | {some:.1f} | {everything:,.1f} | "
                f"{casings * SKETCH / workers / 1e9:.2f} | {casings * PLANNED / 1e9:.1f} | "
                f"{casings * KNOWN / 1e9:.1f} | {casings * bytes_each / 1e12:.1f} |")  # fmt: skip
