"""What the tests share: the samples, the shared scans, the built command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


def _project() -> Path:
    """The project's folder; the tests may be run from an unpacked copy of themselves."""
    return Path(os.environ.get("BRASSLINK_PROJECT", Path(__file__).resolve().parents[3]))


@pytest.fixture(scope="session")
def project() -> Path:
    return _project()


@pytest.fixture(scope="session")
def samples(project: Path) -> Path:
    return project / "samples"


@pytest.fixture(scope="session")
def shared(project: Path) -> Path:
    """The reference scans, where they are present."""
    folder = Path(os.environ.get("BRASSLINK_SHARED", project.parent / "shared")) / "data"
    if not (folder / "truth.csv").exists():
        if os.environ.get("BRASSLINK_REQUIRE_DATA") == "1":
            pytest.fail(f"the reference scans are not in {folder}")
        pytest.skip(f"the reference scans are not in {folder}")
    return folder


@pytest.fixture(scope="session")
def binary() -> str:
    """The command line built from the same sources."""
    path = os.environ.get("BRASSLINK_BINARY")
    if not path:
        pytest.skip("BRASSLINK_BINARY names no command line to compare with")
    return path


@pytest.fixture(scope="session")
def run(binary: str):  # type: ignore[no-untyped-def]
    """Runs the command line and gives what it prints."""

    def run(*args: object, code: int = 0) -> str:
        done = subprocess.run(
            [binary, *map(str, args)], capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def filled(run, samples: Path, tmp_path_factory) -> Path:  # type: ignore[no-untyped-def]
    """A store that the command line made of the samples."""
    folder = tmp_path_factory.mktemp("filled")
    store = folder / "store"
    manifest = samples / "manifest.csv"
    for stage in (["import", "--manifest", manifest], ["correlate"], ["link"]):
        run(*stage, "--store", store)
    return store
