"""Long work: told of, interrupted, beside the interpreter."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import brasslink
import pytest

PROGRAM = """
import brasslink, sys, time
mark = brasslink.load(sys.argv[1])
print("ready", flush=True)
try:
    brasslink.compare_all([mark] * 2000, progress=False)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_it(samples: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(samples / "CHH-1187-1.x3p")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    time.sleep(1.0)
    child.send_signal(signal.SIGINT)
    start = time.monotonic()
    assert child.stdout.readline() == "interrupted\n"
    assert time.monotonic() - start < 10
    assert child.wait(20) == 0


def test_a_callback_is_told_and_its_error_ends_the_work(samples: Path) -> None:
    mark = brasslink.load(samples / "CHH-1187-1.x3p")
    told: list[tuple[str, int, int]] = []
    brasslink.compare_all([mark] * 12, progress=lambda *step: told.append(step))
    assert told[-1] == ("compare", 66, 66)

    def enough(stage: str, done: int, total: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        brasslink.compare_all([mark] * 200, progress=enough)


def test_other_threads_go_on_meanwhile(samples: Path) -> None:
    mark = brasslink.load(samples / "CHH-1187-1.x3p")
    count, stop = 0, threading.Event()

    def counting() -> None:
        nonlocal count
        while not stop.wait(0.001):
            count += 1

    thread = threading.Thread(target=counting)
    thread.start()
    start = time.monotonic()
    brasslink.compare_all([mark] * 40, progress=False)
    took, seen = time.monotonic() - start, count
    stop.set()
    thread.join()
    assert seen > took * 50
