"""The exception of everything that goes wrong."""

from __future__ import annotations

import os


class BrasslinkError(Exception):
    """Something could not be done.

    Parameters
    ----------
    kind : str
        A stable code of the sort of failure: ``io``, ``unknown_format``, ``damaged``,
        ``too_large``, ``unknown_pixel_size``, ``bad_input``, ``no_mark``, ``mirrored``,
        ``incomparable``, ``store``, ``locked``, ``not_found`` or ``internal``.
    what : str
        What happened.
    path : path-like, optional
        The file or folder concerned.
    advice : str, optional
        What to do next.

    Attributes
    ----------
    kind, what, path, advice
        As given.
    """

    def __init__(
        self,
        kind: str,
        what: str,
        path: str | os.PathLike[str] | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(kind, what, path, advice)
        self.kind = kind
        self.what = what
        self.path = None if path is None else os.fspath(path)
        self.advice = advice

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.what}" + (f" ({self.advice})" if self.advice else "")
