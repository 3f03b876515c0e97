"""Reads a store through its view with h5py and prints what it saw as JSON.

Usage: read_with_h5py.py STORE/view.h5
"""
import hashlib
import json
import os
import sys

import h5py
import numpy as np

view = h5py.File(sys.argv[1], "r")
commit = "00000001"


def text(field):
    heap = view["text"][commit][:]
    start, length = int(field["offset"]), int(field["length"])
    return heap[start : start + length].tobytes().decode()


def words(column):
    return [value.decode() for value in column]


casings = view["casings"][commit][:]
scans = view["scans"][commit][:]
marks = view["marks"][commit]
comparisons = view["comparisons"][commit][:]
templates = view["templates"][commit][:]
links = view["links"][commit][:]
values = view["mark_values"][commit][marks["id"][1].decode().replace("/", "%2F")][:]
original = view["originals"][commit][scans["sha256"][1].decode()][:]
at, size = int(templates["offset"][1]), int(templates["length"][1])
first, count = int(comparisons["cells_at"][1]), int(comparisons["cells_stored"][1])

# The ledger's chain, checked without brasslink: docs/STORE_FORMAT.md.
previous, sound = "0" * 64, True
with open(os.path.join(os.path.dirname(sys.argv[1]), "ledger.jsonl"), "rb") as ledger:
    for line in ledger:
        body = line[len(b'{"sha256":"') + 64 + len(b'","body":') : -2]
        entry = json.loads(line)
        sound &= entry["body"]["prev"] == previous
        sound &= hashlib.sha256(body).hexdigest() == entry["sha256"]
        previous = entry["sha256"]

json.dump(
    {
        "casings": words(casings["id"]),
        "calibre": casings["calibre"][0].decode(),
        "pitch_m": float(marks[:]["pitch_m"][1]),
        "pitch_unit": marks.attrs["pitch_m.unit"].decode(),
        "file_name": text(scans["file_name"][1]),
        "shape": list(values.shape),
        "sum": float(np.nansum(values.astype(np.float64))),
        "original_sha256": hashlib.sha256(original.tobytes()).hexdigest(),
        "template": view["template_bytes"][commit][at : at + size].tolist(),
        "scores": comparisons["score"].tolist(),
        "cells": len(view["cells"][commit][first : first + count]),
        "links": [words(row) for row in zip(links["a"], links["b"], links["status"])],
        "chain_is_sound": bool(sound),
    },
    sys.stdout,
)
