from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Ranking
from causalrec.errors import DataError, EstimationError, MissingColumnsError
from causalrec.evaluation import candidates, compare_gain, treated_share, treatment_counts, uplift_gain
from causalrec.evaluation.gain import _drawn


def unit_rows(data, ranking, k, allowed):
    """Every unit of the top k as a row: item, treated, bought."""
    tables = data.tables
    on = set(zip(tables["treatments"]["item"].to_pylist(), tables["treatments"]["store"].to_pylist(), strict=True))
    sold = set(zip(*(tables["purchases"][c].to_pylist() for c in ("user", "item", "store")), strict=True))
    rows = []
    for user, store in zip(tables["visits"]["user"].to_pylist(), tables["visits"]["store"].to_pylist(), strict=True):
        listed = [item for item in ranking.of(user) if item in allowed][:k]
        rows += [(item, (item, store) in on, (user, item, store) in sold) for item in listed]
    return rows


def test_gain_is_the_coefficient_of_a_regression_with_item_effects(log, scores, make_ranking):
    ranking = make_ranking(log, scores, 12)
    allowed = set(candidates(log, ["display"]))
    rows = unit_rows(log, ranking, 4, allowed)
    items = sorted({row[0] for row in rows})
    design = np.array([[float(row[0] == item) for item in items] + [float(row[1])] for row in rows])
    coef = np.linalg.lstsq(design, np.array([float(row[2]) for row in rows]), rcond=None)[0]
    gain = uplift_gain(ranking, log, ["display"], k=4, n_draws=10)
    assert gain.value == pytest.approx(1000 * coef[-1], abs=1e-9)
    assert gain.n_units == len(rows)


def test_counts_hold_every_visit_and_purchase(log):
    counts = treatment_counts(log, ["display"])
    n_visits = log.tables["visits"].num_rows
    assert np.all((counts.treated + counts.untreated).sum(0) == n_visits)
    assert (counts.bought_treated + counts.bought_untreated).sum() == log.tables["purchases"].num_rows
    assert np.all(counts.bought_treated <= counts.treated)
    assert np.all(counts.bought_untreated <= counts.untreated)
    share = treated_share(log, ["display"])
    np.testing.assert_allclose(share, counts.treated_share(), rtol=0, atol=1e-15)
    assert share[0] == 0
    assert share[1] == 1
    assert not {"i00", "i01"} & set(candidates(log, ["display"]))
    assert len(candidates(log, ["display"])) == 10


def test_either_treatment_counts_and_a_zero_does_not(log):
    table = log.tables["treatments"]
    zero = pa.array(np.zeros(table.num_rows))
    both = replace(log, tables={**log.tables, "treatments": table.append_column("mailer", zero)})
    one, two = treatment_counts(log, ["display"]), treatment_counts(both, ["display", "mailer"])
    assert np.array_equal(one.treated, two.treated)
    assert treatment_counts(both, ["mailer"]).treated.sum() == 0


def test_planted_effect_lies_in_the_interval_and_naive_comparison_does_not(make_log, make_ranking, scores):
    log = make_log(n_visits=6000, n_contexts=300, effect=0.2)
    gain = uplift_gain(make_ranking(log, scores, 12), log, ["display"], k=10, n_draws=400)
    assert gain.lower < 200 < gain.upper
    assert gain.upper - gain.lower < 60
    counts = treatment_counts(log, ["display"])
    naive = counts.bought_treated.sum() / counts.treated.sum() - counts.bought_untreated.sum() / counts.untreated.sum()
    assert 1000 * naive > gain.upper


def test_the_items_where_it_works_beat_the_items_that_sell(make_log, make_ranking, scores):
    log = make_log(effect=np.repeat([0.0, 0.3], 6), n_visits=6000, n_contexts=300)
    works = np.repeat([[0.0, 1.0]], 6, axis=1) + 0.1 * scores
    found = compare_gain(
        {"uplift": make_ranking(log, works, 12), "sales": make_ranking(log, -works, 12)}, log, ["display"], k=[2, 4],
        n_draws=300,
    )  # fmt: skip
    difference = found.difference("uplift", "sales", 4)
    assert difference.is_clear
    assert difference.value == pytest.approx(found.gain("uplift", 4).value - found.gain("sales", 4).value)
    assert str(difference).startswith("uplift beats sales at k = 4 by ")
    assert str(found.difference("sales", "uplift", 4)) == str(difference)
    assert len(found.gains()) == 4
    assert [d.k for d in found.differences()] == [2, 4]
    assert "10 candidates" in str(found)


