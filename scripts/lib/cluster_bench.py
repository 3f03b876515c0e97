#!/usr/bin/env python3
"""The shows of the cluster; scripts/cluster-bench runs this where brasslink and Ray are.

Each show prints a table in Markdown, for docs/NUMBERS.md, and ends with an error where
something does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

# A worker has one thread: what is compared with it has one too.
os.environ["RAYON_NUM_THREADS"] = "1"

import numpy as np
import ray
from brasslink import _native, cluster
from brasslink.cluster import _search
from brasslink.cluster._cluster import spool_of

import cluster_simulation
from cluster_common import (
    Clock, compared, content, copied, gallery, probes_of, run, say, scans, segments, sound, where,
)  # fmt: skip
from cluster_kill import kill


def equal(folder: Path, _: argparse.Namespace) -> None:
    """One content, byte for byte, for any number of workers."""
    manifest = scans(folder)
    one = folder / "one"
    start = time.monotonic()
    run("import", "--store", one, "--manifest", manifest)
    run("correlate", "--store", one, "--shortlist", "10")
    wanted, took = content(one), time.monotonic() - start
    say("| made by | content (SHA-256) | marks | comparisons | wall s | CPU s, workers | segments alike |")
    say("|---|---|---|---|---|---|---|")
    counts = lambda c: (c["parts"]["marks"]["count"], c["parts"]["comparisons"]["count"])
    say(f"| `brasslink import`, `correlate` | {wanted['sha256'][:16]}… | {counts(wanted)[0]} | "
        f"{counts(wanted)[1]} | {took:.1f} | | |")  # fmt: skip
    first: dict[str, str] = {}
    for workers in (1, 2, 4, 8):
        store = folder / f"workers-{workers}"
        with cluster.connect(workers) as pool:
            clock = Clock(pool)
            cluster.ingest(store, manifest, pool, progress=False)
            cluster.search(store, pool, keep=10, progress=False)
            wall, _, used = clock.read()
        made = content(store)
        assert made == wanted, (workers, made, wanted)
        sound(store)
        first = first or segments(store)
        alike = segments(store) == first
        assert alike, f"{workers} workers wrote other segments"
        say(f"| {workers} workers | {made['sha256'][:16]}… | {counts(made)[0]} | {counts(made)[1]} | "
            f"{wall:.1f} | {used:.1f} | all {len(first)} |")  # fmt: skip
        shutil.rmtree(store)


def search(folder: Path, args: argparse.Namespace) -> None:
    """A gallery searched by 1, 2, 4 workers."""
    source = gallery(folder, args.casings)
    probes = probes_of(source, args.probes)
    sort = ("breech_face", "topography")
    say(f"{args.casings} casings, {len(probes)} probes, {args.keep} verified for each.\n")
    say("| workers | screening: wall s | CPU s | verification: wall s | CPU s of workers | of the "
        "writer | pairs | whole: wall s | efficiency by wall | by CPU |")  # fmt: skip
    say("|---|---|---|---|---|---|---|---|---|---|")
    base: tuple[float, float] | None = None
    wanted = None
    for workers in args.workers:
        store = copied(source, folder / "searched")
        with cluster.connect(workers) as pool, spool_of(store, None) as spool:
            one = _search._Search(str(store), pool, sort, args.keep, probes, None, None, spool)
            # Once before, so that files are in memory.
            one.screen(workers, None)
            one.job = _native.SearchJob(str(store), *sort, "bench", "bench", args.keep, probes)
            clock = Clock(pool)
            one.screen(workers, None)
            screen = clock.read()
            clock = Clock(pool)
            parts = one.job.plan()
            one.verify(parts, None)
            outcome = json.loads(one.job.finish())
            verify = clock.read()
        made = compared(store)
        wanted = wanted or made
        assert made == wanted, f"{workers} workers found other comparisons"
        wall, used = screen[0] + verify[0], screen[2] + verify[2]
        base = base or (wall, used)
        say(f"| {workers} | {screen[0]:.1f} | {screen[2]:.1f} | {verify[0]:.1f} | {verify[2]:.1f} | "
            f"{verify[1]:.1f} | {outcome['counts']['pairs_compared']} | {wall:.1f} | "
            f"{base[0] / wall / min(workers, 2):.2f} | {base[1] / used:.2f} |")  # fmt: skip
        shutil.rmtree(store)
    say("")
    overhead(source, probes, args)


def overhead(store: Path, probes: list[str], args: argparse.Namespace) -> None:
    """What Ray adds to a query."""
    sort, workers = ("breech_face", "topography"), 2
    say("| a query of one probe | ms, median of 40 |")
    say("|---|---|")
    def median(work: Any, times: int = 40) -> float:
        taken = []
        for n in range(times):
            start = time.perf_counter()
            work(n)
            taken.append(time.perf_counter() - start)
        return sorted(taken)[times // 2] * 1000

    job = _native.SearchJob(str(store), *sort, "bench", "bench", args.keep, probes)
    plans = job.shards(workers)
    questions = [job.question(n, n + 1) for n in range(40 if len(probes) > 40 else len(probes))]
    def here() -> list[Any]:
        made = []
        for plan in plans:
            shard = _native.SearchShard(str(store), plan)
            mapped = [np.memmap(p, np.uint8, "r", o, (c, 3328)) for p, o, c in shard.extents()]
            made.append((shard, mapped))
        return made

    shards = here()
    alone = median(
        lambda n: [s.answer(m, questions[n % len(questions)][1], questions[n % len(questions)][0])
                   for s, m in shards])  # fmt: skip
    with cluster.connect(workers) as pool:
        ask = lambda n: ray.get([
            pool.workers[i].screen.remote("q", str(store), plan, *questions[n % len(questions)])
            for i, plan in enumerate(plans)
        ])  # fmt: skip
        ask(0)
        two = median(ask)
        one = median(lambda n: ray.get([
            pool.workers[0].screen.remote("q", str(store), plan, *questions[n % len(questions)])
            for plan in plans]) if n else ask(0))  # fmt: skip
        call = median(lambda _: ray.get(pool.workers[0].nothing.remote()))
    say(f"| in this process, one thread, {workers} shards one after the other | {alone:.1f} |")
    say(f"| by Ray, one worker, {workers} shards | {one:.1f} |")
    say(f"| by Ray, {workers} workers, a shard each | {two:.1f} |")
    say(f"| an empty call of a worker | {call:.2f} |")
    say(f"| what Ray adds (one worker less this process) | {one - alone:.1f} |")


def rates(folder: Path, _: argparse.Namespace) -> dict[str, float]:
    """What a casing costs a worker and the writer."""
    manifest = scans(folder)
    with cluster.connect(1) as pool:
        store = folder / "rates"
        # Once before, so that programs and files are in memory.
        cluster.ingest(folder / "warm", manifest, pool, progress=False)
        clock = Clock(pool)
        done = cluster.ingest(store, manifest, pool, progress=False)
        _, writer, worker = clock.read()
    count = done["counts"]["imported"]
    size = lambda role: sum(p.stat().st_size for p in (store / "segments").glob(f"*-{role}*.h5"))
    measured = {
        "worker_s": worker / count,
        "writer_s": writer / count,
        "original_bytes": size("originals") / count,
        "mark_bytes": size("marks") / count,
        "other_bytes": (size("tables") + size("templates") + size("index")) / count,
    }
    say("| a casing costs | |\n|---|---|")
    say(f"| a worker, CPU ms (read, prepared, extracted, sealed) | {measured['worker_s'] * 1e3:.0f} |")
    say(f"| the writer, CPU ms (verified, committed) | {measured['writer_s'] * 1e3:.1f} |")
    for name in ("original", "mark", "other"):
        say(f"| {name}, KB in the store | {measured[f'{name}_bytes'] / 1e3:.0f} |")
    return measured


def simulate(folder: Path, args: argparse.Namespace) -> None:
    """Ten million casings, from measured rates."""
    measured = json.loads(Path(args.rates).read_text()) if args.rates else rates(folder, args)
    say("")
    cluster_simulation.report(measured, say)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("show", choices=["equal", "search", "kill", "rates", "simulate", "all"])
    parser.add_argument("--casings", type=int, default=50_000)
    parser.add_argument("--probes", type=int, default=200)
    parser.add_argument("--keep", type=int, default=50)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--drivers", type=int, default=20)
    parser.add_argument("--gallery", type=int, default=2000)
    parser.add_argument("--moments", nargs="+", default=["ingest", "search", "verification", "driver"])
    parser.add_argument("--screenings", type=int, default=40)
    parser.add_argument("--rates", help="JSON of rates that were measured before")
    args = parser.parse_args()
    shows = {"equal": equal, "search": search, "kill": kill, "rates": rates, "simulate": simulate}
    chosen = [n for n in shows if args.show in (n, "all") and not (args.show == "all" and n == "rates")]
    for name in chosen:
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
            say(f"\n### {name}\n")
            shows[name](Path(folder), args)
            say(f"\n{where()}")


if __name__ == "__main__":
    main()
