import numpy as np
import pytest

from causalrec.estimation.text_treatment import code_effects, text_codes
from tests.datasets import UPWORTHY_FILES, need, upworthy
from tests.estimation.text_treatment.planted_headlines import codes_of, headlines


def test_it_is_pyfixest():
    pyfixest = pytest.importorskip("pyfixest")
    import pandas as pd

    shown = headlines(1, 60, effect=0.1)
    codes = codes_of(shown.texts)
    table = codes.to_frame().assign(
        rate=shown.clicks / shown.impressions, weight=shown.impressions, experiment=shown.experiments
    )
    found = code_effects(codes, *shown.columns)
    assert isinstance(table, pd.DataFrame)
    lines = pyfixest.feols(
        "rate ~ planted + a + b + c | experiment", table, weights="weight", vcov={"CRV1": "experiment"}
    ).tidy()
    np.testing.assert_allclose(found.absolute, 1000 * lines["Estimate"], rtol=1e-6)
    np.testing.assert_allclose(found.absolute_stderr, 1000 * lines["Std. Error"], rtol=0.05)  # CR1, not CR2


def test_negative_words_on_the_published_headlines():
    need(*UPWORTHY_FILES)
    pytest.importorskip("vaderSentiment")
    from causalrec.estimation.text_treatment import vader_lexicon

    rows = upworthy()
    codes = text_codes(list(rows.headline), lexicon=vader_lexicon(), average_length=15.0)
    codes = codes.only("words", "negative words", "positive words")
    found = code_effects(codes, rows.clicks, rows.impressions, rows.experiment, within=rows.group)
    (_, lower, *_), (_, upper, *_) = found.interval()
    assert 0 < lower < 2.3 < upper  # Robertson et al. (2023): +2.3% a negative word
    assert found.relative[2] < 0
