"""What became of the rows of a table on their way into a design."""

from __future__ import annotations

from typing import Any

from causalrec.data import Dataset, Design, StreamedDesign
from causalrec.data.missing import filled_in
from causalrec.identification import Estimand

__all__ = ["row_counts"]


def row_counts(estimand: Estimand, data: Dataset, missing: str, columns: Design | StreamedDesign) -> dict[str, Any]:
    """Rows that were left out, and missing values by column: of those rows, and those that were filled in.

    Returns
    -------
    dict
        `n_dropped`, `dropped` and `filled`, as the results of `estimate` name them.
    """
    dropped = dict(columns.dropped)
    filled = filled_in(estimand, data) if missing in ("indicator", "impute") else {}
    return {"n_dropped": data.n_units - columns.n if dropped else 0, "dropped": dropped, "filled": filled}
