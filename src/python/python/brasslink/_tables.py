"""Columns as tables of pandas or Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Union, overload

import pandas as pd

from ._errors import BrasslinkError

Sort = Literal["pandas", "arrow"]
Table = Union[pd.DataFrame, Any]


@overload
def table(columns: Mapping[str, Any], sort: Literal["pandas"] = ...) -> pd.DataFrame: ...
@overload
def table(columns: Mapping[str, Any], sort: Sort) -> Table: ...
def table(columns: Mapping[str, Any], sort: Sort = "pandas") -> Table:
    """Make a table of columns.

    Parameters
    ----------
    columns : mapping
        Name to a list or a one-dimensional array.
    sort : {"pandas", "arrow"}
        What to make; Arrow needs the extra ``arrow``.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        The table.
    """
    if sort == "pandas":
        return pd.DataFrame(dict(columns))
    if sort != "arrow":
        raise BrasslinkError("bad_input", f"{sort!r} is no sort of table", None, "pandas or arrow")
    try:
        import pyarrow
    except ImportError:
        raise BrasslinkError(
            "bad_input", "pyarrow is not installed", None, "pip install 'brasslink[arrow]'"
        ) from None
    return pyarrow.table(dict(columns))