def test_equal_rankings_cannot_be_told_apart(log, scores, make_ranking):
    ranking = make_ranking(log, scores, 12)
    difference = compare_gain({"a": ranking, "b": ranking}, log, ["display"], k=3, n_draws=50).difference("a", "b")
    assert (difference.value, difference.lower, difference.upper) == (0, 0, 0)
    assert str(difference).startswith("a and b cannot be told apart at k = 3")


def test_households_alone_give_narrower_intervals(make_log, make_ranking, scores):
    log = make_log(n_users=300, n_visits=4000, n_contexts=10, effect=np.linspace(-0.2, 0.4, 12))
    ranking = make_ranking(log, np.random.default_rng(1).random((300, 12)), 12)
    gain = uplift_gain(ranking, log, ["display"], k=6, n_draws=300)
    assert gain.upper - gain.lower > 1.5 * (gain.upper_by_user - gain.lower_by_user)


def test_draws_repeat_with_a_seed_and_do_not_depend_on_precision(log, scores, make_ranking, monkeypatch):
    ranking = {"r": make_ranking(log, scores, 12)}
    first = compare_gain(ranking, log, ["display"], k=3, n_draws=60, random_state=3)
    monkeypatch.setattr("causalrec.evaluation.gain.EXACT", 0)
    second = compare_gain(ranking, log, ["display"], k=3, n_draws=60, random_state=3)
    assert np.array_equal(first.draws, second.draws)
    other = compare_gain(ranking, log, ["display"], k=3, n_draws=60, random_state=4)
    assert not np.array_equal(first.draws, other.draws)


def test_sparse_and_dense_products_agree():
    rng = np.random.default_rng(0)
    users = rng.integers(0, 4, (7, 50)).astype(float)
    part = np.where(rng.random((50, 30)) < 0.02, rng.integers(1, 9, (50, 30)), 0).astype(float)
    assert 0 < np.count_nonzero(part) < 0.05 * part.size
    assert np.array_equal(_drawn(users, part), users @ part)


def test_rows_in_any_order_give_the_same_gain(log, scores, make_ranking):
    ranking = make_ranking(log, scores, 12)
    mixed = np.random.default_rng(0).permutation(len(ranking))
    shuffled = Ranking(ranking.user[mixed], ranking.item[mixed], ranking.rank[mixed], ranking.score[mixed])
    one, other = (uplift_gain(r, log, ["display"], k=3, n_draws=30) for r in (ranking, shuffled))
    assert one == other


def test_whole_lists_may_differ_in_length(log, scores, make_ranking):
    long = make_ranking(log, scores, 12)
    kept = np.where(long.user < "u20", 12, 2) >= long.rank
    budget = Ranking(*(getattr(long, name)[kept] for name in ("user", "item", "rank", "score")))
    found = compare_gain({"budget": budget, "all": long}, log, ["display"], k=None, n_draws=20)
    assert found.gain("all").n_listed == 10  # two of the twelve items are no candidates
    assert 1.5 < found.gain("budget").n_listed < 8
    assert found.gain("all").value == compare_gain({"all": long}, log, ["display"], k=10, n_draws=20).gain("all").value
    assert str(found.difference("budget", "all")).startswith("budget and all cannot be told apart in whole lists")
    at_ten = compare_gain({"budget": budget}, log, ["display"], k=10, n_draws=20)
    assert at_ten.gain("budget").value == found.gain("budget").value
    assert "listed on average" in str(at_ten)


def test_what_cannot_be_compared_is_refused(log, scores, make_ranking):
    ranking = make_ranking(log, scores, 12)
    with pytest.raises(DataError, match="'short' lists at most 2 of the 10 candidates"):
        compare_gain({"short": make_ranking(log, scores - 9 * np.eye(12)[:2].sum(0), 2)}, log, ["display"], k=3)
    with pytest.raises(EstimationError, match="top 1 of 'ranking' was treated in some units"):
        uplift_gain(ranking, log, ["display"], k=1, candidates=["i00"])
    with pytest.raises(MissingColumnsError, match="mailer"):
        uplift_gain(ranking, log)
    with pytest.raises(DataError, match="sequence of one name"):
        uplift_gain(ranking, log, "display")
    twice = Ranking(np.array(["u00"] * 3), np.array(["i03", "i03", "i04"]), np.arange(1, 4), np.ones(3))
    with pytest.raises(DataError, match="twice"):
        uplift_gain(twice, log, ["display"], k=2)
    stranger = Ranking(np.array(["x"]), np.array(["i03"]), np.array([1]), np.ones(1))
    with pytest.raises(DataError, match=r"1 users are in no list of users, the first .'x'"):
        uplift_gain(stranger, log, ["display"], k=1)
    with pytest.raises(DataError, match="was not compared"):
        compare_gain({"a": ranking}, log, ["display"], k=3, n_draws=5).gain("b")
