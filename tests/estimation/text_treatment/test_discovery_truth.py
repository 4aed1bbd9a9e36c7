from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from causalrec.estimation.text_treatment import discover_text_treatments
from causalrec.estimation.text_treatment.experiments import text_experiments
from causalrec.estimation.text_treatment.within_poisson import within_poisson
from tests.estimation.planted import exact_interval
from tests.estimation.text_treatment.planted_headlines import headlines

N_DRAWS = 100
OPTIONS = {"min_texts": 8, "least_z": 2.0}


def truths(found, shown):
    """Coefficient of each direction on the noiseless clicks of the texts that were not searched."""
    held = ~found.searched
    seen = text_experiments(shown.expected[held], shown.impressions[held], shown.experiments[held])
    scores = found.codes([text for text, mine in zip(shown.texts, held, strict=True) if mine]).only(
        *found.effects.names
    )
    fits = [
        within_poisson(scores.values[:, [k]], seen.clicks, seen.impressions, seen.group, (name,))
        for k, name in enumerate(scores.names)
    ]
    return np.array([fit.coef[0] for fit in fits])


@cache
def draws(effect):
    """Of each draw: directions' coefficient, truth, error, p, and both corrected ones."""
    runs = []
    for seed in range(N_DRAWS):
        shown = headlines(seed, 120, effect=effect)
        found = discover_text_treatments(shown.texts, *shown.columns, random_state=seed, **OPTIONS)
        if found.effects is None:
            continue
        one = found.effects
        lower, upper = (np.log1p(ends / 100) for ends in one.interval())
        runs.append((one.coef, truths(found, shown), lower, upper, one.p_value, one.p_holm, one.p_step_down))
    return runs


def test_effects_of_what_was_found_are_covered():
    runs = draws(float(np.log(1.2)))
    covered = np.concatenate([(lower <= truth) & (truth <= upper) for _, truth, lower, upper, *_ in runs])
    low, high = exact_interval(int(covered.sum()), len(covered))
    assert low <= 0.95 <= high
    error = np.concatenate([value - truth for value, truth, *_ in runs])
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error))


def test_the_planted_class_is_found_and_holds():
    runs = draws(float(np.log(1.2)))
    assert np.mean([holm.min() < 0.05 for *_, holm, _ in runs]) > 0.7


def test_where_nothing_moves_clicks_each_test_errs_at_its_level():
    p = np.concatenate([one[4] for one in draws(0.0)])
    assert len(p) > N_DRAWS
    low, high = exact_interval(int((p < 0.05).sum()), len(p))
    assert low <= 0.05 <= high


@pytest.mark.parametrize("row", [5, 6], ids=["holm", "max-t"])
def test_where_nothing_moves_clicks_the_table_errs_at_its_level(row):
    runs = draws(0.0)
    alarms = sum(one[row].min() < 0.05 for one in runs)
    assert alarms <= binom.ppf(0.9995, len(runs), 0.05)
