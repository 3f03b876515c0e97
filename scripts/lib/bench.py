"""Measures accuracy and cost, and holds them against those of another version.

Usage: bench.py BRASSLINK [--quick] [--json NEW] [--against OLD]
"""

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from labelled import evaluate, rendered, truth, write

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
DATA = Path(os.environ.get("BRASSLINK_SHARED", ROOT.parent / "shared")) / "data"
TURNED = ["--turn-seed", "1"]
FRAGMENT = [*TURNED, "--keep", "0.3", "--noise", "1"]

# How much worse than the other version a figure may be. Accuracy moves a little
# with every change of the search; what matters is that nothing is lost. Counts of
# instructions differ by less than a per cent between compilers of one release.
BOUNDS = {
    "AUC": ("not below by", 0.0005),
    "rank-1": ("not below by", 0.0),
    "margin": ("not below, as a share, by", 0.05),
    "Minstr": ("not above, as a share, by", 0.05),
}


def sample_rows():
    with open(SAMPLES / "truth.csv", newline="") as file:
        return list(csv.DictReader(file))


def accuracy_sets(quick):
    """Name, rows of truth, the folder they start from, options."""
    yield "samples", sample_rows(), SAMPLES, []
    if quick or not (DATA / "fadul").is_dir():
        return
    yield "Fadul, turned", truth(DATA, "fadul"), DATA, TURNED
    yield "Fadul and Weller, turned", truth(DATA, "fadul", "weller"), DATA, TURNED
    yield "Fadul, 30 % of each probe, noise", truth(DATA, "fadul"), DATA, FRAGMENT
    for light in ("ring", "side"):
        if rows := rendered(DATA, light):
            yield f"Fadul, {light} light", rows, DATA, []


def accuracy(brasslink, rows, root, options):
    """Area under the ROC curve, share of probes whose first candidate is a mate,
    lowest mate over highest stranger."""
    figures = evaluate(brasslink, rows, root, options)
    margin = figures["lowest_same_source"] / figures["highest_different_source"]
    return {"AUC": figures["auc"], "rank-1": figures["rank_1"], "margin": margin}


def jobs(folder):
    """Name and command of what is counted: on samples, so that everybody can."""
    scan = SAMPLES / "CHH-1187-1.x3p"
    of = {r["file"]: r for r in sample_rows()}

    def pair(name, files):
        path = folder / f"{name}.csv"
        write(path, [of[f] for f in files])
        return ["evaluate", "-q", "--threads", "1", "--root", SAMPLES, "--truth", path]

    whole = ["CHH-1187-1.x3p", "COA-0553-1.x3p"]
    ring = ["EP-20931-1_ring.png", "TF-CHH-0117-1_ring.png"]
    yield "a scan read and prepared", ["scan", "prepare", scan, "--out", folder / "mark.x3p"]
    yield "two scans prepared and compared", pair("whole", whole)
    yield "the same, one a fragment", [*pair("fragment", whole), *FRAGMENT]
    yield "two photographs prepared and compared", pair("photographs", ring)
    scores = folder / "scores.csv"
    write(scores, made_up_scores())
    yield "a table of 60 casings linked", ["link", "--scores", scores, "--score-column", "score"]


def made_up_scores():
    """Twelve firearms, five casings each; scores by a fixed rule."""
    rows = []
    for b in range(60):
        for a in range(b):
            chance = ((a * 7919 + b * 104729) % 1000) / 1000
            score = 20 + 8 * chance if a // 5 == b // 5 else 2 + 2 * chance
            rows.append({"a": f"C{a:02}", "b": f"C{b:02}", "score": f"{score:.3f}"})
    return rows


def instructions(brasslink, command):
    """Millions of instructions, as valgrind's simulated processor counts them."""
    counted = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(
        [*counted, *map(str, [brasslink, *command])], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}")
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    return {"Minstr": int(found.group(1).replace(",", "")) / 1e6}


def worse(name, new, old):
    """How a figure breaks its bound; None where it does not."""
    how, by = BOUNDS[name]
    if how == "not below by" and new < old - by - 1e-12:
        return f"below {old:.4f}"
    if how.startswith("not below, as a share") and new < old * (1 - by):
        return f"{1 - new / old:.0%} below {old:.3f}"
    if how.startswith("not above") and new > old * (1 + by):
        return f"{new / old - 1:.0%} above {old:.1f}"
    return None


def measure(brasslink, quick):
    figures = {}
    for name, rows, root, options in accuracy_sets(quick):
        print(f"accuracy: {name}", file=sys.stderr)
        figures[name] = accuracy(brasslink, rows, root, options)
    if not shutil.which("valgrind"):
        print("SKIPPED: costs; there is no valgrind", file=sys.stderr)
        return figures
    with tempfile.TemporaryDirectory() as folder:
        for name, command in jobs(Path(folder)):
            print(f"cost: {name}", file=sys.stderr)
            figures[name] = instructions(brasslink, command)
    return figures


def main():
    arguments = argparse.ArgumentParser(prog="scripts/bench")
    arguments.add_argument("brasslink", type=Path)
    arguments.add_argument("--quick", action="store_true", help="the samples alone")
    arguments.add_argument("--json", type=Path, metavar="NEW", help="write the figures to this file")
    arguments.add_argument("--against", type=Path, metavar="OLD", help="the figures of another version")
    given = arguments.parse_args()
    new = measure(given.brasslink.resolve(), given.quick)
    old = json.loads(given.against.read_text()) if given.against else {}
    broken = 0
    print("| what | figure | now | before | |\n|---|---|---|---|---|")
    for what, figures in new.items():
        for name, value in figures.items():
            before = old.get(what, {}).get(name)
            why = None if before is None else worse(name, value, before)
            broken += why is not None
            shown = "" if before is None else f"{before:.4g}"
            print(f"| {what} | {name} | {value:.4g} | {shown} | {f'WORSE: {why}' if why else ''} |")
    absent = [what for what in old if what not in new] if not given.quick else []
    for what in absent:
        print(f"not measured: {what}", file=sys.stderr)
    if given.json:
        given.json.write_text(json.dumps(new, indent=1) + "\n")
    if broken:
        sys.exit(3)


main()
