from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Dataset, design, text
from causalrec.errors import DataError
from causalrec.estimation import OLS, estimate_effect
from causalrec.estimation.text_modifier import text_modifier
from causalrec.identification import Estimand
from causalrec.refutation import refute_effect
from causalrec.refutation.leakage.leakage import leakage
from tests.refutation.leakage.leaky_worlds import BY_TITLE, EFFECT, WordsBeside, attacked, named


def test_a_leak_fails_and_the_effect_without_it_is_given():
    world = attacked(0, leak="sale", share=0.9)
    found = leakage(world)
    assert found.verdict == "failed"
    assert "'now' and 'on' and 'sale': " in found.reason
    assert "100.0% treated" in found.reason
    # The title tells nearly everything: what is left of the treatment is a tenth, and the error shows it.
    assert found.stderr < 0.8 * world.effect.stderr
    assert abs(found.refuted - EFFECT) < 3 * found.stderr
    assert found.details["AUC without the phrases"] < found.details["AUC of the treatment"] - 0.1


def test_confounding_by_text_passes():
    found = leakage(attacked(0))
    assert found.verdict == "passed"
    assert found.p_value == 1
    assert np.isnan(found.refuted)
    assert "bind times" in found.reason


def test_titles_of_the_items_count_once_an_item():
    one, other = (leakage(attacked(1, leak="sale", n_rows=3, beside=where)) for where in (False, True))
    assert one.verdict == other.verdict == "failed"
    assert one.p_value == pytest.approx(other.p_value)
    assert other.refuted == pytest.approx(one.refuted)
    assert leakage(attacked(1, n=60, leak="sale", n_rows=20, beside=True)).verdict == "passed"  # too few items to tell


def test_the_battery_makes_the_attack():
    world = attacked(2, leak="late")
    made = refute_effect(world.effect, world.data, attacks=["text leakage"])
    assert [one.verdict for one in made] == ["failed"]
    assert "'back'" in str(made)


def test_where_there_is_no_text_or_no_binary_treatment_it_says_so():
    rng = np.random.default_rng(0)
    names, t, sold, _ = named(0, 300)
    plain = Dataset.from_frames({"shown": t, "sold": sold, "age": rng.normal(size=300)})
    made = estimate_effect(Estimand(("shown",), "sold", "adjustment", ("age",)), plain, estimator=OLS())
    assert "No text" in refute_effect(made, plain, attacks=["text leakage"])[0].reason
    amounts = Dataset.from_frames(
        {"shown": t + rng.normal(size=300), "sold": sold, "name": names},
        columns={"title": text("name", model=WordsBeside())},
    )
    made = estimate_effect(BY_TITLE, amounts, estimator=OLS())
    found = refute_effect(made, amounts, attacks=["text leakage"])[0]
    assert found.verdict == "not applicable"
    assert "not 0 or 1" in found.reason


def test_nothing_is_said_of_times_that_are_known():
    assert "bind times" not in leakage(attacked(0, times={"title": "day", "shown": "day"})).reason


def dated(written, shown):
    """Titles that were written on some days, and shown on others."""
    names, t, sold, _ = named(0, 300)
    return Dataset.from_frames(
        {"name": names, "shown": t, "sold": sold, "written": written, "day": shown},
        columns={"title": text("name", model=WordsBeside())}, times={"title": "written", "shown": "day"},
    )  # fmt: skip


def test_text_that_was_written_after_the_treatment_is_refused():
    days = np.arange(300)
    late = dated(np.where(days < 7, days + 1, days), days)
    for asked in (BY_TITLE, replace(BY_TITLE, adjustment=(), conditional=("title",))):
        with pytest.raises(DataError, match="'title' was measured after 'shown' in 7 rows"):
            design(asked, late)
        with pytest.raises(DataError, match="'title' was measured after 'shown' in 7 rows"):
            text_modifier(asked, late, "title")
    assert design(BY_TITLE, dated(days, days)).n == 300
