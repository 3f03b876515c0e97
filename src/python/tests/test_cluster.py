"""Imports and searches on workers: the same store, whoever did the work and whoever was killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brasslink
import pytest

ray = pytest.importorskip("ray")

from brasslink import cluster as clusters  # noqa: E402

pytestmark = pytest.mark.cluster

#: Ray's folder of these tests, by which their workers are known. Names of sockets are short.
OWN = tempfile.mkdtemp(prefix="b")


@pytest.fixture(scope="module")
def pool() -> Iterator[clusters.Cluster]:
    with clusters.connect(2, temp_dir=OWN) as made:
        yield made


@pytest.fixture(scope="module")
def expected(run, samples: Path, tmp_path_factory) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    """The content that the command line, one process, makes of the samples."""
    store = tmp_path_factory.mktemp("one") / "store"
    run("import", "--store", store, "--manifest", samples / "manifest.csv")
    imported = brasslink.open_store(store).content()
    run("correlate", "--store", store, "--shortlist", 4)
    return {"imported": imported, "searched": brasslink.open_store(store).content()}


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_make_the_store_that_one_process_makes(
    pool: clusters.Cluster, expected: dict[str, Any], samples: Path, tmp_path: Path, workers: int
) -> None:
    store = tmp_path / "store"
    own = clusters.Cluster(pool.workers[:workers])
    # The command line's operator is the login name, too.
    done = clusters.ingest(store, samples / "manifest.csv", own, unit=5, progress=False)
    assert done["counts"]["imported"] == 24 and done["workers_lost"] == 0
    assert brasslink.open_store(store).content() == expected["imported"]
    done = clusters.search(store, own, keep=4, progress=False)
    assert done["counts"]["pairs_compared"] > 0
    assert brasslink.open_store(store).content() == expected["searched"]
    assert brasslink.open_store(store).verify() == []
    # Again: nothing is left to do, and nothing is written.
    seq = brasslink.open_store(store).seq
    again = clusters.ingest(store, samples / "manifest.csv", own, unit=5, progress=False)
    assert again["counts"]["known"] == 24 and "imported" not in again["counts"]
    clusters.search(store, own, keep=4, progress=False)
    assert brasslink.open_store(store).seq == seq
    assert not list(tmp_path.glob(".store.spool/*"))


def test_failed_files_come_back_as_failures(
    pool: clusters.Cluster, samples: Path, tmp_path: Path, run  # type: ignore[no-untyped-def]
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("CHH-1187-1.x3p", "CHH-1187-2.x3p"):
        (folder / name).write_bytes((samples / name).read_bytes())
    (folder / "broken.x3p").write_bytes((samples / "LA-3312-1.x3p").read_bytes()[:9000])
    manifest = folder / "manifest.csv"
    rows = ["CHH-1187-1.x3p,one", "broken.x3p,two", "absent.x3p,three", "CHH-1187-2.x3p,four"]
    manifest.write_text("file,casing_id\n" + "\n".join(rows) + "\n")
    done = clusters.ingest(tmp_path / "ours", manifest, pool, unit=2, progress=False)
    theirs = run(
        "import", "--store", tmp_path / "theirs", "--manifest", manifest, "--json", code=3
    )
    said = json.loads(theirs)
    assert done["failures"] == said["failures"] and len(done["failures"]) == 2
    assert done["counts"]["imported"] == said["counts"]["imported"] == 2
    ours, other = (brasslink.open_store(tmp_path / s) for s in ("ours", "theirs"))
    assert ours.content() == other.content()
    assert len(ours.failures()) == 2


def test_what_was_tampered_with_on_its_way_is_made_again(
    pool: clusters.Cluster, expected: dict[str, Any], samples: Path, tmp_path: Path
) -> None:
    from brasslink.cluster import _ingest

    taken, spoiled = _ingest._take, []

    def spoiling(writer: Any, own: Any, call: Any, start: int, end: int, account: Any) -> int:
        if start == 5 and not spoiled:
            marks = Path(json.loads(account)["bill"]["folder"]) / "marks.h5"
            content = bytearray(marks.read_bytes())
            content[len(content) // 2] ^= 1
            marks.write_bytes(content)
            spoiled.append(start)
        return taken(writer, own, call, start, end, account)

    _ingest._take = spoiling
    try:
        clusters.ingest(tmp_path / "store", samples / "manifest.csv", pool, unit=5, progress=False)
    finally:
        _ingest._take = taken
    assert spoiled == [5]
    assert brasslink.open_store(tmp_path / "store").content() == expected["imported"]


def processes() -> list[int]:
    """The workers of the cluster that this process started."""
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
    """Kills a worker now and then, until it has killed so many."""

    def __init__(self, seed: int, most: int) -> None:
        super().__init__(daemon=True)
        self.random, self.most, self.over = random.Random(seed), most, threading.Event()
        self.start()

    def run(self) -> None:
        for _ in range(self.most):
            if self.over.wait(self.random.uniform(0.1, 1.0)):
                return
            for worker in processes()[:1]:
                os.kill(worker, signal.SIGKILL)

    def end(self) -> None:
        self.over.set()
        self.join()


def test_killed_workers_cost_nothing_but_time(
    pool: clusters.Cluster, expected: dict[str, Any], samples: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    killer = Killer(1, 3)
    clusters.ingest(store, samples / "manifest.csv", pool, unit=2, progress=False)
    killer.end()
    assert brasslink.open_store(store).content() == expected["imported"]
    killer = Killer(2, 3)
    clusters.search(store, pool, keep=4, progress=False)
    killer.end()
    assert brasslink.open_store(store).content() == expected["searched"]
    assert brasslink.open_store(store).verify() == []


DRIVER = """
import sys
import tempfile
from brasslink import cluster
with cluster.connect(1) as pool:
    print("ready", flush=True)
    cluster.ingest(sys.argv[1], sys.argv[2], pool, unit=1, progress=False)
    cluster.search(sys.argv[1], pool, keep=4, progress=False)
"""


def test_a_killed_driver_leaves_a_store_that_goes_on(
    pool: clusters.Cluster, expected: dict[str, Any], samples: Path, tmp_path: Path
) -> None:
    store, manifest = tmp_path / "store", samples / "manifest.csv"
    child = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(store), str(manifest)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    while not (store / "segments").exists() or len(list((store / "segments").iterdir())) < 20:
        assert child.poll() is None
        time.sleep(0.02)
    child.kill()
    child.wait()
    assert all(f["severity"] == "note" for f in brasslink.open_store(store).verify())
    done = clusters.ingest(store, manifest, pool, unit=5, progress=False)
    assert done["counts"]["known"] > 0
    clusters.search(store, pool, keep=4, progress=False)
    assert brasslink.open_store(store).content() == expected["searched"]
    assert brasslink.open_store(store).verify() == []
    assert not list(tmp_path.glob(".store.spool/*"))


def test_up_status_and_down_know_their_own_cluster() -> None:
    folder = tempfile.mkdtemp(prefix="b")  # Names of sockets are short.
    env = {**os.environ, "XDG_RUNTIME_DIR": folder}

    def call(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "brasslink.cluster", *arguments],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    assert call("status") == {"up": False, "processes": 0}
    try:
        assert call("up", "--workers", "2", "--port", "6411")["address"] == "127.0.0.1:6411"
        said = call("status")
        assert said["up"] and said["nodes"] == 1 and said["cores"] == 2
    finally:
        assert call("down")["ended"] > 0
    assert call("status") == {"up": False, "processes": 0}
