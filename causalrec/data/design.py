"""Columns of a flat table that one estimand names, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from causalrec.data.dataset import Dataset
from causalrec.data.design_arrays import Design
from causalrec.data.layout import Request, lay_out
from causalrec.data.missing import complete, imputed
from causalrec.data.relation import Relation
from causalrec.data.scan import scan
from causalrec.data.side_tables import side_of
from causalrec.data.streamed_design import StreamedDesign
from causalrec.data.temporal import refuse_late
from causalrec.errors import DataError, MissingColumnsError

if TYPE_CHECKING:
    from causalrec.identification import Estimand

__all__ = ["Design", "StreamedDesign", "design"]


def design(
    estimand: Estimand, data: Dataset, *, clusters: Sequence[str] = (), weights: str | None = None,
    missing: str = "refuse",
) -> Design | StreamedDesign:  # fmt: skip
    """The columns of a flat table that the estimand names, and no others.

    Covariates that stand in the table of items or users, and text, become blocks: one row an item, user
    or text, never expanded. A table that is larger than memory gives a `StreamedDesign`.

    Parameters
    ----------
    estimand : Estimand
    data : Dataset
        A flat table.
    clusters : sequence of str
        Columns whose equal values tell units that may depend on each other.
    weights : str, optional
        Column that says how much each row counts, 0 or more.
    missing : str
        What to do where values are missing: "refuse"; "drop" the rows; "indicator", the median and a
        column that says where it was filled in (for categories the indicator alone); "impute", for the rows
        of each of five folds the median (the most frequent category) of the other folds. Only covariates are
        ever filled in.

    Raises
    ------
    MissingColumnsError : columns that the tables lack, all of them.
    DataError : a log of visits, no rows; missing or infinite values, with a count per column; text where
        numbers are needed; negative weights; covariates measured after the treatment.

    Examples
    --------
    >>> from causalrec.identification import Estimand
    >>> data = Dataset.from_frames({"shown": [0, 1, 1], "age": [30, None, 50], "clicked": [0, 0, 1]})
    >>> rows = design(Estimand(("shown",), "clicked", "adjustment", ("age",)), data, missing="drop")
    >>> rows.n, rows.dropped, rows.order.tolist()
    (2, {'age': 1}, [0, 2])
    """
    if data.is_grid:
        raise DataError(f"{data.name!r} is a log of visits; a design needs a flat table.")
    clusters = (clusters,) if isinstance(clusters, str) else tuple(clusters)
    request = Request(estimand, clusters, weights, missing)
    strict, loose = _columns(request, data)
    look, order, dropped = complete(scan(data.tables["interactions"]), strict, loose, missing)
    refuse_late(request, data, look)
    layout = lay_out(request, data, look)
    if isinstance(look.table, Relation):
        if missing == "impute":
            raise DataError("A stream cannot impute within folds; choose missing='indicator' or 'drop'.")
        return StreamedDesign(look.table, layout, look.table.num_rows, dropped)
    rows = replace(layout.read(look.table), order=order, dropped=dropped)
    return imputed(rows, layout.covariates) if missing == "impute" else rows


def _columns(request: Request, data: Dataset) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of the interactions: those in which nothing may be filled in, and the others."""
    known = data.tables["interactions"].column_names
    here = set(known)
    strict, loose = request.strict(data), request.loose(data)
    beside = {n: side_of(data, n) for n in dict.fromkeys((*strict, *loose)) if n not in here}
    own = set(request.strict(data)) - set(request.clusters)
    lost = [name for name, side in beside.items() if side is None or name in own]
    if lost:
        raise MissingColumnsError(lost, "interactions", known)
    keys = tuple(dict.fromkeys(data.keys[str(side)] for side in beside.values()))
    data.require("interactions", keys)
    strict = tuple(dict.fromkeys((*(n for n in strict if n in here), *keys)))
    return strict, tuple(n for n in loose if n in here)
