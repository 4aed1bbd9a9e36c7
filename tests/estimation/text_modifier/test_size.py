"""The tests of text as a modifier err as often as they say where the effect is constant."""

import numpy as np

from causalrec.data import Dataset
from causalrec.estimation.heterogeneity.linear_learners import LinearDRLearner
from causalrec.estimation.text_modifier import text_modifier
from tests.estimation.planted import exact_interval
from tests.estimation.text_modifier.modifier_worlds import BY_TITLE, world

N_RUNS, N_SHARED = 200, 60
LEARNER = LinearDRLearner(n_folds=2)


def found(seed, data, n_directions=1):
    return text_modifier(
        BY_TITLE, data, "title", learner=LEARNER, n_words=0, n_directions=n_directions, n_folds=3, random_state=seed
    )


def holds(successes, n):
    low, high = exact_interval(successes, n)
    return low <= 0.05 <= high


def test_both_tests_have_their_size_where_the_effect_is_constant():
    made = [found(seed, world(seed, 240).data, 2) for seed in range(N_RUNS)]
    assert holds(sum(one.p_value < 0.05 for one in made), N_RUNS)
    slopes = [one.directions[0] for one in made]
    assert holds(sum(abs(one.difference) > 1.96 * one.difference_stderr for one in slopes), N_RUNS)
    # Two directions together hold the level, so they err in no more.
    assert exact_interval(sum(min(d.p_value for d in one.directions) < 0.05 for one in made), N_RUNS)[0] <= 0.05


def test_a_treatment_shared_within_a_title_needs_its_clusters_and_has_them():
    made = [found(seed, world(seed, 240, n_rows=4, shared=True).data) for seed in range(N_SHARED)]
    assert made[0].clusters == ("title",)
    assert exact_interval(sum(one.p_value < 0.05 for one in made), N_SHARED)[0] <= 0.05
    slopes = [one.directions[0] for one in made]
    assert holds(sum(abs(one.difference) > 1.96 * one.difference_stderr for one in slopes), N_SHARED)
    # Errors that take rows one by one would be too small by half: the shock of a title is as large as the noise.
    single = world(0, 240, n_rows=4, shared=True).data
    rows = {
        name: single.tables["interactions"][name].to_numpy(zero_copy_only=False)
        for name in ("item", "name", "shown", "sold")
    }
    rows["name"] = np.array([f"{name} {k}" for k, name in enumerate(rows["name"])], dtype=object)
    alone = found(0, Dataset.from_frames(rows, columns=single.columns))
    assert made[0].calibration.mean_stderr > 1.3 * alone.calibration.mean_stderr
