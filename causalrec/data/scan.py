"""What coding needs to know of a table before it is read: counts, levels, medians."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalrec.data.arrow_scan import ArrowScan
from causalrec.data.relation import Relation
from causalrec.data.sql_scan import SqlScan

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Scan", "scan"]

Scan = ArrowScan | SqlScan


def scan(table: pa.Table | Relation) -> Scan:
    """The way to look at a table, in memory or on disk."""
    return SqlScan(table) if isinstance(table, Relation) else ArrowScan(table)
