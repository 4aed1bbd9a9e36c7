"""Means by user and item: in memory, in batches, in one order."""

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data.relation import Relation
from causalrec.errors import DataError
from causalrec.estimation.heterogeneity.pair_means import PairRows, pair_means, streamed_pair_means

NAMES = ["ü", "Z", "a", "\U0001f600", "", "é", "10", "9", "A'b\"", "\uffee"]


def rows(seed, n=400):
    rng = np.random.default_rng(seed)
    user, item = (pa.chunked_array([[NAMES[k] for k in rng.integers(0, len(NAMES), n)]]) for _ in range(2))
    return PairRows(user, item, rng.integers(0, 3, n).astype(float), rng.normal(size=(n, 2)))


def together(parts):
    return PairRows(
        pa.chunked_array([c for part in parts for c in part.user.chunks]),
        pa.chunked_array([c for part in parts for c in part.item.chunks]),
        np.concatenate([part.weight for part in parts]), np.concatenate([part.values for part in parts]),
    )  # fmt: skip


def test_means_are_those_of_a_group_by():
    pandas = pytest.importorskip("pandas")
    some = rows(0)
    found = pair_means(some)
    frame = pandas.DataFrame({"user": some.user.to_pylist(), "item": some.item.to_pylist(), "w": some.weight})
    frame[["a", "b"]] = some.values
    pairs = frame.groupby(["user", "item"])
    assert list(zip(found.user, found.item, strict=True)) == sorted(pairs.groups)
    np.testing.assert_allclose(found.weight, pairs["w"].sum())
    for column, name in enumerate("ab"):
        # A pair without any weight has the plain mean.
        mean = pairs[[name, "w"]].apply(lambda p, n=name: np.average(p[n], weights=p["w"] if p["w"].any() else None))
        np.testing.assert_allclose(found.values[:, column], mean, atol=1e-12)


def test_batches_give_the_means_of_all_rows_in_the_same_order(monkeypatch):
    parts = [rows(seed) for seed in range(4)]
    kept = pair_means(together(parts))
    monkeypatch.setattr("causalrec.estimation.heterogeneity.pair_means.N_PAIRS", 7)
    found = list(streamed_pair_means(iter(parts), Relation("nothing")))
    assert len(found) > 2
    assert [name for part in found for name in part.user] == kept.user.tolist()
    assert [name for part in found for name in part.item] == kept.item.tolist()
    np.testing.assert_allclose(np.concatenate([part.values for part in found]), kept.values, atol=1e-12)
    again = list(streamed_pair_means(iter(parts), Relation("nothing")))
    np.testing.assert_array_equal(
        np.concatenate([part.values for part in found]), np.concatenate([part.values for part in again])
    )


@pytest.mark.parametrize(("values", "texts"), [
    (pa.array([10, 9, 10, 9]), ["10", "9"]), (pa.array([True, False, True, False]), ["false", "true"]),
    (pa.array(["b", "a", "b", "a"]).dictionary_encode(), ["a", "b"]),
    (pa.array(["b", "a", "b", "a"], pa.large_string()), ["a", "b"]),
], ids=["numbers", "true or false", "categories", "large texts"])  # fmt: skip
def test_ids_of_any_type_are_texts(values, texts):
    one = pa.chunked_array([values])
    found = pair_means(PairRows(one, one, np.ones(4), np.ones((4, 1))))
    assert found.user.tolist() == found.item.tolist() == texts


def test_what_means_refuse():
    some = rows(0, n=3)
    ones = np.ones(3), np.ones((3, 1))
    with pytest.raises(DataError, match="1 of 3 rows name no user"):
        pair_means(PairRows(pa.chunked_array([["a", None, "b"]]), some.item, *ones))
    with pytest.raises(DataError, match="1 of 3 rows name no item"):
        pair_means(PairRows(some.user, pa.chunked_array([[1.0, float("nan"), 2.0]]), *ones))
    with pytest.raises(DataError, match="no text"):
        pair_means(PairRows(pa.chunked_array([[[1], [2], [3]]]), some.item, *ones))
    with pytest.raises(DataError, match="no rows"):
        list(streamed_pair_means(iter([]), Relation("nothing")))
