"""Reads casings, marks, scores, links and originals of any store through its
view, as a researcher would, and prints a summary as JSON.

Usage: read_demo.py STORE/view.h5
"""

import hashlib
import json
import sys

import h5py
import numpy as np

view = h5py.File(sys.argv[1], "r")


def table(name):
    """The rows of all segments, one behind the other."""
    parts = [view[name][segment][:] for segment in view.get(name, [])]
    return np.concatenate(parts) if parts else np.zeros(0)


def of_commit(seq, dataset):
    """The segment that holds a commit's part of a dataset, and where it begins."""
    for segment in view["commits"]:
        for row in view["commits"][segment][:]:
            if row["seq"] == seq and row["dataset"].decode() == dataset:
                return segment, int(row["first"])
    raise KeyError((seq, dataset))


casings, scans, marks = table("casings"), table("scans"), table("marks")
scores = table("comparisons")["score"]
rms = []
for segment in view["mark_values"]:
    for name, values in view["mark_values"][segment].items():
        assert values.attrs["unit"] in (b"um", b"1"), name
        rms.append(float(np.sqrt(np.nanmean(np.square(values[:].astype(float))))))
sound = 0
for segment in view["originals"]:
    for name, original in view["originals"][segment].items():
        sound += hashlib.sha256(original[:].tobytes()).hexdigest() == name
# A free text: where its commit's texts begin, plus the offset in the row.
segment = list(view["scans"])[0]
first = view["scans"][segment][0]
commit = next(r["seq"] for r in view["commits"][segment][:] if r["dataset"] == b"scans")
home, start = of_commit(commit, "text")
start += int(first["file_name"]["offset"])
name = view["text"][home][start : start + int(first["file_name"]["length"])].tobytes().decode()
assert name.endswith((".x3p", ".png")), name
links = table("links")

json.dump(
    {
        "h5py": h5py.version.version,
        "casings": len(set(casings["id"])),
        "marks": len(marks),
        "mark_values": len(rms),
        "comparisons": len(scores),
        "lowest": float(scores.min()),
        "highest": float(scores.max()),
        "links": [[a.decode(), b.decode()] for a, b in zip(links["a"], links["b"])]
        if len(links)
        else [],
        "originals": sound,
    },
    sys.stdout,
)
