"""Corrections agree with statsmodels."""

import numpy as np
import pytest

from causalrec.errors import DataError
from causalrec.falsification.correction import corrected

NAMES = {"holm": "holm", "bonferroni": "bonferroni", "benjamini-hochberg": "fdr_bh"}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", NAMES)
def test_statsmodels_finds_the_same(seed, name):
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(seed).random(12) ** 3
    p_values[3] = p_values[7]
    np.testing.assert_allclose(corrected(p_values, name), multipletests(p_values, method=NAMES[name])[1])


def test_none_and_nothing():
    assert corrected([0.2, 0.1], "none").tolist() == [0.2, 0.1]
    assert corrected([], "holm").shape == (0,)


def test_unknown_correction():
    with pytest.raises(DataError, match="'sidak'"):
        corrected([0.1], "sidak")
