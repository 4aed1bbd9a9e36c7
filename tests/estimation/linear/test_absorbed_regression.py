import numpy as np
import pytest
from scipy.stats import binom

from causalrec.data import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.linear.absorbed_regression import AbsorbedRegression
from causalrec.estimation.linear.group_effects import GroupEffects, absorb
from causalrec.estimation.linear.ols import OLS
from causalrec.identification import Estimand
from tests.estimation.linear.test_ols import blocks, replaced
from tests.estimation.streams import Stream

N_COVERAGE = 200
ESTIMAND = Estimand(("a",), "y", "adjustment")
SIZES = (40, 25, 8)


def sample(seed=0, n=1500, ways=(0, 1), clusters=(), weighted=False, shock=0.0):
    rng = np.random.default_rng(seed)
    groups = [rng.integers(0, size, n) for size in SIZES]
    effects = sum(rng.normal(size=size)[code] for size, code in zip(SIZES, groups, strict=True))
    covariates = rng.normal(size=(n, 2)) + 50
    treatments = np.column_stack([rng.normal(size=n) + covariates[:, 0] + effects, rng.random(n) < 0.4])
    shared = shock * rng.normal(size=SIZES[0])[groups[0]] * (treatments[:, 0] - 50)
    noise = rng.normal(size=n) * (1 + effects**2) ** 0.5 + shared
    codes = {f"g{k}": groups[k] for k in clusters}
    return Design(
        0.5 * treatments[:, 0] - treatments[:, 1] + covariates.sum(axis=1) + effects + noise, treatments, covariates,
        tuple(groups[k] for k in ways), codes, treatment_names=("a", "b"), weight=rng.random(n) if weighted else None,
    )  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
@pytest.mark.parametrize("ways", [(0,), (0, 1), (0, 1, 2)], ids=["one", "two", "three"])
@pytest.mark.parametrize("clusters", [(), (0,), (0, 1)], ids=["robust", "by one", "by two"])
def test_equals_pyfixest(ways, clusters, weighted):
    pf, pd = pytest.importorskip("pyfixest"), pytest.importorskip("pandas")
    rows = sample(ways=ways, clusters=clusters, weighted=weighted)
    frame = pd.DataFrame({
        "y": rows.outcome, "a": rows.treatments[:, 0], "b": rows.treatments[:, 1], "c": rows.covariates[:, 0],
        "d": rows.covariates[:, 1], **{f"g{k}": code for k, code in zip(ways, rows.absorbed, strict=True)},
        **rows.clusters, "w": np.ones(rows.n) if rows.weight is None else rows.weight,
    })  # fmt: skip
    named = "+".join(rows.clusters)
    fit = pf.feols(
        f"y ~ a + b + c + d | {' + '.join(f'g{k}' for k in ways)}", frame, vcov={"CRV1": named} if named else "HC1",
        fixef_tol=1e-13, weights="w" if weighted else None,
    )  # fmt: skip
    for design in (rows, Stream(rows)):
        found = AbsorbedRegression().fit(design)
        np.testing.assert_allclose(found.value_, fit.coef()[:2], rtol=1e-8)
        np.testing.assert_allclose(found.stderr_, fit.se()[:2], rtol=1e-6)


@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
@pytest.mark.parametrize("ways", [(0,), (1, 0), (2, 0, 1)], ids=["one", "two", "three"])
def test_absorbing_equals_dummies(ways, weighted):
    rows = sample(ways=ways, weighted=weighted)
    root = np.ones(rows.n) if rows.weight is None else rows.weight**0.5
    dummies = np.column_stack([code[:, None] == np.arange(code.max() + 1) for code in rows.absorbed]).astype(float)
    effects = np.linalg.lstsq(dummies * root[:, None], rows.treatments * root[:, None], rcond=None)[0]
    found = absorb(rows.treatments, rows.absorbed, rows.weight)
    np.testing.assert_allclose(found, rows.treatments - dummies @ effects, atol=1e-10)


def test_a_chain_of_groups_that_barely_meet_converges():
    """Group i meets group i of the other way and the next one: the hardest connected pattern."""
    n_groups = 400
    first, second = np.repeat(np.arange(n_groups), 2), (np.arange(2 * n_groups) + 1) // 2
    column = np.random.default_rng(0).normal(size=(2 * n_groups, 1))
    left = absorb(column, (first, second))
    for code in (first, second):
        assert np.abs(np.bincount(code, weights=left[:, 0])).max() < 1e-9
    again = absorb(np.vstack([column, column[::-1]]), (np.r_[first, first[::-1]], np.r_[second, second[::-1]]))
    np.testing.assert_allclose(again[: 2 * n_groups], left, atol=1e-9)


