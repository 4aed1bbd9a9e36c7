"""What comes after the treatment is no covariate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalrec.data.scan import Scan
from causalrec.errors import DataError

if TYPE_CHECKING:
    from causalrec.data.dataset import Dataset
    from causalrec.data.layout import Request

__all__ = ["refuse_late"]


def refuse_late(request: Request, data: Dataset, look: Scan) -> None:
    """Refuse covariates and instruments measured after the treatment, and outcomes before it, row by row.

    Only nodes whose times `data.times` names are compared, in the rows that have both times.

    Raises
    ------
    DataError : all of them, with the number of rows each; or times that cannot be compared.
    """
    times, estimand = data.times, request.estimand
    treated = [node for node in estimand.treatment if node in times]
    before = [node for node in (*request.adjusted, *estimand.instruments) if node in times]
    after = [node for node in (*estimand.mediators, estimand.outcome) if node in times]
    found = []
    for treatment in treated:
        late = {node: look.later(times[treatment], times[node]) for node in before}
        early = {node: look.later(times[node], times[treatment]) for node in after}
        found += [f"{node!r} was measured after {treatment!r} in {n:,} rows" for node, n in late.items() if n]
        found += [f"{node!r} was measured before {treatment!r} in {n:,} rows" for node, n in early.items() if n]
    if found:
        raise DataError(
            f"Of {look.table.num_rows:,} rows: {'; '.join(found)}. Use the last value before the "
            f"treatment, or drop those rows."
        )
