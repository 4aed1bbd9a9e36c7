"""The door: what it takes, refuses, and says."""

import json

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, EstimationError, GraphError, MissingColumnsError, ShapeError
from causalrec.structural.linear_sem import LinearSEM
from tests.structural.linear_sem.planted_path import TEXT, planted_rows


@pytest.fixture(scope="module")
def data():
    return planted_rows(0)


@pytest.fixture(scope="module")
def fit(data):
    return LinearSEM(TEXT).fit(data)


def estimates(fit):
    return [(row.estimate.value, row.estimate.stderr, row.std_all.value, row.std_all.stderr) for row in fit.parameters]


def test_every_kind_of_table_gives_the_same(data, fit):
    import pandas as pd

    renamed = {name: column for name, column in data.items() if name != "clicks"} | {"n_clicks": data["clicks"]}
    bound = Dataset.from_frames(renamed, columns={"clicks": "n_clicks"})
    for table in (pd.DataFrame(data), pa.table(data), Dataset.from_frames(data), bound):
        np.testing.assert_allclose(estimates(LinearSEM(TEXT).fit(table)), estimates(fit), rtol=1e-12)


def test_a_table_on_disk(data, fit, tmp_path):
    import pyarrow.parquet as pq

    pq.write_table(pa.table(data), tmp_path / "rows.parquet")
    stored = Dataset.from_parquet(tmp_path / "rows.parquet", memory_limit="1KB")
    assert not isinstance(stored.tables["interactions"], pa.Table)
    np.testing.assert_allclose(estimates(LinearSEM(TEXT).fit(stored)), estimates(fit), rtol=1e-8, atol=1e-12)


def test_rows_in_any_order_and_columns_in_any_unit(data, fit):
    order = np.random.default_rng(0).permutation(300)
    shuffled = {name: column[order] for name, column in data.items()}
    np.testing.assert_allclose(estimates(LinearSEM(TEXT).fit(shuffled)), estimates(fit), rtol=1e-8, atol=1e-12)
    units = {"clicks": 1e-4, "saves": 1.0, "ratings": 1e6, "exposure": 1e3, "purchase": 1e5}
    scaled = LinearSEM(TEXT).fit({name: column * units[name] for name, column in data.items()})
    ours = [row for row in estimates(scaled)]
    rows = zip(ours, estimates(fit), scaled.parameters, strict=True)
    for one, other, row in rows:
        if row.kind != "defined":
            assert one[2:] == pytest.approx(other[2:], abs=1e-7), row.statement
    assert scaled.indices.chi2 == pytest.approx(fit.indices.chi2, abs=1e-7)


def test_inputs_are_not_changed(data):
    kept = {name: column.copy() for name, column in data.items()}
    for column in data.values():
        column.setflags(write=False)
    LinearSEM(TEXT, errors="robust").fit(data)
    for name, column in data.items():
        np.testing.assert_array_equal(column, kept[name])


def test_equal_labels_are_one_parameter(data):
    text = "taste =~ NA*clicks + a*saves + a*ratings\ntaste ~~ 1*taste"
    found = LinearSEM(text + "\n").fit(data)
    one, other = found.parameter("taste =~ saves"), found.parameter("taste =~ ratings")
    assert one.estimate == other.estimate
    assert found.indices.df == 1
    same = LinearSEM("taste =~ NA*clicks + a*saves + b*ratings\ntaste ~~ 1*taste\na == b").fit(data)
    np.testing.assert_allclose(
        [same.parameter("a").estimate.value, same.parameter("a").estimate.stderr, same.indices.chi2],
        [one.estimate.value, one.estimate.stderr, found.indices.chi2], atol=1e-8,
    )  # fmt: skip


def test_a_constraint_is_kept_and_counted(data):
    found = LinearSEM("purchase ~ a*exposure + b*clicks\na == 2*b + 0.1").fit(data)
    a, b = (found.parameter(name).estimate for name in "ab")
    assert a.value == pytest.approx(2 * b.value + 0.1, abs=1e-10)
    assert a.stderr == pytest.approx(2 * b.stderr, abs=1e-10)
    assert found.indices.df == 1
    y, x, z = (data[name] - data[name].mean() for name in ("purchase", "exposure", "clicks"))
    assert b.value == pytest.approx((2 * x + z) @ (y - 0.1 * x) / ((2 * x + z) @ (2 * x + z)), abs=1e-8)


