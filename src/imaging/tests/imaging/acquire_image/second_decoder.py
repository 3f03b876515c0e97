"""Writes TIFF files of every layout that is read, and what tifffile reads of each.

    second_decoder.py FOLDER

NAME.tif goes with NAME.npy, the grey values 0-1 as float64 (NaN = missing). Files
named refused_* must be refused. Where Pillow reads a layout too, it must agree
with tifffile.
"""

import struct
import sys
from itertools import product
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

folder = Path(sys.argv[1])
rng = np.random.default_rng(11)
NY, NX = 139, 181
LUMA = np.array([0.2126, 0.7152, 0.0722])
UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2


def smooth(channels, dtype, shape=(NY, NX)):
    """A picture with slopes, edges and grain, different in every channel."""
    y, x = np.mgrid[0:shape[0], 0:shape[1]]
    planes = []
    for c in range(channels):
        v = 0.5 + 0.3 * np.sin(x / (11 + 3 * c)) * np.cos(y / (7 + c))
        v += 0.15 * ((x // 40 + y // 31 + c) % 2) + rng.normal(0, 0.02, v.shape)
        planes.append(np.clip(v, 0.01, 0.99))
    v = np.stack(planes, -1)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return v.astype(dtype)
    info = np.iinfo(dtype)
    return (info.min + v * (float(info.max) - info.min)).astype(dtype)


def grey(samples, colours, extras=(), inverted=False):
    """The grey values that these samples (y, x, channel) stand for."""
    dtype = samples.dtype
    full = {"uint8": 255.0, "uint16": 65535.0}.get(dtype.name)
    v = samples.astype(np.float64)
    unit = v / full if full else v.copy()
    colour = unit[..., :colours]
    if inverted:
        colour = 1 - colour if full else -colour
    if dtype.kind == "f":
        colour = np.where(np.abs(colour) >= 1e38, np.nan, colour)
    out = colour[..., 0] if colours == 1 else colour @ LUMA
    for i, kind in enumerate(extras):
        if kind in (ASSOCIATED, UNASSOCIATED):
            alpha = unit[..., colours + i]
            if kind == ASSOCIATED:
                out = np.where(alpha > 0, out / np.where(alpha > 0, alpha, 1), out)
            out = np.where(alpha < 0.5, np.nan, out)
            break
    if not full:
        low, high = np.nanmin(out), np.nanmax(out)
        if low < 0 or high > 1:
            out = (out - low) / (high - low)
    return out


def keep(name, values):
    np.save(folder / f"{name}.npy", np.ascontiguousarray(values, dtype="<f8"))


def check_pillow(path, samples):
    """Pillow is a third opinion where it reads the layout."""
    if samples.dtype.name not in ("uint8", "uint16"):
        return 0
    try:
        with Image.open(path) as image:
            image.load()
            theirs = np.asarray(image)
    except Exception:
        return 0
    ours = samples.squeeze()
    if theirs.shape == ours.shape and theirs.dtype == ours.dtype:
        assert np.array_equal(theirs, ours), f"Pillow reads {path} otherwise than tifffile"
        return 1
    return 0


counts = {"files": 0, "pillow": 0}


def write(name, samples, colours, extras=(), inverted=False, **options):
    path = folder / f"{name}.tif"
    planar = options.get("planarconfig") == "separate"
    data = np.moveaxis(samples, -1, 0) if planar else samples
    if samples.shape[-1] == 1:
        data = samples[..., 0]
    photometric = options.pop("photometric", "rgb" if colours == 3 else "minisblack")
    extra = {"extrasamples": list(extras)} if extras else {}
    tifffile.imwrite(path, data, photometric=photometric, metadata=None,
                     resolution=(4000, 4000), resolutionunit="CENTIMETER", **extra, **options)
    with tifffile.TiffFile(path) as tif:
        read = tif.pages[0].asarray()
    if planar and samples.shape[-1] > 1:
        read = np.moveaxis(read, 0, -1)
    read = read.reshape(samples.shape)
    if options.get("compression") != "jpeg":
        assert np.array_equal(read, samples, equal_nan=samples.dtype.kind == "f"), name
        # Pillow divides colours by an associated alpha and inverts; here `grey` does.
        if ASSOCIATED not in extras and not inverted:
            counts["pillow"] += check_pillow(path, read)
    keep(name, grey(read, colours, extras, inverted))
    counts["files"] += 1


COLOURS = {
    "grey": (1, ()),
    "grey_alpha": (1, (UNASSOCIATED,)),
    "grey_x": (1, (UNSPECIFIED,)),
    "rgb": (3, ()),
    "rgba": (3, (UNASSOCIATED,)),
    "rgbpa": (3, (ASSOCIATED,)),
    "rgbx": (3, (UNSPECIFIED,)),
    "rgbxx": (3, (UNSPECIFIED, UNSPECIFIED)),
    "rgbxa": (3, (UNSPECIFIED, UNASSOCIATED)),
}
PLACES = {"strip": {}, "strips": {"rowsperstrip": 41}, "tiles": {"tile": (64, 48)}}
PACKINGS = {
    "plain": {},
    "lzw": {"compression": "lzw"},
    "lzwp": {"compression": "lzw", "predictor": True},
    "zip": {"compression": "zlib"},
    "zipp": {"compression": "zlib", "predictor": True},
    "packbits": {"compression": "packbits"},
}
for (c, (colours, extras)), (p, place), (k, packing) in product(
    COLOURS.items(), PLACES.items(), PACKINGS.items()
):
    for dtype, order in (("u1", "<"), ("u2", "<"), ("u2", ">")):
        samples = smooth(colours + len(extras), dtype)
        write(f"{c}_{p}_{k}_{dtype}{'be' if order == '>' else 'le'}", samples, colours, extras,
              byteorder=order, **place, **packing)

# As large as a comparison microscope's picture.
for c, dtype, place in (("rgbx", "u1", {"tile": (256, 256)}), ("grey", "u2", {"rowsperstrip": 3})):
    colours, extras = COLOURS[c]
    write(f"large_{c}", smooth(colours + len(extras), dtype, (1944, 2592)), colours, extras,
          **place, **PACKINGS["lzwp"])

# Numbers without a full scale, each under every packing, in either order.
for dtype, order, (k, packing) in product(
    ("i1", "i2", "i4", "u4", "f4", "f8"), "<>", PACKINGS.items()
):
    for p in ("strips", "tiles"):
        write(f"grey_{p}_{k}_{dtype}{'be' if order == '>' else 'le'}", smooth(1, dtype), 1,
              byteorder=order, **PLACES[p], **packing)

# Plane by plane, and BigTIFF.
for c, p, k in product(("grey_alpha", "rgb", "rgba", "rgbx"), PLACES, PACKINGS):
    colours, extras = COLOURS[c]
    write(f"planar_{c}_{p}_{k}", smooth(colours + len(extras), "u2"), colours, extras,
          planarconfig="separate", **PLACES[p], **PACKINGS[k])
for order, c in product("<>", ("grey", "rgbx")):
    colours, extras = COLOURS[c]
    write(f"big_{c}_{'be' if order == '>' else 'le'}", smooth(colours + len(extras), "u2"), colours,
          extras, bigtiff=True, byteorder=order, **PLACES["tiles"], **PACKINGS["lzwp"])

# White is zero; a palette; JPEG strips and tiles.
for dtype in ("u1", "u2"):
    write(f"white_is_zero_{dtype}", smooth(1, dtype), 1, inverted=True, photometric="miniswhite")
table = rng.integers(0, 65536, (3, 256), dtype="u2")
index = smooth(1, "u1")[..., 0]
tifffile.imwrite(folder / "palette.tif", index, photometric="palette", colormap=table,
                 metadata=None, compression="lzw")
keep("palette", (table.T[index] / 65535.0) @ LUMA)
for p in PLACES:
    write(f"jpeg_grey_{p}", smooth(1, "u1"), 1, compression="jpeg", **PLACES[p])
    write(f"jpeg_ycbcr_{p}", smooth(3, "u1"), 3, compression="jpeg", photometric="ycbcr",
          **PLACES[p])

PLACEHOLDER = 65000


def rename_tag(path, tag):
    """Turns the placeholder, a SHORT, into a tag that tifffile does not write."""
    raw = path.read_bytes()
    old = struct.pack("<HHI", PLACEHOLDER, 3, 1)
    assert raw.count(old) == 1, path
    path.write_bytes(raw.replace(old, struct.pack("<HHI", tag, 3, 1)))


# The bits of every byte in reverse.
reverse = np.array([int(f"{i:08b}"[::-1], 2) for i in range(256)], dtype="u1")
for p, k in product(PLACES, ("plain", "lzw", "zipp")):
    name = f"fill_order_{p}_{k}"
    samples = smooth(1, "u2")
    path = folder / f"{name}.tif"
    tifffile.imwrite(path, samples[..., 0], metadata=None, photometric="minisblack",
                     extratags=[(PLACEHOLDER, 3, 1, 2, True)], **PLACES[p], **PACKINGS[k])
    rename_tag(path, 266)
    raw = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tif:
        page = tif.pages[0]
        pieces = list(zip(page.dataoffsets, page.databytecounts))
    for at, length in pieces:
        raw[at:at + length] = reverse[np.frombuffer(raw[at:at + length], "u1")].tobytes()
    path.write_bytes(raw)
    assert np.array_equal(tifffile.imread(path), samples[..., 0]), name
    keep(name, grey(samples, 1))

# Orientations, as TIFF 6.0 defines them by where the first row and column lie.
TURNED = {
    1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
    5: lambda a: a.T, 6: lambda a: np.rot90(a, -1), 7: lambda a: a[::-1, ::-1].T,
    8: lambda a: np.rot90(a, 1),
}
for orientation in range(1, 9):
    path = folder / f"orientation_{orientation}.tif"
    samples = smooth(1, "u1")
    tifffile.imwrite(path, samples[..., 0], metadata=None, photometric="minisblack",
                     extratags=[(PLACEHOLDER, 3, 1, orientation, True)])
    rename_tag(path, 274)
    keep(path.stem, TURNED[orientation](samples[..., 0]) / 255.0)

# Values that say "no data".
samples = smooth(1, "f4")
samples[10:20, 30:60] = -3.4028235e38
samples[100, 100] = 3.4028235e38
samples[101, 101] = np.nan
write("no_data_float", samples, 1)
samples = smooth(1, "i2")
samples[5, 5:50] = -9999
tifffile.imwrite(folder / "no_data_tag.tif", samples[..., 0], metadata=None,
                 photometric="minisblack", extratags=[(42113, 2, 6, "-9999", True)])
values = samples[..., 0].astype(float)
values[values == -9999] = np.nan
keep("no_data_tag", (values - np.nanmin(values)) / (np.nanmax(values) - np.nanmin(values)))

# Reduced pages before the image, and a smaller picture that is not marked as one.
for kind in (1, 0):
    path = folder / f"pages_{kind}.tif"
    samples = smooth(1, "u1")[..., 0]
    with tifffile.TiffWriter(path) as tif:
        tif.write(samples[::4, ::4], subfiletype=kind, metadata=None, photometric="minisblack")
        tif.write(samples, metadata=None, photometric="minisblack")
        tif.write(samples[::2, ::2], subfiletype=1, metadata=None, photometric="minisblack")
    keep(path.stem, samples / 255.0)

# What is refused by name.
tifffile.imwrite(folder / "refused_cmyk.tif", smooth(4, "u1"), photometric="separated",
                 metadata=None)
tifffile.imwrite(folder / "refused_bits.tif", smooth(1, "u1")[..., 0] > 128, metadata=None,
                 photometric="minisblack")
tifffile.imwrite(folder / "refused_half.tif", smooth(1, "f4")[..., 0].astype("f2"), metadata=None,
                 photometric="minisblack")
tifffile.imwrite(folder / "refused_zstd.tif", smooth(1, "u1")[..., 0], metadata=None,
                 photometric="minisblack", compression="zstd")
tifffile.imwrite(folder / "refused_rgb_jpeg.tif", smooth(3, "u1"), metadata=None,
                 photometric="rgb", compression="jpeg", compressionargs={"outcolorspace": "rgb"})
print(f"{counts['files']} layouts, {counts['pillow']} of them read by Pillow too")
assert counts["pillow"] > 0
