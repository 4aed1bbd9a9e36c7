"""What text explains, and the test of text as a proxy: quiet where text shows everything, loud where it does not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from causalrec.data import Design, DesignBlock
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.linear.dml import PartiallyLinearDML
from causalrec.estimation.text_report import text_report, wide_blocks
from tests.estimation.planted import SHOWN
from tests.estimation.streams import Stream

N_QUIET = 200
N_LOUD = 30


def planted(seed, n=1500, hidden=False, q=20, weighted=False, clusters=False, uneven=False):
    """Effect 1. With `hidden` the confounder is a group of two, which a text shows clearly or hardly at all.

    The text shows how clear it is, as text does: some items are about one thing alone. With `uneven` the outcome's
    noise follows the text and nothing is hidden.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, q))
    if hidden:
        clear = X[:, 1] > 0
        group = np.where(clear, np.sign(X[:, 0]), rng.choice([-1.0, 1.0], size=n))
        X[:, 2] = group * clear  # columns that show the group, where the text is clear
        X[:, 3] = clear + 0.1 * rng.normal(size=n)
        c = 1.2 * group
    else:
        c = X[:, 0] + 0.5 * X[:, 1]
    t = c + rng.normal(size=n)
    y = t + c + rng.normal(size=n) * (np.exp(X[:, 4] / 2) if uneven else 1.0)
    codes = {"user": np.arange(n) // 3} if clusters else {}
    weight = rng.uniform(0.5, 1.5, size=n) if weighted else None
    block = DesignBlock("title", np.arange(n), X)
    return Design(y, t[:, None], np.empty((n, 0)), (), codes, ("shown",), weight=weight, blocks=(block,))


@pytest.mark.parametrize("options", [{}, {"clusters": True}, {"uneven": True}], ids=["even", "clusters", "uneven"])
def test_is_quiet_where_the_text_shows_everything(options):
    loud = sum(text_report(planted(seed, n=800, **options), n_folds=2).is_proxy for seed in range(N_QUIET))
    low, high = binom.ppf([0.0005, 0.9995], N_QUIET, 0.05)
    assert low <= loud <= high, f"{loud} of {N_QUIET}"


def test_says_so_where_the_text_shows_a_confounder_in_part():
    found = [text_report(planted(seed, hidden=True), n_folds=2) for seed in range(N_LOUD)]
    assert sum(report.is_proxy for report in found) >= 0.9 * N_LOUD
    assert "only in part" in found[0].sentence


def test_a_text_that_all_but_says_the_treatment_is_suspected():
    design = planted(0)
    assert "may contain" not in text_report(design).sentence
    t = design.treatments[:, 0]
    block = DesignBlock("title", np.arange(len(t)), np.column_stack([design.blocks[0].matrix, np.sign(t) + t]))
    assert "may contain shown: the attack 'text leakage'" in text_report(replace(design, blocks=(block,))).sentence


def test_shares_and_estimate_are_those_of_double_machine_learning():
    design = planted(0)
    found, fitted = text_report(design), PartiallyLinearDML().fit(design)
    effect = fitted.effect(SHOWN)
    assert found.value == pytest.approx(effect.value, rel=1e-9)
    assert found.stderr == pytest.approx(effect.stderr, rel=2e-3)
    assert found.r2_treatment == pytest.approx(effect.diagnostics["cross-fitted R2 of shown"], abs=1e-9)
    assert found.r2_outcome == pytest.approx(effect.diagnostics["cross-fitted R2 of the outcome"], abs=1e-9)
    assert found.r2_treatment == pytest.approx(1.25 / 2.25, abs=0.05)


def test_without_the_text_the_estimate_is_the_plain_regression_s():
    design = planted(1)
    t, y = design.treatments[:, 0], design.outcome
    found = text_report(design)
    assert found.value + found.moved == pytest.approx(np.cov(t, y)[0, 1] / t.var(ddof=1), abs=2e-3)
    assert abs(found.r2_treatment_without) < 5e-3


@pytest.mark.parametrize("weighted", [False, True])
def test_a_text_of_many_rows_is_kept_once(weighted):
    design = planted(2, weighted=weighted)
    codes = np.random.default_rng(0).integers(0, 200, size=design.n)
    few = replace(design, blocks=(DesignBlock("title", codes, design.blocks[0].matrix[:200]),))
    wide = DesignBlock("title", np.arange(design.n), few.blocks[0].expanded())
    first, second = text_report(few), text_report(replace(few, blocks=(wide,), keys=few.row_keys()))
    for name in ("r2_treatment", "r2_outcome", "value", "stderr", "moved", "tilt"):
        assert getattr(first, name) == pytest.approx(getattr(second, name), abs=1e-8)


def test_order_of_rows_changes_nothing():
    design = planted(3, hidden=True)
    shuffled = design.rows(np.random.default_rng(0).permutation(design.n))
    first, second = text_report(design), text_report(shuffled)
    assert first.value == pytest.approx(second.value, rel=1e-10)
    assert first.tilt == pytest.approx(second.tilt, rel=1e-7)


@pytest.mark.parametrize("shown", [0.6, 0.8, 0.95])
def test_bias_that_is_left_follows_from_the_share_that_is_shown(shown):
    """A confounder of variance 1 and a proxy that shows a known share of it, in closed form."""
    rng = np.random.default_rng(0)
    n, q = 40_000, 16
    X = rng.normal(size=(n, q))
    c = np.sqrt(shown) * X[:, 0] + np.sqrt(1 - shown) * rng.normal(size=n)
    t = 0.8 * c + rng.normal(size=n)
    design = replace(planted(0, n=n), outcome=t + c + rng.normal(size=n), treatments=t[:, None])
    report = text_report(replace(design, blocks=(DesignBlock("title", np.arange(n), X),)), n_folds=2)
    bias = 0.8 * (1 - shown) / (1 + 0.64 * (1 - shown))
    assert report.value - 1 == pytest.approx(bias, abs=0.02)
    assert report.left_over(shown) == pytest.approx(bias, abs=0.02)
    bounds = report.bounds(shown)
    assert bounds.upper == report.value
    assert bounds.covers(1.0)
    assert (report.left_over(1.0), report.left_over(0.05)) == (0, np.inf)


def test_prints_and_becomes_plain_numbers():
    found = text_report(planted(0))
    assert "cross-fitted R2 of shown" in str(found)
    assert "showed only 90%" in str(found)
    assert found.to_dict()["is_proxy"] is False
    assert "moved by text" in found.diagnostics()


def test_what_cannot_be_reported_on_is_refused():
    design = planted(0)
    with pytest.raises(DataError, match="16 columns"):
        text_report(replace(design, blocks=(DesignBlock("price", np.arange(design.n), np.ones((design.n, 2))),)))
    with pytest.raises(DataError, match="streamed"):
        text_report(Stream(design))
    with pytest.raises(DataError, match="One treatment"):
        text_report(replace(design, treatments=np.column_stack([design.treatments] * 2), treatment_names=()))
    with pytest.raises(EstimationError, match="does not vary"):
        text_report(replace(design, treatments=np.ones((design.n, 1))))
    for share in (0, 1.1):
        with pytest.raises(DataError, match="shown"):
            text_report(design).left_over(share)
    assert wide_blocks(replace(design, blocks=())) == ()
