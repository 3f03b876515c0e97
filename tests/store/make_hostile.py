"""Makes tests/store/hostile: an HDF5 file for every class that must be refused.

Usage: make_hostile.py FOLDER
"""

import sys
from pathlib import Path

import h5py
import numpy as np

OUT = Path(sys.argv[1])
COMMITS = np.dtype([("seq", "<u8"), ("dataset", "S32"), ("first", "<u8"), ("count", "<u8")])


def segment(name):
    file = h5py.File(OUT / f"{name}.h5", "w", libver=("v110", "v110"))
    file.attrs["format"] = np.bytes_("brasslink-segment")
    file.attrs["version"] = np.uint32(2)
    return file


with segment("soft_link") as file:
    file["text"] = h5py.SoftLink("/elsewhere")
with segment("external_link") as file:
    file["text"] = h5py.ExternalLink("/etc/passwd", "/")
with segment("link_cycle") as file:
    file["originals"] = file["/"]
with segment("deep_groups") as file:
    file.create_group("originals/deeper")
with segment("external_storage") as file:
    file.create_dataset("text", (64,), "u1", external=[("/etc/passwd", 0, 64)])
with segment("virtual_storage") as file:
    layout = h5py.VirtualLayout((64,), "u1")
    layout[:] = h5py.VirtualSource("/etc/passwd", "text", (64,))
    file.create_virtual_dataset("text", layout)
with segment("unknown_filter") as file:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((64,))
    plist.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))
    space = h5py.h5s.create_simple((64,))
    h5py.h5d.create(file.id, b"text", h5py.h5t.STD_U8LE, space, plist)
with segment("missing_field") as file:
    fields = [name for name in COMMITS.names if name != "count"]
    file["commits"] = np.zeros(3, np.dtype([(n, COMMITS[n]) for n in fields]))
with segment("other_type") as file:
    file["text"] = np.zeros(3, "<i8")
with segment("absurd_shape") as file:
    file.create_dataset("text", (2**50,), "u1", chunks=(1024,), compression="gzip")
with segment("large_claim") as file:
    file.create_dataset("text", (2**29,), "u1", chunks=(2**20,), compression="gzip")
with segment("stranger") as file:
    file["shopping_list"] = np.zeros(3, "u1")
with segment("variable_strings") as file:
    file.create_dataset("text", (3,), h5py.string_dtype())
(OUT / "not_hdf5.h5").write_bytes(b"This is a letter to the laboratory.\n")
(OUT / "truncated.h5").write_bytes((OUT / "missing_field.h5").read_bytes()[:700])
