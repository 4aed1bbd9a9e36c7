"""Means of rows by user and item, in memory or in a file of any size."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causalrec.data.ids import plain
from causalrec.data.relation import Relation, literal, quoted
from causalrec.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PairMeans", "PairRows", "pair_means", "streamed_pair_means"]

N_PAIRS = 100_000  # pairs that are written at once


@dataclass(frozen=True, slots=True, eq=False)
class PairRows:
    """Some rows: whose they are, how much they count, and their numbers.

    Attributes
    ----------
    user, item : pyarrow.ChunkedArray of length m
        Of any type that has a text.
    weight : float64, shape (m,)
    values : float64, shape (m, p)
    """

    user: pa.ChunkedArray
    item: pa.ChunkedArray
    weight: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class PairMeans:
    """One row a user and item, sorted by user, then item, as texts.

    Attributes
    ----------
    user, item : str, shape (n_pairs,)
    weight : float64, shape (n_pairs,)
        Sum over the pair's rows.
    values : float64, shape (n_pairs, p)
        Weighted means; plain ones where all of a pair's weights are 0.
    """

    user: np.ndarray
    item: np.ndarray
    weight: np.ndarray
    values: np.ndarray


def pair_means(rows: PairRows) -> PairMeans:
    """Means of rows in memory.

    Raises
    ------
    DataError : missing users or items, or values without a text.
    """
    user, item, sums = _pair_sums(rows)
    return _means(user, item, sums)


def streamed_pair_means(batches: Iterable[PairRows], relation: Relation) -> Iterator[PairMeans]:
    """Means of rows that come in batches, a part of the pairs at a time, all parts in one order.

    Each batch's sums go to a file in the relation's folder for temporary files; DuckDB adds them up and
    sorts them within the relation's memory limit.

    Raises
    ------
    DataError : missing users or items, or values without a text.
    """
    with tempfile.TemporaryDirectory(dir=relation.temp_directory, ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "pairs.parquet"
        n_sums = _write_sums(batches, path)
        source = Relation(f"read_parquet({literal(str(path))})", None, relation.memory_limit, relation.temp_directory)
        sums = ", ".join(f"sum({quoted(f's{k}')})" for k in range(n_sums))
        query = source.select(f'"user", "item", {sums}', then=' GROUP BY "user", "item" ORDER BY "user", "item"')
        with source.connection() as connection:
            connection.execute("SET threads = 1")  # sums in another order would end in other digits
            with connection.sql(query).to_arrow_reader(N_PAIRS) as reader:
                for part in reader:
                    user, item = (part.column(k).to_numpy(zero_copy_only=False) for k in (0, 1))
                    yield _means(user, item, np.column_stack([part.column(2 + k).to_numpy() for k in range(n_sums)]))


def _write_sums(batches: Iterable[PairRows], path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer, n_sums = None, 0
    for rows in batches:
        user, item, sums = _pair_sums(rows)
        n_sums = sums.shape[1]
        table = pa.table({"user": user, "item": item, **{f"s{k}": column for k, column in enumerate(sums.T)}})
        writer = pq.ParquetWriter(path, table.schema) if writer is None else writer
        writer.write_table(table)
    if writer is None:
        raise DataError("The table has no rows, so there is no user and item to score.")
    writer.close()
    return n_sums


def _pair_sums(rows: PairRows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """User and item of each pair, and sums of [weight, 1, weight * values, values]."""
    users, user_at = _texts(rows.user, "user")
    items, item_at = _texts(rows.item, "item")
    joint, pair = np.unique(user_at * len(items) + item_at, return_inverse=True)
    columns = [rows.weight, np.ones(len(pair)), *(rows.weight * v for v in rows.values.T), *rows.values.T]
    sums = np.column_stack([np.bincount(pair, weights=column, minlength=len(joint)) for column in columns])
    return users[joint // len(items)], items[joint % len(items)], sums


def _means(user: np.ndarray, item: np.ndarray, sums: np.ndarray) -> PairMeans:
    p = (sums.shape[1] - 2) // 2
    counts = sums[:, 0] > 0
    weight = np.where(counts, sums[:, 0], sums[:, 1])[:, None]
    return PairMeans(user, item, sums[:, 0], np.where(counts[:, None], sums[:, 2 : 2 + p], sums[:, 2 + p :]) / weight)


def _texts(values: pa.ChunkedArray, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values as texts in order, and the place of each row among them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = plain(values)
    missing = int(pc.sum(pc.is_null(values, nan_is_null=True)).as_py() or 0)
    if missing:
        raise DataError(f"{missing:,} of {len(values):,} rows name no {what}; drop them or fill it in first.")
    try:
        distinct = values.unique()
        texts = distinct.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise DataError(f"The column of the {what} holds {values.type}, which has no text; make it text.") from error
    found, place = np.unique(texts.to_numpy(zero_copy_only=False).astype(object), return_inverse=True)
    return found, place[pc.index_in(values, value_set=distinct).to_numpy()].astype(np.int64)
