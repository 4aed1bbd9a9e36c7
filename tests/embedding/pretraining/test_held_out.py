"""Standard errors of figures before and after, held against simulation and against formulas."""

import numpy as np
import pytest

from causalrec.embedding.pretraining.held_out import HeldOutChange, Reference, changes, ratio
from causalrec.errors import DataError
from tests.estimation.planted import exact_interval

N_RUNS = 400


def test_words_of_one_text_share_their_luck():
    """The ratio's interval covers, where an error over words as if independent would be half as wide."""
    rng, held, naive = np.random.default_rng(0), 0, 0
    for _ in range(N_RUNS):
        counts = rng.integers(1, 9, 120).astype(float)
        luck = rng.normal(size=120)  # of all words of a text
        found = ratio(counts * (2 + luck), counts)
        held += abs(found.value - 2) < 1.959964 * found.stderr
        words = np.repeat(luck, counts.astype(int))
        naive += abs(words.mean()) < 1.959964 * words.std() / np.sqrt(len(words))
    low, high = exact_interval(held, N_RUNS)
    assert low <= 0.95 <= high
    assert exact_interval(naive, N_RUNS)[1] < 0.95


def test_the_difference_is_paired():
    rng = np.random.default_rng(1)
    counts = rng.integers(1, 5, 300).astype(float)
    hard = rng.normal(5, 2, 300)
    before, after = ratio(counts * hard, counts), ratio(counts * (hard - 0.1 + 0.01 * rng.normal(size=300)), counts)
    (change,) = changes({"loss": before}, {"loss": after})
    assert change.difference == pytest.approx(-0.1, abs=0.003)
    assert change.difference_stderr < 0.01 * change.before_stderr
    assert change.before_stderr == pytest.approx(2 / np.sqrt(300), rel=0.3)


def test_it_prints_and_is_json():
    (change,) = changes({"loss": ratio(np.ones(4), np.ones(4))}, {"loss": ratio(np.zeros(4), np.ones(4))})
    found = HeldOutChange(4, "the model as it came", (change,), (Reference("a blind guess", 3.0, 0.1),))
    assert str(found).splitlines() == [
        "4 texts held out, ± one standard error",
        "before: the model as it came",
        "              before              after           difference",
        "loss          1.0000 ± 0.0000    0.0000 ± 0.0000  -1.0000 (95% -1.0000 to -1.0000)",
        "a blind guess: 3.0000 ± 0.1000",
    ]
    assert found.to_dict()["changes"][0]["difference"] == -1.0
    assert found["loss"] is change
    with pytest.raises(DataError, match="name is 'perplexity'; it is one of 'loss'"):
        found["perplexity"]
