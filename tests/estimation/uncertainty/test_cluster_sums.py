"""The sums of the wild bootstrap against regressing every sample anew."""

from dataclasses import replace

import numpy as np
import pytest

from causalrec.data import Design
from causalrec.errors import EstimationError
from causalrec.estimation.uncertainty.cluster_sums import absorbed_sums, cluster_sums
from causalrec.estimation.uncertainty.wild_bootstrap import WildTest, wild_bootstrap
from tests.estimation.streams import Stream
from tests.estimation.uncertainty.test_wild_bootstrap import by_rows, sample


def grouped(seed=0, weighted=False):
    """Effects of two ways of groups, one of them nested in the clusters."""
    rng = np.random.default_rng(seed)
    rows = sample(seed, effect=0.3, weighted=weighted)
    shop = rng.integers(0, 6, rows.n)
    user = rows.clusters["user"] * 3 + rng.integers(0, 3, rows.n)
    return replace(rows, outcome=rows.outcome + shop + 0.5 * user, absorbed=(shop, user))


def dummies(rows):
    columns = [np.eye(codes.max() + 1)[codes][:, 1:] for codes in rows.absorbed]
    columns = [part[:, part.any(axis=0)] for part in columns]
    return replace(rows, covariates=np.column_stack([rows.covariates, *columns]), covariate_names=(), absorbed=())


@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
def test_absorbed_effects_are_those_of_dummies(weighted):
    rows = grouped(weighted=weighted)
    absorbed, written = absorbed_sums(rows), cluster_sums(dummies(rows))
    for name in ("own", "treatment", "outcome", "mixed_treatment", "mixed_outcome"):
        expected = getattr(written, name)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(getattr(absorbed, name), expected, atol=1e-8 * scale)
    found, expected = (wild_bootstrap(design, n_samples=199) for design in (rows, dummies(rows)))
    assert found.p_value == expected.p_value
    np.testing.assert_allclose(found.interval, expected.interval, rtol=1e-6)


def instrumented(seed=0, strength=1.0, n_clusters=9, effect=0.5):
    rng = np.random.default_rng(seed)
    n = 20 * n_clusters
    codes = np.repeat(np.arange(n_clusters), 20)
    x, hidden, noise = rng.normal(size=(3, n))
    z = rng.normal(size=n_clusters)[codes] + rng.normal(size=n)
    t = strength * z + hidden + x + 0.5 * rng.normal(size=n_clusters)[codes]
    y = effect * t + hidden + x + noise + rng.normal(size=n_clusters)[codes]
    return Design(
        y, t[:, None], x[:, None], (), {"user": codes}, treatment_names=("a",), instruments=z[:, None],
    )  # fmt: skip


@pytest.mark.parametrize("null", [0.0, 0.4, 1.0])
def test_the_test_of_an_instrument_is_that_of_the_reduced_form(null):
    """Anderson and Rubin: under the null the outcome less its effect does not follow the instrument."""
    rows = instrumented()
    test = WildTest(cluster_sums(rows, instrumented=True), n_samples=199, random_state=3)
    left = rows.outcome - null * rows.treatments[:, 0]
    reduced = replace(rows, outcome=left, treatments=rows.instruments, instruments=np.empty((rows.n, 0)),
                      instrument_names=())  # fmt: skip
    assert test.p_value(null) == by_rows(reduced, 199, 3, 0.0)


def test_the_interval_of_an_instrument_is_around_two_stages_and_endless_where_it_moves_nothing():
    from causalrec.estimation.instruments.instrumental import TwoStageLeastSquares

    rows = instrumented()
    test = WildTest(cluster_sums(rows, instrumented=True))
    assert test.value == pytest.approx(TwoStageLeastSquares().fit(rows).value_[0])
    lower, upper = test.interval()
    assert lower < test.value < upper
    for end in (lower, upper):
        inside, outside = end + 1e-3 * (test.value - end), end - 1e-3 * (test.value - end)
        assert test.p_value(outside) <= 0.05 <= test.p_value(inside) + 0.002
    idle = WildTest(cluster_sums(instrumented(strength=0.0), instrumented=True))
    assert idle.interval() == (-np.inf, np.inf)
    streamed = cluster_sums(instrumented_stream(rows), instrumented=True)
    np.testing.assert_allclose(WildTest(streamed).interval(), (lower, upper), rtol=1e-6)


def instrumented_stream(rows):
    stream = Stream(rows)
    stream.instrument_names = rows.instrument_names
    return stream


def test_absorbed_effects_of_a_stream_are_refused():
    with pytest.raises(EstimationError, match="rows in memory"):
        absorbed_sums(Stream(grouped()))
