"""What the shows of the cluster share."""

from __future__ import annotations

import csv
import datetime
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import brasslink
import ray
from brasslink import cluster

PROJECT = Path(__file__).resolve().parents[2]
BINARY = os.environ["BRASSLINK_BINARY"]


def run(*args: object) -> None:
    """The command line, with as many threads as it likes."""
    env = {k: v for k, v in os.environ.items() if k != "RAYON_NUM_THREADS"}
    subprocess.run([BINARY, *map(str, args)], check=True, stdout=subprocess.DEVNULL, env=env)


def say(text: str) -> None:
    print(text, flush=True)


def where() -> str:
    """Date, commit, machine, for below a table."""
    def out(*command: str) -> str:
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True).stdout.strip()

    model = next(
        (l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?"
    )
    load = ", ".join(f"{n:.1f}" for n in os.getloadavg())
    return (
        f"`scripts/cluster-bench {' '.join(sys.argv[1:])}`, {datetime.date.today()}, commit "
        f"{out('git', 'rev-parse', '--short', 'HEAD')}, {os.cpu_count()} cores, {model}, Ray "
        f"{ray.__version__}; load average at the end {load} (other work shares the cores)."
    )


def scans(folder: Path) -> Path:
    """A manifest of the samples and, where they are, the Fadul scans."""
    rows = []
    for row in csv.DictReader(open(PROJECT / "samples" / "manifest.csv", encoding="utf-8")):
        if row["file"].endswith(".x3p"):
            rows.append((PROJECT / "samples" / row["file"], row["casing_id"]))
    shared = Path(os.environ.get("BRASSLINK_SHARED", PROJECT.parent / "shared")) / "data" / "fadul"
    rows += [(path, path.stem) for path in sorted(shared.glob("*.x3p"))]
    manifest = folder / "manifest.csv"
    with open(manifest, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "casing_id"])
        writer.writerows(rows)
    return manifest


def content(store: Path) -> dict[str, Any]:
    return brasslink.open_store(store).content()


def segments(store: Path) -> dict[str, str]:
    """Digests of the segments with evidence; those of tables tell the time of a run."""
    digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        path.name: digest(path)
        for path in sorted((store / "segments").iterdir())
        if not path.name.split("-")[1].startswith("tables")
    }


def sound(store: Path) -> None:
    found = brasslink.open_store(store).verify()
    assert not [f for f in found if f["severity"] != "note"], found


class Clock:
    """Wall and CPU seconds of this process and of the workers."""

    def __init__(self, pool: cluster.Cluster) -> None:
        self.pool = pool
        self.wall, self.own = time.monotonic(), time.process_time()
        self.workers = pool.each(lambda w: w.used.remote())

    def read(self) -> tuple[float, float, float]:
        workers = self.pool.each(lambda w: w.used.remote())
        used = sum(b - a for a, b in zip(self.workers, workers))
        return time.monotonic() - self.wall, time.process_time() - self.own, used


def gallery(folder: Path, casings: int) -> Path:
    kept = os.environ.get("BRASSLINK_GALLERY_FOLDER")
    store = Path(kept or folder) / f"gallery-{casings}"
    run("synth", "--gallery", casings, "--into", store)
    return store


def copied(store: Path, to: Path) -> Path:
    subprocess.run(["cp", "-r", "--reflink=auto", store, to], check=True)
    return to


def probes_of(store: Path, count: int) -> list[str]:
    marks = brasslink.open_store(store).marks()["id"].tolist()
    return marks[:: max(1, len(marks) // count)][:count]


def compared(store: Path) -> str:
    """A digest of all comparisons of a store, in an order of their own."""
    table = brasslink.open_store(store).comparisons(progress=False)
    table = table.sort_values(["a", "b"], ignore_index=True)
    return hashlib.sha256(table.to_csv(index=False, float_format="%r").encode()).hexdigest()
