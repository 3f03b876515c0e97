"""Kills, fills, tampers with and reads an evidence store."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCANS = ["CHH-1187-1.x3p", "CHH-1187-2.x3p", "SON-2291-1.x3p", "LA-3312-1.x3p", "TF-SON-0064-1.x3p"]


def fail(what):
    sys.exit(f"FAILED: {what}")


def output(*command, codes=(0,)):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode not in codes:
        fail(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def findings(brasslink, store):
    return json.loads(output(brasslink, "verify", "-q", "--json", store, codes=(0, 3)))


def content(brasslink, store):
    return json.loads(output(brasslink, "store", "content", store))


def ledger(store):
    with open(store / "ledger.jsonl", "rb") as file:
        return [json.loads(line)["sha256"] for line in file if line.endswith(b"\n")]


def manifest_of(folder):
    path = folder / "manifest.csv"
    rows = "".join(f"{ROOT / 'samples' / scan},{scan[:-4]}\n" for scan in SCANS)
    path.write_text("file,casing_id\n" + rows)
    return path


def main_job(brasslink, manifest, folder):
    return [
        str(brasslink), "run", "--operator", "torment", "--manifest", str(manifest),
        "--store", str(folder / "store"), "--reports", str(folder / "reports"),
    ]  # fmt: skip


def set_right(brasslink, store):
    """The documented step after a crash; how many notes there had been."""
    found = findings(brasslink, store)
    if any(f["severity"] != "note" for f in found):
        fail(f"damage after a crash: {found}")
    output(brasslink, "repair", "-q", "--apply", "--operator", "torment", store)
    left = findings(brasslink, store)
    if left:
        fail(f"not clean after repair: {left}")
    return len(found)


def killed(command, delay):
    """Starts, waits, kills with SIGKILL; what had been reported, and whether
    there was anything left to kill."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    timer = threading.Timer(delay, child.kill)
    timer.start()
    reported = child.stdout.read()
    code = child.wait()
    timer.cancel()
    return reported, code == -signal.SIGKILL


def kill(brasslink, bench, count):
    random.seed(5)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        runs = kill_runs(brasslink, folder, count)
        commits = kill_commits(brasslink, bench, folder, count)
    print(
        f"| killed with SIGKILL at random moments of `brasslink run` (import, correlate, link, report) | {runs} |\n"
        f"| killed with SIGKILL at random moments of a writer that commits without pause | {commits} |",
        flush=True,
    )


def lost(brasslink, _bench, count):
    """Kills a run over the reference scans and tells how much was not yet
    committed: the time since the last commit, and what the next run took up."""
    random.seed(11)
    data = Path(os.environ.get("BRASSLINK_SHARED", ROOT.parent / "shared")) / "data"
    scans = sorted(data.glob("fadul/*.x3p")) + sorted(data.glob("weller/*.x3p"))
    if not scans:
        print("| work lost by a kill | skipped: the reference data is absent |")
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        manifest = folder / "manifest.csv"
        rows = "".join(f"{scan},{scan.stem}\n" for scan in scans)
        manifest.write_text("file,casing_id\n" + rows)
        start = time.monotonic()
        output(*main_job(brasslink, manifest, folder / "whole"))
        length = time.monotonic() - start
        losses, taken_up = [], 0
        while len(losses) < count:
            torn = folder / "torn"
            shutil.rmtree(torn, ignore_errors=True)
            begun = time.time()
            _, hit = killed(main_job(brasslink, manifest, torn), random.uniform(0, length))
            if not hit:
                length *= 0.98
                continue
            ended, kept = time.time(), torn / "store" / "manifest.json"
            losses.append(ended - (kept.stat().st_mtime if kept.exists() else begun))
            if not kept.exists():
                continue
            parts = content(brasslink, torn / "store")["parts"]
            there = [parts[part]["count"] for part in ("scans", "comparisons")]
            told = folder / "told.json"
            output(*main_job(brasslink, manifest, torn), "--json", told)
            counts = json.loads(told.read_text())["counts"]
            again = [counts.get(known, 0) for known in ("known", "pairs_known")]
            if again != there:
                fail(f"{there} scans and pairs were committed, {again} were taken up")
            taken_up += 1
    losses.sort()
    most = losses[-1]
    if most > 10:
        fail(f"{most:.1f} s of work were lost")
    print(
        f"| killed with SIGKILL at {count} random moments of a run over {len(scans)} scans ({length:.0f} s) | "
        f"time since the last commit: median {losses[count // 2]:.1f} s, most {most:.1f} s; "
        f"{taken_up} runs took up every scan and pair that was committed |",
        flush=True,
    )


