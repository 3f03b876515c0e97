"""``brasslink-cluster``: up, status, down, ingest, search on one machine or a cluster.

The command line of the Rust program is ``brasslink``; this one has a name of its own, so that
both can be installed. ``python -m brasslink.cluster`` is the same.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .._errors import BrasslinkError
from ._cluster import ENVIRONMENT, connect, state_file, up_dir
from ._ingest import ingest
from ._search import search

#: The port of a cluster on one machine.
PORT = 6399


def _ray() -> str:
    """The program ``ray`` of this installation."""
    beside = Path(sys.executable).with_name("ray")
    found = str(beside) if beside.exists() else shutil.which("ray")
    if found is None:
        advice = "pip install 'brasslink[ray]'"
        raise BrasslinkError("bad_input", "Ray is not installed", None, advice)
    return found


def _processes(temp_dir: str) -> list[int]:
    """The processes of a cluster, by the folder that all of them name."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                said = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if any(part.startswith(temp_dir) or f"={temp_dir}" in part for part in said):
                found.append(int(entry.name))
    return sorted(found)


def up(workers: int | None, port: int, host: str) -> dict[str, Any]:
    """Start a cluster on this machine, for ``--address auto``.

    Parameters
    ----------
    workers : int, optional
        Cores that it gives out; all by default.
    port : int
        Of its head.
    host : str
        The address that it listens at; others can join it there with ``ray start``.

    Returns
    -------
    dict
        ``address``, ``temp_dir``, ``processes``.
    """
    temp_dir = up_dir()
    if _processes(temp_dir):
        what = "a cluster is up already"
        raise BrasslinkError("bad_input", what, temp_dir, "brasslink-cluster down")
    command = [
        _ray(), "start", "--head", f"--port={port}", f"--node-ip-address={host}",
        f"--num-cpus={workers or os.cpu_count() or 1}", "--num-gpus=0",
        "--include-dashboard=false", "--disable-usage-stats", f"--temp-dir={temp_dir}",
        f"--object-store-memory={128 << 20}",
    ]  # fmt: skip
    env = {**ENVIRONMENT, **os.environ}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise BrasslinkError(
            "internal", f"Ray did not start: {said[-1] if said else 'it said nothing'}",
            temp_dir, "see the logs there",
        )  # fmt: skip
    address = f"{host}:{port}"
    state_file().write_text(json.dumps({"address": address}), encoding="utf-8")
    return {"address": address, "temp_dir": temp_dir, "processes": len(_processes(temp_dir))}


def status() -> dict[str, Any]:
    """Tell what cluster is up on this machine.

    Returns
    -------
    dict
        ``up``, and then ``address``, ``processes``, ``nodes``, ``cores``, ``cores_free``.
    """
    temp_dir = up_dir()
    processes = _processes(temp_dir)
    if not processes or not state_file().exists():
        return {"up": False, "processes": len(processes)}
    address = json.loads(state_file().read_text(encoding="utf-8"))["address"]
    with connect(0, address=address):
        ray: Any = importlib.import_module("ray")
        nodes = [node for node in ray.nodes() if node["Alive"]]
        total, free = ray.cluster_resources(), ray.available_resources()
    return {
        "up": True,
        "address": address,
        "processes": len(processes),
        "nodes": len(nodes),
        "cores": total.get("CPU", 0),
        "cores_free": free.get("CPU", 0),
    }


def down() -> dict[str, Any]:
    """End the cluster of this user on this machine, and no other.

    Returns
    -------
    dict
        ``ended``: how many processes.
    """
    temp_dir = up_dir()
    first = _processes(temp_dir)
    for kind, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        for process in _processes(temp_dir):
            try:
                os.kill(process, kind)
            except ProcessLookupError:
                pass
        end = time.monotonic() + patience
        while _processes(temp_dir) and time.monotonic() < end:
            time.sleep(0.1)
    state_file().unlink(missing_ok=True)
    return {"ended": len(first) - len(_processes(temp_dir))}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="brasslink-cluster", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("up", help="start a cluster on this machine")
    one.add_argument("--workers", type=int, help="cores that it gives out (all)")
    one.add_argument("--port", type=int, default=PORT)
    one.add_argument("--host", default="127.0.0.1", help="the address that it listens at")
    commands.add_parser("status", help="what is up on this machine")
    commands.add_parser("down", help="end it")
    for name, of in (("ingest", "import a manifest"), ("search", "compare what is new")):
        one = commands.add_parser(name, help=of)
        one.add_argument("--store", required=True)
        one.add_argument("--workers", type=int, help="how many (one for each core)")
        one.add_argument("--address", help="of a running cluster, or auto")
        one.add_argument("--recipe", help="a recipe in TOML")
        one.add_argument("--operator", help="who is at work, for the ledger")
        one.add_argument("--spool", help="where workers put what they made")
        if name == "ingest":
            one.add_argument("--manifest", required=True)
            one.add_argument("--instruments", help="folder of profiles of instruments")
            one.add_argument("--reason", help="why rows that contradict records correct them")
        else:
            one.add_argument("--shortlist", type=int, default=200)
            one.add_argument("--all", action="store_true", help="verify every pair")
    return parser


def _work(args: argparse.Namespace) -> dict[str, Any]:
    if args.command == "up":
        return up(args.workers, args.port, args.host)
    if args.command == "status":
        return status()
    if args.command == "down":
        return down()
    with connect(args.workers, address=args.address) as cluster:
        common: dict[str, Any] = {
            "recipe": args.recipe, "who": args.operator, "spool": args.spool
        }  # fmt: skip
        if args.command == "ingest":
            return ingest(
                args.store, args.manifest, cluster,
                instruments=args.instruments, reason=args.reason, **common,
            )  # fmt: skip
        return search(args.store, cluster, keep=None if args.all else args.shortlist, **common)


def main(arguments: list[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the process by default.

    Returns
    -------
    int
        As the command line's: 0 all done, 1 not done, 3 some items failed, 130 interrupted.
    """
    args = _parser().parse_args(arguments)
    try:
        # What Ray has to say is not for whoever reads the JSON.
        with contextlib.redirect_stdout(sys.stderr):
            outcome = _work(args)
    except BrasslinkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(json.dumps(outcome, indent=1, ensure_ascii=False))
    return 3 if outcome.get("failures") else 0


if __name__ == "__main__":
    sys.exit(main())
