"""The same numbers from a Parquet file that is read in batches as from the table in memory."""

import numpy as np
import pytest

from causalrec.data import Dataset, absorbed, design
from causalrec.errors import DataError
from causalrec.estimation import estimate_effect
from causalrec.estimation.instruments.instrumental import LIML, TwoStageLeastSquares
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.estimation.linear.dml import PartiallyLinearDML
from causalrec.estimation.linear.ols import OLS
from causalrec.estimation.uncertainty.wild_bootstrap import wild_bootstrap
from causalrec.identification import Estimand

ADJUSTED = Estimand(("t",), "y", "adjustment", adjustment=("x", "kind"))
WITHIN = Estimand(("t",), "y", "adjustment", adjustment=("x", "taste"))
MOVED = Estimand(("t",), "y", "instrument", adjustment=("x",), instruments=("z",))
CASES = {
    "OLS": (OLS("HC3"), ADJUSTED), "DML": (PartiallyLinearDML(), ADJUSTED), "2SLS": (TwoStageLeastSquares(), MOVED),
    "LIML": (LIML(), MOVED), "absorbed": (AbsorbedRegression(), WITHIN),
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rng, n = np.random.default_rng(0), 4000
    user, item = rng.integers(0, 30, n), rng.integers(0, 20, n)
    x, z = rng.normal(size=(2, n))
    t = x + z + user / 10 + rng.normal(size=n)
    table = pa.table({
        "y": t + x + user / 10 + rng.normal(size=n), "t": t, "x": x, "z": z, "user": user, "item": item,
        "kind": rng.choice(["a", "b", "c"], n), "w": rng.random(n), "shown": rng.random(n) < 1 / (1 + np.exp(-x)),
    })  # fmt: skip
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(table, path, row_group_size=900)
    columns = {"taste": absorbed(common=("user", "item"))}
    return Dataset.from_frames(table, columns=columns), Dataset.from_parquet(path, columns=columns, memory_limit=8)


@pytest.mark.parametrize("clusters", [(), ("user",), ("user", "item")], ids=["robust", "one way", "two ways"])
@pytest.mark.parametrize(("estimator", "estimand"), CASES.values(), ids=CASES)
def test_a_file_gives_the_numbers_of_the_table(tables, estimator, estimand, clusters):
    kept, streamed = (
        estimator.fit(design(estimand, data, clusters=clusters, weights="w")).effect(estimand) for data in tables
    )
    assert streamed.value == pytest.approx(kept.value, rel=1e-9)
    assert streamed.stderr == pytest.approx(kept.stderr, rel=1e-8)
    assert streamed.effective_n == pytest.approx(kept.effective_n)
    assert (streamed.dof, streamed.n, streamed.n_clusters) == (kept.dof, kept.n, kept.n_clusters)
    assert kept.influence is not None
    assert streamed.influence is None


def test_the_wild_bootstrap_streams_too(tables):
    kept, streamed = (wild_bootstrap(design(ADJUSTED, data, clusters=("user",)), n_samples=199) for data in tables)
    assert streamed.p_value == kept.p_value
    np.testing.assert_allclose(streamed.interval, kept.interval, rtol=1e-7)


def test_the_effect_on_the_treated_is_had_from_a_file(tables):
    estimand = Estimand(("shown",), "y", "adjustment", adjustment=("x", "kind"))
    kept, streamed = (estimate_effect(estimand, data, target="ATT", clusters="user") for data in tables)
    assert (streamed.target, streamed.method) == ("ATT", kept.method)
    assert streamed.value == pytest.approx(kept.value, rel=1e-9)
    assert streamed.stderr == pytest.approx(kept.stderr, rel=1e-8)
    with pytest.raises(DataError, match="'t' must be 0 or 1"):
        estimate_effect(ADJUSTED, tables[1], target="ATT")