def kill_runs(brasslink, folder, count):
    manifest = manifest_of(folder)
    start = time.monotonic()
    whole = folder / "whole"
    output(*main_job(brasslink, manifest, whole))
    length = time.monotonic() - start
    expected = content(brasslink, whole / "store")
    done = reported_runs = notes = late = 0
    while done < count:
        torn = folder / "torn"
        shutil.rmtree(torn, ignore_errors=True)
        command = main_job(brasslink, manifest, torn)
        reported, hit = killed(command, random.uniform(0, length))
        if not hit:
            late += 1
            length *= 0.98
            continue
        done += 1
        store = torn / "store"
        if (store / "manifest.json").exists():
            notes += set_right(brasslink, store)
            parts = content(brasslink, store)["parts"]
            if f"imported {len(SCANS)} scans" in reported:
                reported_runs += 1
                if parts["scans"]["count"] != len(SCANS):
                    fail(f"reported scans are gone: {parts}")
            if "compared" in reported and parts["comparisons"] != expected["parts"]["comparisons"]:
                fail(f"reported comparisons are gone: {parts}")
            if "proposed" in reported and parts["linking"] != expected["parts"]["linking"]:
                fail(f"the reported linking is gone: {parts}")
        output(*command)
        if content(brasslink, store) != expected:
            fail(f"kill {done}: another content than an undisturbed run's")
        if findings(brasslink, store):
            fail(f"kill {done}: {findings(brasslink, store)}")
    return (
        f"{done} of {done}: opened, verified, nothing reported was missing ({reported_runs} had "
        f"reported an import), resumed to the same content; {notes} leftovers set aside"
    )


def kill_commits(brasslink, bench, folder, count):
    """One store grows through all kills; commits, merges and removals are hit."""
    store, notes, heads = folder / "growing", 0, 0
    total = 32 * 4 * count
    for done in range(count):
        command = [bench, "import", str(store), str(total), "small"]
        reported, _ = killed(command, random.uniform(0.01, 0.4))
        if not (store / "manifest.json").exists():
            continue
        notes += set_right(brasslink, store)
        chain = ledger(store)
        for line in reported.splitlines():
            if not line.startswith("committed ") or len(line.split()) != 7:
                continue
            _, seq, head, *_ = line.split()
            heads += 1
            if chain[int(seq) - 1] != head:
                fail(f"kill {done}: commit {seq} was reported and is gone")
    reached = content(brasslink, store)["parts"]["scans"]["count"]
    whole = folder / "undisturbed"
    output(bench, "import", whole, reached, "small")
    if content(brasslink, whole) != content(brasslink, store):
        fail("another content than an undisturbed import's")
    return (
        f"{count} of {count}: opened, verified, all {heads} reported commits are in the ledger, "
        f"{reached} casings, the same content as undisturbed; {notes} leftovers set aside"
    )


