"""Holds a store's segments against the tables of docs/STORE_FORMAT.md.

Usage: conforms.py STORE

Whatever the page states of a dataset is looked for in every segment: its
columns in their order, their types and units, how it is stored; and every
dataset of a segment is looked for on the page. Prints how much was compared.
"""

import re
import sys
from pathlib import Path

import h5py
import numpy as np

PAGE = Path(__file__).resolve().parents[3] / "docs/STORE_FORMAT.md"
POSE = np.dtype([(name, "<f8") for name in ("rotation_rad", "dx_m", "dy_m")])
TEXT = np.dtype([("offset", "<u8"), ("length", "<u4")])
# Columns of bytes have their unit without saying so by their name.
BYTES = ("offset", "length", "sketch_at", "sketch_length")
# Units stand at the end of a column's name.
UNITS = {"_m": "m", "_um": "um", "_mm2": "mm2", "_rad": "rad", "_deg": "deg"}
FILTERS = {1: "deflate", 2: "shuffle", 3: "fletcher32"}


def stated():
    """Dataset → columns in order, as (name, type), from the page's tables."""
    page = PAGE.read_text()
    tables = {}
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page.split("**`tables`** segments")[1], re.M)
    lists = [*rows]
    for name in ("cells", "index"):
        told = page.split(f"**`{name}`**: `{name}`: ")[1]
        lists.append((name, re.split(r"\.(?: \*\*|\n)", told)[0]))
    commits = re.search(r"have the table `commits`: (.*?)\. Rows", page).group(1)
    for name, columns in [*lists, ("commits", commits)]:
        if name == "text":
            continue
        # Mentions of other things: "of kind `casing`", "rows of `cells`".
        columns = re.sub(r"\b(kind|of) `\w+`", "", columns)
        told, waiting = [], []
        for column, rest in re.findall(r"`(\w+)`((?: \([^)]*\))?(?: ?[\w ]+)?)", columns):
            if column in POSE.names:
                continue
            kind = re.search(r"\b(S\d+|[uf]\d+|text)\b", rest)
            waiting.append(column)
            if "rotation_rad" in rest or "as above" in rest:
                told += [(c, POSE) for c in waiting]
            elif kind:
                told += [(c, as_type(kind.group(1))) for c in waiting]
            else:
                continue
            waiting = []
        tables[name] = told
    return tables


def as_type(word):
    if word == "text":
        return TEXT
    number = int(word[1:])
    return np.dtype(f"S{number}" if word[0] == "S" else f"<{word[0]}{number // 8}")


def fail(path, what):
    sys.exit(f"FAILED: {path}: {what}")


def main():
    store, tables = Path(sys.argv[1]), stated()
    files = columns = 0
    seen = set()
    for path in sorted((store / "segments").glob("*.h5")):
        with h5py.File(path) as file:
            if file.attrs["format"] != b"brasslink-segment" or int(file.attrs["version"]) != 3:
                fail(path, f"root attributes {dict(file.attrs)}")
            role = file.attrs["role"].decode()
            if role not in path.name:
                fail(path, f"role {role}")
            for name, thing in file.items():
                seen.add(name)
                if isinstance(thing, h5py.Group):
                    if name not in ("originals", "mark_values"):
                        fail(path, f"a group {name}")
                    each = list(thing.values())
                else:
                    each = [thing]
                for dataset in each:
                    columns += held(path, name, dataset, tables)
        files += 1
    print(f"{files} {len(seen)} {columns}")


def held(path, name, dataset, tables):
    plist = dataset.id.get_create_plist()
    for n in range(plist.get_nfilters()):
        if plist.get_filter(n)[0] not in FILTERS:
            fail(path, f"{dataset.name}: filter {plist.get_filter(n)}")
    if plist.get_external_count() or dataset.is_virtual:
        fail(path, f"{dataset.name}: not within the file")
    if name == "mark_values":
        if dataset.dtype != np.dtype("<f4") or dataset.attrs["unit"] not in (b"um", b"1"):
            fail(path, f"{dataset.name}: {dataset.dtype}, {dict(dataset.attrs)}")
        if dataset.chunks and max(dataset.chunks) > 256:
            fail(path, f"{dataset.name}: tiles of {dataset.chunks}")
        return 1
    if name in ("originals", "template_bytes", "sketches", "text", "filter"):
        packed = name in ("originals", "template_bytes", "sketches")
        if dataset.dtype != np.dtype("u1") or (packed and dataset.chunks):
            fail(path, f"{dataset.name}: {dataset.dtype}, chunks {dataset.chunks}")
        if name == "template_bytes" and dataset.id.get_offset() % 4096:
            fail(path, f"{dataset.name} begins at {dataset.id.get_offset()}")
        return 1
    if name not in tables:
        fail(path, f"{name} is not on the page")
    found = [(c, dataset.dtype[c]) for c in dataset.dtype.names]
    if found != tables[name]:
        fail(path, f"{name}: {found}, the page says {tables[name]}")
    for column in dataset.dtype.names:
        unit = next((u for end, u in UNITS.items() if column.endswith(end)), None)
        unit = "byte" if column in BYTES else unit
        told = dataset.attrs.get(f"{column}.unit")
        if unit and (told is None or told.decode() != unit):
            fail(path, f"{name}.{column}: unit {told}")
    return len(found)


main()
