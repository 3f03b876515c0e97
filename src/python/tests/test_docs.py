"""What is written: docstrings, the newcomer's page, the notebook."""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import brasslink
import pytest
from brasslink import _native

#: What numpydoc asks for that a page of this package leaves out.
LEFT_OUT = {"EX01", "SA01", "ES01", "GL01", "GL02", "GL03", "GL08", "RT02", "RT03", "PR10", "SS06"}


def documented() -> list[str]:
    names = []
    for name in brasslink.__all__:
        of = getattr(brasslink, name)
        if not callable(of) or name in ("Comparable", "Callback", "Progress"):
            continue
        names.append(f"brasslink.{name}")
        if inspect.isclass(of) and of.__module__.startswith("brasslink._"):
            names += [
                f"brasslink.{name}.{method}"
                for method, value in vars(of).items()
                if not method.startswith("_")
                and (inspect.isfunction(value) or isinstance(value, classmethod))
            ]
    return names


@pytest.mark.parametrize("name", documented())
def test_everything_public_has_a_numpydoc_page(name: str) -> None:
    validate = pytest.importorskip("numpydoc.validate").validate
    found = [e for e in validate(name)["errors"] if e[0] not in LEFT_OUT]
    of = getattr(brasslink, name.split(".")[1])
    # What is written in Rust has no signature that numpydoc could compare, and a
    # record tells of its fields as attributes.
    native = hasattr(_native, name.split(".")[1]) and not name.startswith("brasslink.Population")
    unseen = ("PR", "SS", "YD") if native else ("PR01",) if dataclasses.is_dataclass(of) else ()
    found = [e for e in found if not e[0].startswith(unseen)]
    assert found == []


def blocks(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)


def test_the_newcomers_page_runs(project: Path, tmp_path: Path) -> None:
    page = project / "docs" / "PYTHON.md"
    programs = blocks(page)
    assert programs and len(programs[0].strip().splitlines()) <= 10
    (tmp_path / "samples").symlink_to(project / "samples")
    env = {**os.environ, "MPLBACKEND": "Agg"}
    for program in programs:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{program}\n{done.stderr}"
    assert (tmp_path / "scores.png").stat().st_size > 5000


def test_the_notebook_runs(project: Path, tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    path = project / "src" / "python" / "notebooks" / "separation.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(project)}}
    ).execute()
    shown = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    pictures = [o for o in shown if "image/png" in o.get("data", {})]
    assert len(pictures) == 2