def full(brasslink, _bench, count):
    """A disk that fills up: by a limit on file sizes, and a small tmpfs."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        manifest = manifest_of(folder)
        output(*main_job(brasslink, manifest, folder / "whole"))
        expected = content(brasslink, folder / "whole/store")
        limits, refused = [1 + 1200 * i // count for i in range(count)], 0
        for kib in limits:
            torn = folder / f"limit{kib}"

            def limited(size=kib << 10):
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

            command = main_job(brasslink, manifest, torn)
            refused += subprocess.run(command, capture_output=True, preexec_fn=limited).returncode != 0
            resume(brasslink, command, torn / "store", expected, f"{kib} KiB a file")
        print(
            f"| disk refuses writes beyond a file size, {len(limits)} sizes | {refused} runs failed and said so; "
            f"{len(limits)} of {len(limits)} verified and resumed to the same content |"
        )
        small_disks(brasslink, manifest, folder, expected, count)


def small_disks(brasslink, manifest, folder, expected, count):
    disk = folder / "disk"
    disk.mkdir()
    sizes, refused = [200 + 4000 * i // count for i in range(count)], 0
    for kib in sizes:
        mounted = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(disk)]
        if subprocess.run(mounted, capture_output=True).returncode != 0:
            print("| full file system (tmpfs) | skipped: mounting one is not permitted here |")
            return
        try:
            command = main_job(brasslink, manifest, disk)
            refused += subprocess.run(command, capture_output=True).returncode != 0
            grown = ["mount", "-o", "remount,size=64m", str(disk)]
            subprocess.run(grown, check=True)
            resume(brasslink, command, disk / "store", expected, f"{kib} KiB of disk")
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    print(
        f"| full file system (tmpfs), {len(sizes)} sizes | {refused} runs failed and said so; "
        f"{len(sizes)} of {len(sizes)} verified and resumed to the same content |",
        flush=True,
    )


def resume(brasslink, command, store, expected, what):
    if (store / "manifest.json").exists():
        set_right(brasslink, store)
    output(*command)
    if content(brasslink, store) != expected or findings(brasslink, store):
        fail(f"{what}: another content, or not clean")


def tamper(brasslink, bench, count):
    random.seed(7)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        output(bench, "import", store, 700, "small")
        casing = ["--casing", "casing-0000005", "--order", "order 1"]
        output(brasslink, "seal", "-q", store, *casing)
        if findings(brasslink, store):
            fail("the store is not clean to begin with")
        files = [p for p in sorted(store.rglob("*")) if p.is_file() and p.stat().st_size]
        for _ in range(count):
            path = random.choice(files)
            good = path.read_bytes()
            bit = random.randrange(8 * len(good))
            bad = bytearray(good)
            bad[bit // 8] ^= 1 << (bit % 8)
            named(brasslink, store, [path], f"bit {bit} of {path.name}", lambda: path.write_bytes(bad))
            path.write_bytes(good)
        print(f"| single bits flipped, over all {len(files)} files | {count} of {count} detected, the file named |")
        harms = list(coarse(store, files))
        for what, guilty, harm in harms:
            saved = {p: p.read_bytes() for p in guilty}
            named(brasslink, store, guilty, what, harm)
            for path, good in saved.items():
                path.write_bytes(good)
        kinds = sorted({what.partition(":")[0] for what, _, _ in harms})
        print(f"| {', '.join(kinds)} | {len(harms)} of {len(harms)} detected, the file named |", flush=True)


def named(brasslink, store, guilty, what, harm):
    harm()
    found = findings(brasslink, store)
    for path in guilty:
        if not any(f["file"] == str(path.relative_to(store)) for f in found):
            fail(f"{what}: {path.name} is not named in {found}")


def coarse(store, files):
    """What else can be done to a store: (what, files to be named, how)."""
    segments = [p for p in files if p.suffix == ".h5" and p.parent != store]
    for path in segments:
        yield f"segments removed: {path.name}", [path], path.unlink
        half = path.stat().st_size // 2
        yield f"segments truncated: {path.name}", [path], lambda p=path, n=half: os.truncate(p, n)
        more = path.read_bytes() + b"\0"
        yield f"segments extended: {path.name}", [path], lambda p=path, b=more: p.write_bytes(b)
    for one, two in zip(segments, segments[1:]):
        a, b = one.read_bytes(), two.read_bytes()

        def swap(one=one, two=two, a=a, b=b):
            one.write_bytes(b)
            two.write_bytes(a)

        yield f"segments swapped: {one.name}", [one, two], swap
    path = store / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for at in range(len(lines)):
        rest = lines[:at] + lines[at + 1 :]
        yield f"ledger lines removed: {at}", [path], lambda b=b"".join(rest): path.write_bytes(b)
        cut = lines[:at] + [lines[at][: len(lines[at]) // 2]]
        yield f"ledger cut: {at}", [path], lambda b=b"".join(cut): path.write_bytes(b)
    for at in range(len(lines) - 1):
        order = lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2 :]
        yield f"ledger lines reordered: {at}", [path], lambda b=b"".join(order): path.write_bytes(b)


def readers(_brasslink, bench, count):
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        output(bench, "import", store, 32, "small")
        watching = [
            subprocess.Popen([bench, "read", store], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(8)
        ]
        output(bench, "import", store, count, "small")
        (Path(folder) / "store.stop").touch()
        snapshots = []
        for reader in watching:
            out, err = reader.communicate()
            if reader.returncode != 0:
                fail(f"a reader failed: {err}")
            snapshots.append(int(out.split()[0]))
    print(
        f"| 8 processes query during an import of {count} casings | {sum(snapshots)} snapshots read "
        f"({min(snapshots)} to {max(snapshots)} each), no error, none torn |",
        flush=True,
    )
