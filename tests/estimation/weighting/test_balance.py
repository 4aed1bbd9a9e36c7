from dataclasses import replace

import numpy as np
import pytest

from causalrec.errors import NotFittedError, ShapeError
from causalrec.estimation.doubly_robust.overlap import where_overlap_fails
from causalrec.estimation.matching.matching import Matching
from causalrec.estimation.weighting.balance import balance_table
from causalrec.estimation.weighting.entropy_balancing import EntropyBalancing
from causalrec.estimation.weighting.inverse_propensity import IPW
from tests.estimation.planted import planted


def test_differences_and_ratios_are_the_textbook_ones():
    rows = planted(0)
    x, t = rows.covariates[:, 0], rows.treatments[:, 0]
    table = balance_table(rows)
    on, off = x[t == 1], x[t == 0]
    assert table.difference_before[0] == pytest.approx((on.mean() - off.mean()) / np.sqrt((on.var() + off.var()) / 2))
    assert table.ratio_before[0] == pytest.approx(on.var() / off.var())
    np.testing.assert_array_equal(table.difference_before, table.difference_after)
    assert table.effective_before == table.n_arms


def test_statsmodels_means_agree_under_weights():
    from statsmodels.stats.weightstats import DescrStatsW

    rows = planted(1)
    found, t = IPW(target="ATT").fit(rows), rows.treatments[:, 0]
    table = balance_table(rows, found)
    parts = [DescrStatsW(rows.covariates[t == arm], weights=found.weights_[t == arm]) for arm in (0, 1)]
    np.testing.assert_allclose(table.ratio_after, parts[1].var / parts[0].var)
    assert np.sign(table.difference_after[1]) == np.sign(parts[1].mean[1] - parts[0].mean[1])


@pytest.mark.parametrize("kind", [EntropyBalancing, IPW, Matching])
def test_weighting_balances(kind):
    rows = planted(0, n=3_000)
    table = balance_table(rows, kind().fit(rows))
    before, after = table.largest
    assert after < 0.1 * before if kind is EntropyBalancing else after < 0.5 * before
    assert table.effective_after[0] < table.n_arms[0]


def test_it_prints_and_becomes_a_frame():
    rows = planted(0)
    table = balance_table(rows, EntropyBalancing(target="ATT").fit(rows))
    assert list(table.to_frame().index) == ["age", "price", "taste"]
    text = str(table)
    assert text.startswith("Balance of shown: standardised difference")
    assert "*" in str(balance_table(rows))
    assert "*" not in text
    assert f"{table.n_arms[1]} treated as {table.n_arms[1]}.0" in text


def test_a_constant_covariate_has_no_difference():
    rows = planted(0)
    flat = replace(rows, covariates=np.column_stack([rows.covariates, np.ones(rows.n)]), covariate_names=())
    table = balance_table(flat)
    assert table.difference_before[3] == 0
    assert np.isnan(table.ratio_before[3])


def test_the_rule_finds_who_fails():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.uniform(18, 80, 2_000), rng.uniform(0, 1, 2_000)])
    fails = (X[:, 0] > 60) & (X[:, 1] > 0.5)
    (rule, *_) = where_overlap_fails(X, ("age", "share"), fails)
    assert rule.startswith("age > 60")
    assert " and share > 0.4" in rule or " and share > 0.5" in rule
    assert where_overlap_fails(X, ("age", "share"), np.zeros(2_000, bool)) == []


def test_refusals():
    rows = planted(0)
    with pytest.raises(NotFittedError, match="IPW has no weights"):
        balance_table(rows, IPW())
    for wrong in (np.ones(3), np.full(rows.n, np.nan), -np.ones(rows.n), np.zeros(rows.n)):
        with pytest.raises(ShapeError):
            balance_table(rows, wrong)
