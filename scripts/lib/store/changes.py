"""Kills every sort of change to a store, and lets the disk refuse it."""

import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from torment import content, fail, findings, killed, main_job, manifest_of, output, set_right

CASING = "casing-0000005"


@dataclass
class Change:
    """A change to a copy of a store, which is at `store` within a folder."""

    name: str
    base: Path
    command: callable
    # Exit codes of the command where the change was made before.
    again: tuple = (0,)


def changes(brasslink, bench, count):
    random.seed(11)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for change in all_changes(brasslink, bench, folder):
            torment(brasslink, change, folder, count)


def all_changes(brasslink, bench, folder):
    grown = folder / "grown"
    for casings in range(32, 8 * 32 + 1, 32):
        output(bench, "import", grown / "store", casings, "small")
    order = ["--casing", CASING, "--order", "order 1", "--operator", "torment"]

    def on(verb, *rest):
        return lambda at: [brasslink, *verb, at / "store", *rest]

    yield Change("seal", grown, on(["seal"], *order), (1,))
    yield Change("expunge", grown, on(["expunge"], *order))
    yield Change("store compact", grown, on(["store", "compact"], "--operator", "torment"))

    whole = folder / "reported"
    whole.mkdir()
    output(*main_job(brasslink, manifest_of(folder), whole))
    bundle, policy = bundle_of(brasslink, whole, folder)
    received = folder / "received"
    output(bench, "import", received / "store", 32, "small")
    take = ["--policy", policy, "--operator", "torment"]
    yield Change(
        "bundle import",
        received,
        lambda at: [brasslink, "bundle", "import", bundle, "--store", at / "store", *take],
    )
    unreported = folder / "unreported"
    at = ["--store", unreported / "store", "--operator", "torment"]
    output(brasslink, "import", "--manifest", manifest_of(folder), *at)
    output(brasslink, "correlate", *at)
    output(brasslink, "link", *at)
    yield Change(
        "report",
        unreported,
        lambda at: [brasslink, "report", "--store", at / "store", "--reports", at / "reports", "--operator", "torment"],
    )


def reports_in(folder):
    """Every report of a change, by its name."""
    return {path.name: path for path in (folder / "reports").glob("*") if path.suffix in (".html", ".json", ".csv")}


def bundle_of(brasslink, whole, folder):
    """A bundle of everything with its files, and its receiver's policy."""
    keys = folder / "keys"
    for code in ["AAA-ONE", "BBB-TWO"]:
        output(brasslink, "bundle", "keys", "new", "--agency", code, "--out", keys)

    def policy(own, other, receives):
        public = (keys / f"{other}.public.pem").read_text()
        path = folder / f"{own}.toml"
        path.write_text(
            f'agency = "{own}"\n[[partner]]\nagency = "{other}"\nname = "{other}"\n'
            f'public_key = """\n{public}"""\n{receives}'
        )
        return path

    gives = '[partner.receives]\nkinds = ["casing", "mark", "original"]\nregions = ["unknown"]\n'
    sender = policy("AAA-ONE", "BBB-TWO", gives)
    bundle = folder / "bundle.h5"
    output(
        brasslink, "bundle", "export", "--store", whole / "store", "--policy", sender, "--to", "BBB-TWO",
        "--key", keys / "AAA-ONE.key.pem", "--out", bundle, "--all", "--originals", codes=(0, 3),
    )  # fmt: skip
    return bundle, policy("BBB-TWO", "AAA-ONE", "")


def torment(brasslink, change, folder, count):
    before = content(brasslink, change.base / "store")
    whole, torn = folder / "whole", folder / "torn"
    shutil.copytree(change.base, whole)
    start = time.monotonic()
    output(*change.command(whole))
    length = time.monotonic() - start
    after = content(brasslink, whole / "store")
    issued = set(reports_in(whole))
    shutil.rmtree(whole)
    if change.name == "report" and not issued:
        fail("no report was issued: nothing would be tormented")

    def survived(what):
        """Sound, one of the two, and the change can be made."""
        notes = set_right(brasslink, torn / "store")
        there = reports_in(torn)
        for report in there.values():
            output(brasslink, "report", "verify", report)
        now = content(brasslink, torn / "store")
        partly = change.name == "bundle import"
        if now not in (before, after) and not partly:
            fail(f"{change.name}, {what}: the store says something else")
        command, quarantine = list(map(str, change.command(torn))), torn / "store/quarantine"
        code = subprocess.run(command, capture_output=True).returncode
        if code == 3 and any(quarantine.iterdir()):
            # A person has looked at what the interrupted change left.
            shutil.rmtree(quarantine)
            quarantine.mkdir()
            code = subprocess.run(command, capture_output=True).returncode if change.name == "expunge" else 0
        if code not in (change.again if now == after else (0,)):
            fail(f"{change.name}, {what}: exit {code}")
        if content(brasslink, torn / "store") != after or findings(brasslink, torn / "store"):
            fail(f"{change.name}, {what}: not the same when done again")
        reports = reports_in(torn)
        if set(reports) != issued:
            fail(f"{change.name}, {what}: other reports than an undisturbed run's: {set(reports) ^ issued}")
        for report in reports.values():
            output(brasslink, "report", "verify", "--store", torn / "store", report)
        return notes, set(there) == issued if change.name == "report" else now == after

    done = notes = made = 0
    while done < count:
        shutil.rmtree(torn, ignore_errors=True)
        shutil.copytree(change.base, torn)
        _, hit = killed(list(map(str, change.command(torn))), random.uniform(0, length))
        if not hit:
            length *= 0.98
            continue
        done += 1
        more, complete = survived(f"kill {done}")
        notes, made = notes + more, made + complete
    print(
        f"| killed with SIGKILL at random moments of `{change.name}` | {done} of {done}: verified, as before or "
        f"as after ({made}), made when asked again; {notes} leftovers set aside |",
        flush=True,
    )
    refused = 0
    for at in range(count):
        shutil.rmtree(torn, ignore_errors=True)
        shutil.copytree(change.base, torn)
        size = (1 + 400 * at // count) << 10

        def limited(size=size):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        command = list(map(str, change.command(torn)))
        refused += subprocess.run(command, capture_output=True, preexec_fn=limited).returncode != 0
        survived(f"{size} bytes a file")
    print(
        f"| disk refuses writes beyond a file size during `{change.name}`, {count} sizes | {refused} failed and said "
        f"so; {count} of {count} verified, as before or as after, made when asked again |",
        flush=True,
    )