def test_interactions_and_groups_apart_equal_dummies():
    """Item x week beside item x store: two halves of the items never meet."""
    rng = np.random.default_rng(1)
    item, week, store = rng.integers(0, 12, 900), rng.integers(0, 6, 900), rng.integers(0, 5, 900)
    ways = tuple(np.unique(code, return_inverse=True)[1] for code in (item * 10 + week, item * 10 + store))
    column = rng.normal(size=(900, 1))
    dummies = np.column_stack([code[:, None] == np.arange(code.max() + 1) for code in ways]).astype(float)
    expected = column - dummies @ np.linalg.lstsq(dummies, column, rcond=None)[0]
    np.testing.assert_allclose(absorb(column, ways), expected, atol=1e-9)


def test_blocks_are_expanded_and_what_effects_explain_is_named():
    rows = sample()
    text, user = blocks()
    with_blocks = replaced(rows, blocks=(text, user))
    expanded = replaced(rows, covariates=np.column_stack([rows.covariates, text.expanded(), user.expanded()]))
    found, expected = AbsorbedRegression().fit(with_blocks), AbsorbedRegression().fit(expanded)
    np.testing.assert_allclose(found.value_, expected.value_, rtol=1e-9)
    np.testing.assert_allclose(found.stderr_, expected.stderr_, rtol=1e-9)
    more = replaced(rows, covariates=np.column_stack([rows.covariates, rows.absorbed[0] ** 2.0, np.ones(rows.n)]))
    found = AbsorbedRegression().fit(more)
    np.testing.assert_allclose(found.value_, AbsorbedRegression().fit(rows).value_, rtol=1e-9)
    assert found.left_out_ == ("covariate 2", "covariate 3")


def test_equals_least_squares_with_dummies():
    rows = sample(ways=(2,))
    dummies = (rows.absorbed[0][:, None] == np.arange(1, SIZES[2])).astype(float)
    expected = OLS().fit(replaced(rows, covariates=np.column_stack([rows.covariates, dummies]), absorbed=()))
    found = AbsorbedRegression().fit(rows)
    np.testing.assert_allclose(found.value_, expected.value_, rtol=1e-9)
    np.testing.assert_allclose(found.stderr_, expected.stderr_, rtol=1e-9)
    assert found.n_parameters_ == expected.n_parameters_


def test_intervals_cover_with_clustered_errors():
    hits = 0
    for seed in range(N_COVERAGE):
        rows = sample(seed, n=600, ways=(0, 1, 2), clusters=(0,), shock=0.3)
        rows = replaced(rows, treatments=rows.treatments[:, :1], treatment_names=("a",))
        lower, upper = AbsorbedRegression().fit(rows).effect(ESTIMAND).interval()
        hits += lower <= 0.5 <= upper
    assert binom.ppf(0.0005, N_COVERAGE, 0.95) <= hits <= binom.ppf(0.9995, N_COVERAGE, 0.95)


def test_permuted_rows_agree():
    rows = sample(clusters=(0,))
    found = AbsorbedRegression().fit(rows)
    moved = AbsorbedRegression().fit(rows.rows(np.random.default_rng(0).permutation(rows.n)))
    np.testing.assert_allclose(moved.value_, found.value_, rtol=1e-10)
    np.testing.assert_allclose(moved.stderr_, found.stderr_, rtol=1e-9)


def test_what_effects_explain_is_refused_by_name():
    rows = sample()
    constant = np.column_stack([rows.treatments[:, 0], rows.absorbed[0] % 3])
    with pytest.raises(EstimationError, match="'b' does not vary once the effects of groups"):
        AbsorbedRegression().fit(replaced(rows, treatments=constant))
    with pytest.raises(EstimationError, match="use OLS"):
        AbsorbedRegression().fit(replaced(rows, absorbed=()))
    with pytest.raises(DataError, match="tolerance is 2"):
        AbsorbedRegression(tolerance=2).fit(rows)
    with pytest.raises(EstimationError, match=r"rows cannot carry|does not vary"):
        AbsorbedRegression().fit(sample(n=40))


def test_groups_without_rows_do_no_harm():
    rows = sample()
    gaps = replaced(rows, absorbed=tuple(code * 3 + 2 for code in rows.absorbed))
    found, expected = AbsorbedRegression().fit(gaps), AbsorbedRegression().fit(rows)
    np.testing.assert_allclose(found.value_, expected.value_, rtol=1e-10)
    assert found.n_parameters_ == expected.n_parameters_
    assert GroupEffects.of((np.array([2, 2]),)).counts[0].tolist() == [0, 0, 2]
