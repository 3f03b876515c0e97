"""Runs `brasslink evaluate` on the reference sets and prints docs/NUMBERS.md.

Every figure is worked out here from the table of pairs, so that it checks the
program's own summary.  Usage: numbers.py BRASSLINK DATA
"""

import csv
import datetime
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean, variance

BRASSLINK, DATA = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
TURNED = ["--turn-seed", "1"]


def truth(*folders):
    """Rows of truth.csv whose file lies in one of the folders."""
    with open(DATA / "truth.csv", newline="") as file:
        return [r for r in csv.DictReader(file) if r["file"].split("/")[0] in folders]


def rendered(light):
    """The pictures rendered from the Fadul scans under one light."""
    guns = {r["casing_id"]: r["firearm_id"] for r in truth("fadul")}
    path = DATA / "render2d" / "images.csv"
    if not path.exists():
        return []
    with open(path, newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["light"] == light]
    return [dict(r, firearm_id=guns[r["casing_id"]]) for r in rows]


def sets():
    """Title, truth and options of each run."""
    yield "Fadul 3D, as published", truth("fadul"), []
    yield "Fadul 3D, turned", truth("fadul"), TURNED
    yield "Weller 3D, turned", truth("weller"), TURNED
    yield "Fadul and Weller pooled, turned", truth("fadul", "weller"), TURNED
    yield "Fadul 2D, ring light", rendered("ring"), []
    yield "Fadul 2D, side light", rendered("side"), []


def evaluate(rows, options, folder):
    """Runs the program; its table of pairs, wall and CPU seconds."""
    truth_csv, pairs_csv = folder / "truth.csv", folder / "pairs.csv"
    with open(truth_csv, "w", newline="") as file:
        columns = ["file", "casing_id", "firearm_id", "light", "pixel_um"]
        columns = [c for c in columns if c in rows[0]]
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    command = [BRASSLINK, "-q", "evaluate", "--truth", truth_csv, "--root", DATA, "--pairs", pairs_csv]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command + options, check=True, stdout=sys.stderr)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open(pairs_csv, newline="") as file:
        return list(csv.DictReader(file)), wall, cpu


def auc(same, different):
    """Share of (same, different) pairs in the right order; a tie counts half."""
    above = sum((s > d) + 0.5 * (s == d) for s in same for d in different)
    return above / (len(same) * len(different))


def rank_1(pairs):
    """Casings whose best candidate is of the same source, of those with a mate."""
    best, mated = {}, set()
    for p in pairs:
        for casing in (p["a"], p["b"]):
            if p["same"]:
                mated.add(casing)
            if casing not in best or p["score"] > best[casing]["score"]:
                best[casing] = p
    return sum(best[c]["same"] for c in mated), len(mated)


def variance_ratio(same, different):
    """Between-class over within-class variance (Zemmels, Hofmann, VanderPlas 2023)."""
    mean = fmean(same + different)
    between = sum((fmean(c) - mean) ** 2 for c in (same, different))
    return between / sum(variance(c) for c in (same, different))


def row(title, table, wall, cpu):
    pairs = [
        {
            "a": p["a"],
            "b": p["b"],
            "same": p["same_source"].lower() in ("1", "true"),
            "score": float(p["score"]),
            "congruent": int(p["congruent_cells"]),
            "fraction": int(p["congruent_cells"]) / max(int(p["cells"]), 1),
        }
        for p in table
    ]
    split = lambda key: [[p[key] for p in pairs if p["same"] is same] for same in (True, False)]
    (same, different), (km, knm), counts = split("score"), split("fraction"), split("congruent")
    hit, of = rank_1(pairs)
    cells = [
        title,
        f"{len(same)} / {len(different)}",
        f"{auc(same, different):.5f}",
        f"{min(same):.1f} / {max(different):.1f}",
        f"{hit} of {of}",
        f"{min(km):.2f} / {max(knm):.2f}",
        f"{variance_ratio(*counts):.1f}",
        f"{1000 * cpu / len(pairs):.1f}",
        f"{wall:.0f}",
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def machine():
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.machine()
    return f"{os.cpu_count()} cores, {name}"


def main():
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    print(f"""# Numbers

Printed by `scripts/numbers`, {datetime.date.today()}, commit {commit}, {machine()}. Not edited by hand.

## Labelled sets, all pairs

`brasslink evaluate --truth TRUTH --root DATA --pairs pairs.csv`; "turned": `--turn-seed 1` turns every scan by its own random angle first. Same / different: pairs of one and of two firearms; of the scores the lowest same-source and the highest different-source one. Congruent: the same for the share of congruent cells. VR: variance ratio of the count of congruent cells, between over within classes (Zemmels et al. 2023). CPU time includes reading and preparing the scans.

| set | same / different | AUC | score | rank-1 | congruent | VR | CPU ms a pair | wall s |
|---|---|---|---|---|---|---|---|---|""")
    for title, rows, options in sets():
        if not rows:
            continue
        print(title, file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            row(title, *evaluate(rows, options, Path(folder)))


main()
