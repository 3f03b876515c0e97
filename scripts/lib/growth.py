"""What one new casing costs in galleries of growing size; a section of docs/NUMBERS.md."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measured(brasslink, *command):
    """Wall time, CPU time and peak memory (MiB) of a run of the program."""
    start = time.monotonic()
    child = subprocess.Popen([brasslink, *command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {command}")
    # Linux counts kibibytes, macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit


def growth(brasslink):
    """One new casing in stores of growing size, stage by stage."""
    print("growth", file=sys.stderr)
    sizes = [int(n) for n in os.environ.get("BRASSLINK_GALLERIES", "1000,10000").split(",")]
    scan, casing = Path("samples/CHH-1187-1.x3p").resolve(), "one-more"
    print(f"""
## A gallery that grows

`brasslink synth --gallery N --into STORE`: real templates (of marks at 25 µm) and sketches through the real commit, scans left out, nothing compared, every mark as if screened before; so linking and reports have few comparisons to read, fewer than a store of compared casings has. Then one new scan (`samples/{scan.name}`), each stage by its own command, with the default shortlist of 200; each reads the store anew. CPU seconds of all threads / peak MiB; making the store and `store verify`: wall seconds / peak MiB. Sizes: `$BRASSLINK_GALLERIES`; galleries made before are taken from `$BRASSLINK_GALLERY_FOLDER`.

| casings | made | `import` | `correlate` | `link` | `report --casing` | `store verify` |
|---|---|---|---|---|---|---|""")
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            kept, folder = Path(os.environ.get("BRASSLINK_GALLERY_FOLDER", folder)), Path(folder)
            gallery, store, manifest = kept / f"gallery-{size}", folder / "store", folder / "one.csv"
            manifest.write_text(f"file,casing_id\n{scan},{casing}\n")
            there = gallery.exists()
            made = measured(brasslink, "-q", "synth", "--gallery", str(size), "--into", gallery)
            shutil.copytree(gallery, store)
            stages = [
                measured(brasslink, "-q", "import", "--manifest", manifest, "--store", store),
                measured(brasslink, "-q", "correlate", "--store", store),
                measured(brasslink, "-q", "link", "--store", store),
                measured(brasslink, "-q", "report", "--store", store, "--reports", folder / "out", "--casing", casing),
            ]
            verified = measured(brasslink, "-q", "store", "verify", store)
        columns = ["made before" if there else f"{made[0]:.0f} / {made[2]:.0f}"]
        columns += [f"{cpu:.2f} / {mib:.0f}" for _, cpu, mib in stages]
        columns += [f"{verified[0]:.1f} / {verified[2]:.0f}"]
        print(f"| {size:,} | " + " | ".join(columns) + " |", flush=True)
        found.append((size, stages))
    if len(found) < 2:
        return
    (less, first), (more, last) = found[0], found[-1]
    grows = [
        f"{1e6 * (b[1] - a[1]) / (more - less):.1f} / {1024 * (b[2] - a[2]) / (more - less):.2f}"
        for a, b in zip(first, last)
    ]
    print(f"| µs / KiB a casing, {less:,} to {more:,} | | " + " | ".join(grows) + " | |", flush=True)
