"""The doubly robust effect of a stream, with blocks: equal to the one of expanded rows in memory, and to the truth."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

from causalrec.data import Dataset, DesignBlock, design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.doubly_robust.interactive import InteractiveDML
from causalrec.identification import Estimand
from tests.estimation.planted import exact_interval, planted
from tests.estimation.streams import Stream

N_RUNS = 200


def refuse_difference(found, kept):
    np.testing.assert_allclose(found.value_, kept.value_, rtol=1e-10)
    np.testing.assert_allclose(found.stderr_, kept.stderr_, rtol=1e-9)
    ours, theirs = (fitted.effect(Estimand(("shown",), "y", "adjustment")) for fitted in (found, kept))
    assert (ours.dof, ours.n_clusters) == (theirs.dof, theirs.n_clusters)
    for name, value in kept.diagnostics_.items():
        assert found.diagnostics_[name] == pytest.approx(value, abs=1e-10), name


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("per_cluster", [0, 10], ids=["units", "clusters"])
@pytest.mark.parametrize("target", ["ATE", "ATT"])
@pytest.mark.parametrize("outcome", ["linear", "logistic"])
def test_passes_give_what_rows_in_memory_give(outcome, target, per_cluster, weighted):
    rng = np.random.default_rng(0)
    rows = planted(
        3, 1500, binary=outcome == "logistic", n_per_cluster=per_cluster, weight=rng.random(1500) if weighted else None
    )
    rows = replace(rows, blocks=(DesignBlock("item", rng.integers(0, 40, 1500), rng.normal(size=(40, 3))),))
    names, keys = rows.matrix_names, rows.row_keys()
    expanded = replace(rows, covariates=rows.matrix(), covariate_names=names, blocks=(), keys=keys)
    estimator = InteractiveDML(outcome, target=target)
    kept = clone(estimator).fit(expanded)
    refuse_difference(clone(estimator).fit(Stream(rows)), kept)
    np.testing.assert_allclose(clone(estimator).fit(rows).influence_, kept.influence_, atol=1e-9)


def test_a_file_gives_the_effect_of_the_table(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows, rng = planted(1, 2000), np.random.default_rng(0)
    table = pa.table({
        "shown": rows.treatments[:, 0], "bought": rows.outcome, "kind": rng.choice(["a", "b", "c"], 2000),
        "user": np.arange(2000) // 10, "day": 1e9 + np.arange(2000.0),
        **dict(zip(rows.covariate_names, rows.covariates.T, strict=True)),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=300)
    estimand = Estimand(("shown",), "bought", "adjustment", adjustment=("age", "price", "taste", "kind", "day"))
    kept = InteractiveDML().fit(design(estimand, Dataset.from_frames(table), clusters=("user",)))
    streamed = design(estimand, Dataset.from_parquet(tmp_path / "rows.parquet", memory_limit=8), clusters=("user",))
    refuse_difference(InteractiveDML().fit(streamed), kept)


def test_a_rare_category_that_an_arm_lacks_does_no_harm():
    rows = planted(0, 1500)
    rare = ((np.arange(1500) < 6) & (rows.treatments[:, 0] == 1)).astype(float)
    rows = replace(rows, covariates=np.column_stack([rows.covariates, rare]), covariate_names=("a", "b", "c", "rare"))
    refuse_difference(InteractiveDML().fit(Stream(rows)), InteractiveDML().fit(rows))


@pytest.mark.parametrize("per_cluster", [0, 5], ids=["units", "clusters"])
def test_effects_cover(per_cluster):
    covered = 0
    for seed in range(N_RUNS):
        found = InteractiveDML().fit(Stream(planted(seed, 500, n_per_cluster=per_cluster)))
        covered += abs(found.value_[0] - 1) <= 1.96 * found.stderr_[0]
    low, high = exact_interval(int(covered), N_RUNS)
    assert low <= 0.95 <= high


def test_what_streams_refuse():
    rows = planted(0, 600)
    with pytest.raises(DataError, match="'shown' must be 0 or 1"):
        InteractiveDML().fit(Stream(replace(rows, treatments=rows.treatments * 2)))
    with pytest.raises(DataError, match="logistic outcome"):
        InteractiveDML("logistic").fit(Stream(rows))
    with pytest.raises(EstimationError, match="every row is untreated"):
        InteractiveDML().fit(Stream(replace(rows, treatments=rows.treatments * 0)))
    with pytest.raises(EstimationError, match="nobody to be compared with"):
        InteractiveDML(clip=0.49).fit(Stream(rows))
    never = replace(rows, outcome=rows.outcome * 0)
    with pytest.raises(EstimationError, match="one class"):
        InteractiveDML("logistic").fit(Stream(never))
    apart = replace(rows, covariates=np.column_stack([rows.covariates, rows.treatments * 2 - 1]), covariate_names=())
    with pytest.raises(EstimationError, match="apart"):
        InteractiveDML(l2=0.0).fit(Stream(apart))
    negative = replace(rows, weight=-np.ones(600))
    with pytest.raises(EstimationError, match="Weights must be 0 or more"):
        InteractiveDML().fit(Stream(negative))
