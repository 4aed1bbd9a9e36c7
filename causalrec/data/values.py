"""Columns of any type: as numbers, as levels, as times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.data.ids import in_order, one_zero, plain
from causalrec.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["distinct", "is_number", "numbers_of", "refuse_mixed_clocks", "refuse_times"]


def is_number(kind) -> bool:
    """Whether an Arrow type holds numbers or true and false."""
    import pyarrow.types as pt

    return pt.is_integer(kind) or pt.is_floating(kind) or pt.is_boolean(kind) or pt.is_decimal(kind)


def numbers_of(values: pa.ChunkedArray) -> np.ndarray:
    """A column of numbers, a view where it can be; float64, shape (n,), NaN where it is missing."""
    import pyarrow as pa

    values = values.cast(pa.int8()) if pa.types.is_boolean(values.type) else values
    return np.asarray(values.cast(pa.float64(), safe=False).to_numpy(), dtype=float)


def distinct(values: pa.ChunkedArray, name: str) -> pa.Array:
    """Distinct values in ascending order, missing ones left out.

    Raises
    ------
    DataError : lists or other values that cannot be told apart or put in order.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        found = pc.drop_null(one_zero(plain(values)).unique())
        return in_order(found.filter(pc.invert(pc.is_nan(found))) if pa.types.is_floating(found.type) else found)
    except (pa.ArrowNotImplementedError, TypeError) as error:
        raise DataError(f"Column {name!r} holds {values.type}, which are no categories; make it text.") from error


def refuse_times(kinds: dict) -> None:
    """Refuse two times of which neither can be said to come first.

    Raises
    ------
    DataError : text, numbers or dates beside times, or a time zone in one of them only.
    """
    texts = [name for name, kind in kinds.items() if "string" in str(kind)]
    if texts:
        raise DataError(
            f"The time {' and '.join(map(repr, texts))} is text, whose order is not that of time; make it a timestamp."
        )
    if len({_clock(kind) for kind in kinds.values()}) > 1:
        (first, a), (second, b) = kinds.items()
        raise DataError(
            f"The times {first!r} ({a}) and {second!r} ({b}) cannot be compared: make both timestamps of one time zone."
        )


def refuse_mixed_clocks(columns: Iterable[tuple[str, Any]]) -> None:
    """Refuse a column of Python times of which some have a time zone and others have none.

    Arrow would take those without one for UTC, hours off.
    """
    from datetime import datetime

    for name, column in columns:
        if not (isinstance(column, list | tuple) or str(getattr(column, "dtype", "")) == "object"):
            continue
        zoned = [value.tzinfo is not None for value in column if isinstance(value, datetime)]
        if any(zoned) and not all(zoned):
            raise DataError(
                f"Column {name!r} has {sum(zoned):,} times with a time zone and {len(zoned) - sum(zoned):,} without: "
                f"give all of them one."
            )


def _clock(kind) -> str:
    import pyarrow.types as pt

    if is_number(kind):
        return "number"
    if pt.is_date(kind):
        return "date"  # midnight would come before every time of the same day
    return "zoned" if pt.is_timestamp(kind) and kind.tz else "naive"
