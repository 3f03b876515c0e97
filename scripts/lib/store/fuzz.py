"""Runs the fuzz targets (tests/fuzz/) for a million executions each."""

import os
import subprocess
import sys

from torment import ROOT, fail

TARGETS = ["x3p_files", "images", "tiff", "al3d", "plu", "plux", "sur", "tmd"]
TARGETS += ["manifests::csv_manifests", "manifests::utf16_manifests", "manifests::xlsx_manifests"]
TARGETS += ["store_manifests_and_ledgers", "store_segments", "bundles::bundles"]
TARGETS += ["tables::record_tables", "tables::sharing_policies", "tables::trace_results"]
FEW = 2000


def fuzz(_brasslink, _bench, count):
    environment = dict(os.environ, BRASSLINK_FUZZ=str(max(1, count // FEW)))
    for target in TARGETS:
        command = ["cargo", "test", "--release", "--locked", "--workspace", "--test", "fuzz", "--", "--exact", target, "--nocapture"]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            fail(f"{target}: {done.stdout}{done.stderr}")
        told = next(line for line in done.stdout.splitlines() if "fuzz " in line).split("fuzz ")[1]
        *name, executions, accepted, slowest, peak = told.split()
        died = [line.rsplit(" ", 1)[1] for line in done.stdout.splitlines() if line.startswith("children")]
        child = f"; {died[0]} readers died confined, each a refusal" if died else ""
        print(
            f"| fuzz {' '.join(name)} | {int(executions):,} executions, {int(accepted):,} accepted; no panic, "
            f"slowest {slowest} ms, peak {peak} MiB{child} |",
            flush=True,
        )
        print(target, file=sys.stderr)
