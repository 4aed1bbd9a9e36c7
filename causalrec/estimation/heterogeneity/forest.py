"""How much memory a forest takes, so that one too large is refused before it starts."""

from __future__ import annotations

from typing import Any

from causalrec.errors import EstimationError

__all__ = ["forest_memory", "prediction_rows", "refuse_large_forest"]

BYTES_PER_NODE = 300  # measured 170 to 240
BYTES_PER_ROW, BYTES_PER_CELL = 800, 16  # residuals, copies of the columns and nuisance values
BYTES_PER_SLICE = 150  # a row's moments in each little bag, when effects are predicted with errors
PREDICTION_BYTES = 5e8


def forest_memory(forest: Any, n: int, n_columns: int) -> float:
    """Bytes above the data that fitting an EconML causal forest takes, an upper bound; 0 for other estimators.

    A tree has at most 2 n s h / m nodes: s is the share of the rows that it draws (`max_samples`), h is 1/2
    where it is honest, m is `min_samples_leaf`. A node takes 300 bytes, a row 800 and a cell of the columns 16.
    So memory grows in proportion to rows x trees. Models of outcome and treatment come on top.

    Examples
    --------
    >>> class Forest:
    ...     n_estimators, max_samples, min_samples_leaf, honest, max_depth = 100, 0.45, 5, True, None
    >>> round(forest_memory(Forest(), 2_000_000, 20) / 1e9, 1)
    7.6
    """
    if not _is_forest(forest):
        return 0.0
    drawn = forest.max_samples if forest.max_samples > 1 else forest.max_samples * n
    leaf = forest.min_samples_leaf if forest.min_samples_leaf >= 1 else forest.min_samples_leaf * n
    nodes = 2 * drawn * (0.5 if forest.honest else 1.0) / max(1.0, leaf)
    if forest.max_depth is not None:
        nodes = min(nodes, 2.0 ** min(forest.max_depth + 1, 60))
    return forest.n_estimators * nodes * BYTES_PER_NODE + n * (BYTES_PER_ROW + BYTES_PER_CELL * n_columns)


def refuse_large_forest(forest: Any, n: int, n_columns: int, max_memory: float) -> None:
    """Refuse a forest before it starts.

    Raises
    ------
    EstimationError : it may take more than `max_memory` bytes, with the settings that would fit.
    """
    needed = forest_memory(forest, n, n_columns)
    if needed <= max_memory:
        return
    by_rows = n * (BYTES_PER_ROW + BYTES_PER_CELL * n_columns)
    left = max_memory - by_rows
    trees = int(forest.n_estimators * max(0.0, left) / (needed - by_rows))
    way = (
        f"{trees} trees or a `min_samples_leaf` larger by {(needed - by_rows) / left:.1f} times would fit"
        if trees >= 4
        else f"take a sample of about {int(n * max_memory / needed):,} rows"
    )
    raise EstimationError(
        f"A causal forest of {forest.n_estimators} trees on {n:,} rows x {n_columns} columns may take "
        f"{needed / 1e9:.1f} GB, above the limit of {max_memory / 1e9:.1f} GB: {way}. Or raise `max_memory`."
    )


def prediction_rows(forest: Any, n: int) -> int:
    """Rows whose effects may be predicted at once, with errors, within half a gigabyte; all where it is no forest."""
    if not _is_forest(forest):
        return max(1, n)
    slices = max(1, forest.n_estimators // max(1, getattr(forest, "subforest_size", 4)))
    return max(1, min(n, int(PREDICTION_BYTES / (BYTES_PER_SLICE * slices))))


def _is_forest(forest: Any) -> bool:
    return all(hasattr(forest, name) for name in ("n_estimators", "max_samples", "min_samples_leaf", "honest"))
