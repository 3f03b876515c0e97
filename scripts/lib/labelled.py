"""The labelled sets that figures are measured on, and the program run on one."""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path


def truth(data, *folders):
    """Rows of the reference data's truth.csv whose file lies in one of the folders."""
    with open(data / "truth.csv", newline="") as file:
        return [r for r in csv.DictReader(file) if r["file"].split("/")[0] in folders]


def rendered(data, light):
    """The pictures rendered from the Fadul scans under one light."""
    guns = {r["casing_id"]: r["firearm_id"] for r in truth(data, "fadul")}
    path = data / "render2d" / "images.csv"
    if not path.exists():
        return []
    with open(path, newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["light"] == light]
    return [dict(r, file=f"render2d/{r['file']}", firearm_id=guns[r["casing_id"]]) for r in rows]


def write(path, rows):
    """Rows as a table of their own."""
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def evaluate(brasslink, rows, root, options):
    """Runs the program on rows whose files lie in `root`; what it wrote as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        table, told = Path(folder) / "truth.csv", Path(folder) / "told.json"
        write(table, rows)
        command = [brasslink, "evaluate", "-q", "--truth", table, "--root", root, "--json", told, *options]
        subprocess.run(list(map(str, command)), check=True, stdout=sys.stderr)
        return json.loads(told.read_text())
