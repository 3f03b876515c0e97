"""How fast the store is, beside plain h5py, cat and the clock."""

import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from torment import output

REAL = 256


def speed(brasslink, bench, count):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        beside_h5py(bench, folder)
        many(brasslink, bench, folder, count)


def beside_h5py(bench, folder):
    try:
        import h5py
        import numpy as np
    except ImportError:
        print("| import beside plain h5py | skipped: there is no h5py |")
        return
    _, size, side, template = map(int, output(bench, "arrays", folder / "arrays", REAL, "real").split())
    read = lambda name, kind: np.fromfile(folder / "arrays" / name, kind)
    files = read("files", "u1").reshape(REAL, size)
    marks = read("marks", "<f4").reshape(REAL, side, side)
    templates = read("templates", "u1").reshape(REAL, template)
    plain, own = [], []
    # By turns, so that a busy machine is busy for both.
    for turn in range(3):
        path = folder / f"plain{turn}.h5"
        start = time.monotonic()
        with h5py.File(path, "w", libver=("v110", "v110")) as file:
            for i in range(REAL):
                file.create_dataset(f"originals/{i:06}", data=files[i])
                file.create_dataset(
                    f"marks/{i:06}", data=marks[i], chunks=(256, 256),
                    compression="gzip", compression_opts=4, shuffle=True, fletcher32=True,
                )  # fmt: skip
                file.create_dataset(f"templates/{i:06}", data=templates[i])
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        plain.append(time.monotonic() - start)
        path.unlink()
        said = output(bench, "import", folder / f"own{turn}", REAL, "real")
        own.append(float(said.splitlines()[-1].split()[1]))
        subprocess.run(["rm", "-r", folder / f"own{turn}"], check=True)
    ratio = statistics.median(o / p for o, p in zip(own, plain))
    mib = (files.nbytes + marks.nbytes + templates.nbytes) / 2**20
    print(
        f"| {REAL} casings of real size ({mib:.0f} MiB), median of 3: plain h5py, one file, one fsync / this store | "
        f"{statistics.median(plain):.1f} s / {statistics.median(own):.1f} s; ratio {ratio:.2f} |",
        flush=True,
    )


def many(brasslink, bench, folder, count):
    store = folder / "many"
    start = time.monotonic()
    said = [line.split() for line in output(bench, "import", store, count, "small").splitlines()]
    wall = time.monotonic() - start
    steps = [line for line in said if line[0] == "committed"]
    at = lambda share: min(steps, key=lambda s: abs(int(s[3]) - share * count))
    memory = ", ".join(f"{at(s)[5]} MiB at {int(at(s)[3]):,}" for s in (0.1, 0.25, 0.5, 1.0))
    half = float(at(0.5)[4])
    second = float(steps[-1][4]) - half
    print(
        f"| {count:,} small casings imported in {len(steps):,} commits | {wall:.0f} s, committing {steps[-1][4]} s "
        f"(first half {half:.0f}, second {second:.0f}); resident memory {memory}; peak {steps[-1][6]} MiB |"
    )
    segments = len(list((store / "segments").iterdir()))
    sizes = [(store / name).stat().st_size >> 10 for name in ("manifest.json", "ledger.jsonl")]
    print(f"| its files | {segments} segments, manifest {sizes[0]} KiB, ledger {sizes[1]} KiB |", flush=True)
    fetch(brasslink, store, count)
    templates(bench, store)
    real = folder / "real"
    output(bench, "import", real, 2048, "real")
    templates(bench, real)


def fetch(brasslink, store, count):
    """A new process opens the store and fetches one casing, 20 casings."""
    times, used = [], []
    for i in range(20):
        casing = f"casing-{(i * 7919 + 13) % count:07}"
        start, before = time.monotonic(), cpu_of_children()
        output(brasslink, "amend", store, "--casing", casing, "--history")
        times.append(1000 * (time.monotonic() - start))
        used.append(1000 * (cpu_of_children() - before))
    print(
        f"| a new process opens it and fetches one casing, 20 casings | median {statistics.median(times):.0f} ms, "
        f"slowest {max(times):.0f} ms; CPU time median {statistics.median(used):.0f} ms, most {max(used):.0f} ms |",
        flush=True,
    )


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def templates(bench, store):
    files = sorted((store / "segments").glob("*templates*.h5"))
    size = sum(path.stat().st_size for path in files)
    rates = {"cat": [], "first": [], "again": []}
    for _ in range(5):
        # To /dev/null cat copies nothing: a pipe is what a reader gets.
        start = time.monotonic()
        subprocess.run("cat %s | wc -c" % " ".join(map(str, files)), shell=True, check=True, stdout=subprocess.DEVNULL)
        rates["cat"].append(size / (time.monotonic() - start))
        for line in output(bench, "templates", store).splitlines():
            which, read, seconds = line.split()
            rates[which].append(int(read) / float(seconds))
    rate = {name: statistics.median(each) / 1e9 for name, each in rates.items()}
    print(
        f"| all templates, {size / 2**20:.0f} MiB in {len(files)} files, from the page cache: verified / already verified / "
        f"`cat` through a pipe | {rate['first']:.2f} / {rate['again']:.2f} / {rate['cat']:.2f} GB/s |",
        flush=True,
    )
