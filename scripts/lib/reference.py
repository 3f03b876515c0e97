"""Makes src/statistics/src/link/reference/shipped.json: what strangers and mates score.

Usage: reference.py BRASSLINK DATA

Every set is compared whole (`brasslink evaluate --turn-seed 1`), all sets
pooled, so that pairs across sets count as strangers too. Names and sources of
the sets are part of the file.
"""

import csv
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import fmean, pstdev

BRASSLINK, DATA = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
OUT = Path(__file__).parents[2] / "src" / "statistics" / "src" / "link" / "reference" / "shipped.json"
# Where the upper tail begins; `TAIL_FROM` in src/statistics/src/link/reference.rs.
TAIL_FROM = 1.3
# Folders of truth.csv, with the names under which reports cite them.
SETS = {"fadul": "Fadul et al. 2011", "weller": "Weller et al. 2012"}


def scored():
    """All pairs of the sets."""
    with tempfile.TemporaryDirectory() as folder:
        truth, pairs = Path(folder) / "truth.csv", Path(folder) / "pairs.csv"
        with open(DATA / "truth.csv", newline="") as file:
            rows = [r for r in csv.DictReader(file) if r["file"].split("/")[0] in SETS]
        with open(truth, "w", newline="") as file:
            writer = csv.DictWriter(file, ["file", "casing_id", "firearm_id"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        command = [BRASSLINK, "-q", "evaluate", "--truth", truth, "--root", DATA]
        subprocess.run([*command, "--turn-seed", "1", "--pairs", pairs], check=True)
        with open(pairs, newline="") as file:
            return list(csv.DictReader(file))


def quantile(values, share):
    """As the program takes it: the nearest value."""
    return sorted(values)[round(share * (len(values) - 1))]


def reference(rows):
    """The distributions of one kind of mark, modality and recipe."""
    same = [float(r["score"]) for r in rows if r["same_source"] == "1"]
    different = [float(r["score"]) for r in rows if r["same_source"] == "0"]
    mean, sd = fmean(different), pstdev(different)
    excesses = [z for z in ((s - mean) / sd - TAIL_FROM for s in different) if z > 0]
    logs = [math.log(s) for s in same]
    return {
        "recipe": rows[0]["recipe"],
        "mark": rows[0]["mark_kind"],
        "modality": rows[0]["modality"],
        "sets": list(SETS.values()),
        "casings": len({r[side] for r in rows for side in "ab"}),
        "firearms": len({r[f"firearm_{side}"] for r in rows for side in "ab"}),
        "strangers": {
            "pairs": len(different),
            "mean": round(mean, 4),
            "sd": round(sd, 4),
            "median": round(quantile(different, 0.5), 4),
            "lower": round(quantile(different, 0.5) - quantile(different, 0.158655), 4),
            "tail_share": round(len(excesses) / len(different), 4),
            "tail_excess": round(fmean(excesses), 4),
            "highest": round(max(different), 4),
        },
        "mates": {
            "pairs": len(same),
            "log_mean": round(fmean(logs), 4),
            "log_sd": round(pstdev(logs), 4),
            "lowest": round(min(same), 4),
        },
    }


def main():
    sorts = {}
    for row in scored():
        sorts.setdefault((row["mark_kind"], row["modality"], row["recipe"]), []).append(row)
    OUT.write_text(json.dumps([reference(rows) for rows in sorts.values()], indent=2) + "\n")


main()
