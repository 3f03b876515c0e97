"""Reads a store that the main job wrote with h5py and h5dump."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from torment import ROOT, fail, findings, main_job, output

READER = ROOT / "tests/store/read_demo.py"


def interop(brasslink, _bench, _count):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        # What scripts/demo writes.
        output(*main_job(brasslink, ROOT / "samples/manifest.csv", folder))
        store = folder / "store"
        by_h5py(sys.executable, store)
        by_the_page(sys.executable, store)
        by_h5dump(store)
        output(brasslink, "store", "compact", "-q", store)
        by_h5py(sys.executable, store)
        by_the_page(sys.executable, store)
        if findings(brasslink, store):
            fail("reading changed the store")


def has_h5py(python):
    if subprocess.run([python, "-c", "import h5py"], capture_output=True).returncode == 0:
        return True
    print("| h5py | skipped: not installed and not to be had |")
    return False


def by_the_page(python, store):
    if not has_h5py(python):
        return
    files, datasets, columns = output(python, Path(__file__).with_name("conforms.py"), store).split()
    print(
        f"| docs/STORE_FORMAT.md beside the segments | {files} files, {datasets} sorts of datasets, {columns} columns: "
        f"names, order, types, units and storage as the page says |"
    )


def by_h5py(python, store):
    if not has_h5py(python):
        return
    seen = json.loads(output(python, READER, store / "view.h5"))
    print(
        f"| h5py {seen['h5py']} reads `view.h5` | {seen['casings']} casings, {seen['marks']} marks, "
        f"{seen['comparisons']} scores ({seen['lowest']:.1f} to {seen['highest']:.1f}), "
        f"{len(seen['links'])} links, {seen['originals']} originals with the right SHA-256 |"
    )
    if (seen["casings"], seen["marks"], seen["originals"]) != (17, 24, 24) or not seen["links"]:
        fail(f"h5py saw something else: {seen}")


def by_h5dump(store):
    h5dump = shutil.which("h5dump")
    if h5dump is None:
        print("| h5dump | skipped: not installed (Debian: hdf5-tools) |")
        return
    version = output(h5dump, "--version").split()[-1]
    files = sorted((store / "segments").glob("*.h5")) + [store / "view.h5"]
    for path in files:
        output(h5dump, path)
    print(f"| h5dump {version} | {len(files)} files dumped whole, no error |", flush=True)
