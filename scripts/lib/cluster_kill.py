"""Workers and drivers killed at random moments."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from brasslink import _native, cluster
from brasslink.cluster import _search
from brasslink.cluster._cluster import spool_of
from cluster_common import (
    compared, content, copied, gallery, probes_of, run, say, scans, sound,
)  # fmt: skip

#: The longest pause between two kills, seconds: a worker that begins anew takes some three.
PAUSE = 8.0
#: Ray's folder, by which the workers are known. Names of sockets are short.
OWN = tempfile.mkdtemp(prefix="b")


def processes() -> list[int]:
    """The workers of this process's cluster: children of its raylet."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            said = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
            if said.startswith(b"ray::Worker"):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                if OWN.encode() in Path(f"/proc/{parent}/cmdline").read_bytes():
                    found.append(int(entry.name))
        except OSError:
            continue
    return found


class Killer(threading.Thread):
    """Kills a worker at random moments while it is asked to."""

    def __init__(self, pool: cluster.Cluster, pause: float, left: int) -> None:
        super().__init__(daemon=True)
        self.pool, self.pause, self.left = pool, pause, left
        self.killed, self.over = 0, threading.Event()
        self.random = random.Random(time.time_ns())
        self.start()

    def run(self) -> None:
        while self.killed < self.left and not self.over.wait(self.random.uniform(0.05, self.pause)):
            workers = processes()
            if workers:
                os.kill(self.random.choice(workers), signal.SIGKILL)
                self.killed += 1

    def end(self) -> int:
        self.over.set()
        self.join()
        return self.killed


def kill(folder: Path, args: argparse.Namespace) -> None:
    """Workers and drivers killed at random moments."""
    manifest = scans(folder)
    say("| killed with SIGKILL at random moments of | times | outcome |")
    say("|---|---|---|")
    with cluster.connect(2, temp_dir=OWN) as pool:
        for moment, killing in (
            ("ingest", ingest), ("search", search), ("verification", verification)
        ):  # fmt: skip
            if moment in args.moments:
                killing(folder, manifest, pool, args)
    if "driver" in args.moments:
        drivers(folder, manifest, args)


def until(times: int, work: Callable[[int], tuple[Any, int]], wanted: Any) -> tuple[int, int]:
    """Repeat a disturbed work until so many workers were killed; kills and runs."""
    killed = runs = 0
    while killed < times:
        made, count = work(times - killed)
        killed, runs = killed + count, runs + 1
        assert made == wanted, "the outcome is not that of an undisturbed run"
    return killed, runs


def ingest(folder: Path, manifest: Path, pool: cluster.Cluster, args: argparse.Namespace) -> None:
    """Workers killed while scans are prepared."""

    def work(left: int) -> tuple[Any, int]:
        store = folder / "ingested"
        killer = Killer(pool, PAUSE, left)
        done = cluster.ingest(store, manifest, pool, unit=2, progress=False)
        count, made = killer.end(), content(store)
        assert not done["failures"], done["failures"]
        sound(store)
        shutil.rmtree(store)
        return made, count

    wanted, _ = work(0)
    killed, runs = until(args.times, work, wanted)
    say(f"| an ingest of {wanted['parts']['marks']['count']} scans: a worker | {killed} | {runs} runs "
        "complete, each with the content of an undisturbed one, verified |")  # fmt: skip


def search(folder: Path, _: Path, pool: cluster.Cluster, args: argparse.Namespace) -> None:
    """Workers killed while a gallery is screened."""
    source = gallery(folder, args.gallery)
    probes, sort = probes_of(source, 64), ("breech_face", "topography")

    def work(left: int) -> tuple[Any, int]:
        with spool_of(source, folder / "spool") as spool:
            one = _search._Search(str(source), pool, sort, 50, probes, None, None, spool)
            killer = Killer(pool, PAUSE, left)
            for _ in range(args.screenings if left else 1):
                # Screened again and again: one screening of this gallery is short.
                one.job = _native.SearchJob(str(source), *sort, "b", "b", 50, probes)
                one.screen(4, None)
            count = killer.end()
            parts = [one.job.part(n) for n in range(one.job.plan())]
            return hashlib.sha256("".join(parts).encode()).hexdigest(), count

    killed, runs = until(args.times, work, work(0)[0])
    say(f"| a search of {args.gallery} casings with 64 probes: a worker | {killed} | {runs} runs "
        "complete, each with the very shortlists of an undisturbed one |")  # fmt: skip


def verification(folder: Path, _: Path, pool: cluster.Cluster, args: argparse.Namespace) -> None:
    """Workers killed while pairs are compared."""
    source = gallery(folder, args.gallery)
    probes, pairs = probes_of(source, 64), 0

    def work(left: int) -> tuple[Any, int]:
        nonlocal pairs
        store = copied(source, folder / "verified")
        killer = Killer(pool, PAUSE, left)
        done = cluster.search(
            store, pool, keep=50, probes=probes, mark_kind="breech_face", modality="topography",
            progress=False,
        )  # fmt: skip
        count, made, pairs = killer.end(), compared(store), done["counts"]["pairs_compared"]
        sound(store)
        shutil.rmtree(store)
        return made, count

    killed, runs = until(args.times, work, work(0)[0])
    say(f"| a search and verification of {pairs} pairs: a worker | {killed} | {runs} runs complete, each "
        "with the comparisons of an undisturbed one, verified |")  # fmt: skip


DRIVER = """
import sys
from brasslink import cluster
with cluster.connect(2, address=sys.argv[3]) as pool:
    print("ready", flush=True)
    cluster.ingest(sys.argv[1], sys.argv[2], pool, unit=2, progress=False)
    cluster.search(sys.argv[1], pool, keep=10, progress=False)
    print("done", flush=True)
"""


def drivers(folder: Path, manifest: Path, args: argparse.Namespace) -> None:
    """The driver itself killed, over and over on one store, until the work is done."""
    from brasslink.cluster.__main__ import down, up

    one = folder / "one-process"
    run("import", "--store", one, "--manifest", manifest)
    run("correlate", "--store", one, "--shortlist", "10")
    wanted = content(one)
    address = up(4, 6412, "127.0.0.1")["address"]
    killed = rounds = 0
    try:
        while killed < args.drivers:
            store = folder / "driven"
            while True:
                child = subprocess.Popen(
                    [sys.executable, "-c", DRIVER, store, manifest, address],
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                )  # fmt: skip
                assert child.stdout is not None and child.stdout.readline() == "ready\n"
                time.sleep(random.uniform(0.2, 5.0))
                if killed < args.drivers and child.poll() is None:
                    child.kill()
                    killed += 1
                said, _ = child.communicate()
                if (store / "manifest.json").exists():
                    sound(store)
                if said == "done\n":
                    break
            assert content(store) == wanted
            rounds += 1
            shutil.rmtree(store)
    finally:
        down()
    say(f"| ingest and search: the driver | {killed} | the store opened and verified each time; run "
        f"again until done ({rounds} stores), each with the content of one process |")  # fmt: skip