NOT_IDENTIFIED = {
    "two indicators": ("f =~ clicks + saves", "degrees of freedom are -1.*'f =~ saves'"),
    "no scale": ("f =~ NA*clicks + saves + ratings\npurchase ~ f", "'f =~ clicks', .*'f ~~ f'"),
    "a loop without instruments": (
        "clicks ~ saves\nsaves ~ clicks\nratings ~~ 0*clicks", "'clicks ~ saves', 'saves ~ clicks'"
    ),
    "two loadings as one": (
        "f =~ clicks + saves + ratings\ng =~ exposure\npurchase ~ f + g\nexposure ~~ exposure",
        "'exposure ~~ exposure'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), NOT_IDENTIFIED.values(), ids=NOT_IDENTIFIED)
def test_what_is_not_identified_is_refused_by_name(data, text, message):
    with pytest.raises(EstimationError, match=f"not identified.*{message}"):
        LinearSEM(text).fit(data)


def test_a_heywood_case_is_flagged():
    matrix = [[1.0, 0.8, 0.7], [0.8, 1.0, 0.45], [0.7, 0.45, 1.0]]
    found = LinearSEM("f =~ a + b + c").fit_covariance(matrix, list("abc"), 200)
    assert found.parameter("a ~~ a").estimate.value == pytest.approx((1 - 0.8 * 0.7 / 0.45) * 199 / 200, abs=1e-8)
    assert found.improper == ("the variance of 'a' is -0.2432",)
    assert "improper: the variance of 'a' is -0.2432" in str(found)


def test_a_correlation_beyond_one_is_flagged():
    matrix = np.array([[1, 0.3, 0.4, 0.4], [0.3, 1, 0.4, 0.4], [0.4, 0.4, 1, 0.3], [0.4, 0.4, 0.3, 1]])
    found = LinearSEM("f =~ a + b\ng =~ c + d").fit_covariance(matrix, list("abcd"), 300)
    assert found.improper == ("the correlation of 'f' and 'g' is 1.333",)


def test_a_good_fit_has_nothing_improper(fit):
    assert fit.improper == ()
    assert fit.notes == ()


REFUSED = {
    "no such column": ("purchase ~ price", {}, MissingColumnsError, "no column 'price'"),
    "a latent name in the data": ("exposure =~ clicks + saves", {}, DataError, "'exposure' is a latent variable"),
    "text": ("purchase ~ clicks", {"clicks": ["a"] * 300}, DataError, "'clicks' holds string"),
    "infinite": ("purchase ~ clicks", {"clicks": [np.inf] * 300}, DataError, "'clicks' holds 300 infinite"),
    "constant": ("purchase ~ clicks", {"clicks": [1.0] * 300}, EstimationError, "'clicks' does not vary"),
    "a sum": ("purchase ~ clicks + twice", {}, EstimationError, "'clicks', 'twice' are a sum of one another"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "changed", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_bad_columns(data, text, changed, kind, message):
    table = {**data, "twice": 2 * data["clicks"], **changed}
    with pytest.raises(kind, match=message):
        LinearSEM(text).fit(table)


def test_few_rows():
    with pytest.raises(EstimationError, match="5 rows are too few for 5 variables"):
        LinearSEM(TEXT).fit(planted_rows(0, 5))


MATRICES = {
    "shape": (([[1.0]], ["x", "y"], 10), ShapeError, "shape"),
    "a name twice": ((np.eye(2), ["x", "x"], 10), DataError, "a name twice"),
    "names": ((np.eye(2), ["x", "z"], 10), MissingColumnsError, "'y'"),
    "triangle": (([[1, 0], [0.5, 1]], ["x", "y"], 10), DataError, "not symmetric"),
    "negative": (([[1, 2], [2, 1]], ["x", "y"], 10), DataError, "negative eigenvalue"),
    "no names": ((np.eye(2), 3, 10), DataError, "`names` is 3"),
    "n": ((np.eye(2), ["x", "y"], 1.5), DataError, "`n` is 1.5"),
    "nan": (([[1, np.nan], [np.nan, 1]], ["x", "y"], 10), DataError, "missing or infinite"),
    "text": (([["a", 0], [0, 1]], ["x", "y"], 10), DataError, "no number"),
    "means": ((np.eye(2), ["x", "y"], 10, [1.0]), ShapeError, "`means`"),
}


@pytest.mark.parametrize(("given", "kind", "message"), MATRICES.values(), ids=MATRICES)
def test_bad_matrices(given, kind, message):
    with pytest.raises(kind, match=message):
        LinearSEM("y ~ x").fit_covariance(*given)


def test_bad_options(data):
    with pytest.raises(DataError, match="`errors` is 'bootstrap'"):
        LinearSEM(TEXT, errors="bootstrap")
    with pytest.raises(DataError, match="`errors` is"):
        LinearSEM(TEXT, errors=["standard"])
    with pytest.raises(GraphError, match="`model` is int"):
        LinearSEM(3)
    with pytest.raises(DataError, match="`missing` is 'drop'"):
        LinearSEM(TEXT).fit(data, missing="drop")
    with pytest.raises(DataError, match='need errors="robust"'):
        LinearSEM(TEXT).fit(data, clusters="user")
    with pytest.raises(DataError, match="`clusters` is 5"):
        LinearSEM(TEXT, errors="robust").fit(data, clusters=5)
    with pytest.raises(MissingColumnsError, match="'user'"):
        LinearSEM(TEXT, errors="robust").fit(data, clusters="user")
    with pytest.raises(DataError, match="needs rows"):
        LinearSEM("y ~ x", errors="robust").fit_covariance(np.eye(2), ["x", "y"], 100)
    with pytest.raises(DataError, match="only covariances were given"):
        LinearSEM("y ~ x\ny ~ 1").fit_covariance(np.eye(2), ["x", "y"], 100)


LABELS = {
    "unknown": ("y ~ a*x\nab := a*b", "has no label 'b'"),
    "taken": ("y ~ a*x\na := 2*a", "'a' is defined, and is a label"),
    "not linear": ("y ~ a*x + b*z\na == b^2", "'a == b\\^2' is not linear"),
    "not finite": ("y ~ a*x\na == 1/0", "is not linear in labels, with finite numbers"),
    "too large": ("y ~ a*x\na == 10^400", "with finite numbers"),
    "a root of a negative": ("y ~ a*x\na == sqrt(0 - 1)", "with finite numbers"),
    "a complex number": ("y ~ a*x\na == (0 - 2)^0.5", "with finite numbers"),
    "no such label": ("y ~ a*x\na == c", "has no label 'c'"),
    "contradiction": ("y ~ a*x\na == 1\na == 2", "contradict each other: a == 1; a == 2"),
}


@pytest.mark.parametrize(("text", "message"), LABELS.values(), ids=LABELS)
def test_bad_labels(text, message):
    with pytest.raises(GraphError, match=message):
        LinearSEM(text).fit({name: np.random.default_rng(k).normal(size=50) for k, name in enumerate("xyz")})


def test_a_parameter_by_any_name(fit):
    assert fit.parameter("exposure~taste") is fit.parameter("a")
    assert fit.parameter("indirect").kind == "defined"
    with pytest.raises(DataError, match=r"no parameter 'exposure ~ tast'.*did you mean 'exposure ~ taste'"):
        fit.parameter("exposure ~ tast")
    with pytest.raises(DataError, match="no parameter '5'"):
        fit.parameter(5)


def test_it_prints_and_travels(fit):
    text = str(fit)
    assert text.startswith("Linear structural model of 5 variables, 300 units")
    assert "R2: clicks 0." in text
    assert "errors of normal theory" in text
    assert json.loads(fit.to_json())["indices"]["df"] == 4
    assert fit.to_frame().loc[0, "statement"] == "taste =~ clicks"
    assert "| taste =~ clicks | 1.000 | fixed |" in fit.to_markdown()


def test_a_model_with_nothing_free_is_tested_too():
    """Its chi-square is n (log|Sigma| + tr(S Sigma^-1) - log|S| - p)."""
    matrix, n = np.array([[1.5, 0.4], [0.4, 0.9]]), 200
    found = LinearSEM("y ~ 0.5*x\ny ~~ 1*y\nx ~~ 1*x").fit_covariance(matrix, ["x", "y"], n)
    implied, sample = np.array([[1, 0.5], [0.5, 1.25]]), matrix * (n - 1) / n
    trace = np.trace(sample @ np.linalg.inv(implied))
    expected = n * (np.linalg.slogdet(implied)[1] + trace - np.linalg.slogdet(sample)[1] - 2)
    assert (found.indices.chi2, found.indices.df) == (pytest.approx(expected, rel=1e-12), 3)
    assert "fixed" in str(found)


def test_constraints_may_leave_nothing_free(data):
    found = LinearSEM("purchase ~ a*exposure\npurchase ~~ b*purchase\nexposure ~~ 1*exposure\na == 0.5\nb == 1")
    assert found.fit(data).indices.df == 3


@pytest.mark.parametrize("defined", ["log(a)", "sqrt(a)", "1/0", "(a - 9)^0.5"])
def test_what_has_no_real_value_is_said_to_have_none(defined):
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    found = LinearSEM(f"y ~ a*x\nd := {defined}").fit({"x": x, "y": rng.normal(size=200) - x}).parameter("d").estimate
    assert np.isnan([found.value, found.stderr]).all()


def test_a_saturated_model_says_that_its_fit_is_no_test(data):
    assert "saturated" in str(LinearSEM("purchase ~ exposure").fit(data))
