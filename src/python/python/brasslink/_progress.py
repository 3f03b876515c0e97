"""How far long work is, for a person or a program."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Union

#: Told the stage, how many of its steps are done, and how many there are.
Callback = Callable[[str, int, int], object]
#: What functions take: a callback, ``False`` for silence, ``True`` or ``None`` for a bar.
Progress = Union[Callback, bool, None]


class _Bar:
    """A tqdm bar a stage."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self.close()
            self._stage = stage
            self._bar = self._tqdm(total=total or None, desc=stage, leave=False)
        if self._bar is not None:
            self._bar.total = total or None
            self._bar.n = done
            self._bar.refresh()

    def close(self) -> None:
        """Takes the bar off the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def told(progress: Progress) -> Callback | None:
    """Make of what a caller asked for a callback.

    Parameters
    ----------
    progress : callable, bool or None
        A callable is used as it is. ``None`` shows a bar where tqdm is installed and
        standard error is a terminal; ``True`` where tqdm is installed; ``False`` shows none.

    Returns
    -------
    callable or None
        What to tell.
    """
    if callable(progress):
        return progress
    if progress is False or (progress is None and not sys.stderr.isatty()):
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return _Bar(tqdm)
