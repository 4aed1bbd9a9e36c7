import numpy as np
import pytest

from causalrec.data import Design, DesignBlock, design_report
from causalrec.errors import DataError


def made(n=3_000, seed=0, weight=None, levels=2):
    rng = np.random.default_rng(seed)
    x = np.column_stack([1e6 + rng.normal(size=n), rng.normal(size=n), np.ones(n)])
    t = np.clip(np.floor(levels * (rng.uniform(size=n) * 0.6 + 0.4 * (x[:, 1] > 0))), 0, levels - 1)
    block = DesignBlock("items", rng.integers(0, 5, n), rng.normal(size=(5, 1)), ("price",))
    return Design(
        rng.normal(size=n), t[:, None], x, (), {}, ("shown",), ("year", "age", "one"), weight, blocks=(block,)
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_standardised_differences(weighted):
    weight = np.random.default_rng(3).uniform(0.5, 3, 3_000) if weighted else None
    rows = made(weight=weight)
    found, w, t = design_report(rows), np.ones(3_000) if weight is None else weight, rows.treatments[:, 0]
    assert found.shares[1.0] == pytest.approx(w[t == 1].sum() / w.sum(), abs=1e-12)
    for name, x in zip(rows.matrix_names, rows.matrix().T, strict=True):
        means = [np.average(x[t == k], weights=w[t == k]) for k in (0, 1)]
        var = [np.average((x[t == k] - means[k]) ** 2, weights=w[t == k]) for k in (0, 1)]
        if name == "one":
            assert np.isnan(found.differences[name])
        else:
            assert found.differences[name] == pytest.approx((means[1] - means[0]) / np.sqrt(np.mean(var)), abs=1e-7)
    assert list(found.large) == ["age"]
    assert "age" in str(found)


def test_a_treatment_of_many_values_has_correlations():
    rows = made(levels=2)
    dose = Design(rows.outcome, rows.covariates[:, 1:2] + rows.covariates[:, :1], rows.covariates, (), {})
    found = design_report(dose)
    assert found.shares == {}
    expected = np.corrcoef(dose.treatments[:, 0], dose.covariates[:, 1])[0, 1]
    assert found.differences["covariate 1"] == pytest.approx(expected, abs=1e-6)
    assert "more than ten values" in str(found)


def test_three_doses_have_shares():
    found = design_report(made(levels=3))
    assert list(found.shares) == [0, 1, 2]
    assert sum(found.shares.values()) == pytest.approx(1)


def test_no_overlap_is_seen():
    rows = made()
    apart = Design(rows.outcome, (rows.covariates[:, 1:2] > 0).astype(float), rows.covariates[:, 1:2], (), {})
    assert abs(design_report(apart).differences["covariate 0"]) > 2
    constant = Design(rows.outcome, np.ones((3_000, 1)), rows.covariates, (), {})
    assert design_report(constant).shares == {1.0: 1.0}


def test_an_unknown_treatment_is_refused():
    with pytest.raises(DataError, match="no treatment 'sown'; it has shown"):
        design_report(made(), "sown")
