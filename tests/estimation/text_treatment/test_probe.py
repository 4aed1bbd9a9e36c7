import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError, ShapeError
from causalrec.estimation.text_treatment import TextCodes, code_effects, probe_codes
from tests.estimation.text_treatment.planted_headlines import PLANTED, headlines

N_DRAWS = 25
N_LABELLED = 300
EFFECT = 0.3


def labels_of(texts):
    """Whether a text has a planted word; what the classifier is to learn."""
    return np.array([bool(set(PLANTED).intersection(text.split())) for text in texts], dtype=int)


class Noisy:
    """A classifier that sees the code through a fog and is too sure of itself."""

    def fit(self, texts, labels):
        return self

    def predict_proba(self, texts):
        fog = np.array([np.random.default_rng(abs(hash_of(text))).normal() for text in texts])
        told = 1 / (1 + np.exp(-3 * (2 * labels_of(texts) - 1 + 1.2 * fog)))
        return np.column_stack([1 - told, told])


def hash_of(text):
    import zlib

    return zlib.crc32(text.encode())


def drawn(seed):
    """Headlines whose clicks follow the true code, by reweighing those of a world without effect."""
    shown = headlines(seed, 150, effect=0.0, spread=0.05)
    rate = np.clip(0.02 * np.exp(EFFECT * labels_of(shown.texts)), 0, 0.5)
    clicks = np.random.default_rng(seed).binomial(shown.impressions, rate).astype(float)
    return shown.texts, (clicks, shown.impressions, shown.experiments)


def test_an_effect_through_the_probe_is_an_effect_of_the_code():
    scaled, raw = [], []
    for seed in range(N_DRAWS):
        texts, columns = drawn(seed)
        labelled = texts[:N_LABELLED]
        probe = probe_codes(texts, labelled, labels_of(labelled), name="planted", classifier=Noisy())
        scaled.append(code_effects(probe.codes, *columns).coef[0])
        told = TextCodes(("told",), Noisy().predict_proba(texts)[:, 1:], {})
        raw.append(code_effects(told, *columns).coef[0])
    scaled, raw = np.array(scaled), np.array(raw)
    assert abs(scaled.mean() - EFFECT) < 4 * scaled.std() / np.sqrt(N_DRAWS)
    assert raw.mean() < EFFECT - 4 * raw.std() / np.sqrt(N_DRAWS)


def test_the_words_of_a_code_are_learned():
    texts, _ = drawn(0)
    labelled = texts[:N_LABELLED]
    probe = probe_codes(texts, labelled, labels_of(labelled), name="planted")
    assert probe.error.accuracy > 0.8
    assert probe.error.r2 > 0.3
    assert probe.codes.names == ("planted",)
    assert len(probe.codes) == len(texts)
    unseen = slice(N_LABELLED, None)
    assert np.corrcoef(probe.codes.values[unseen, 0], labels_of(texts[unseen]))[0, 1] > 0.6


def test_labelled_texts_are_told_by_what_did_not_learn_from_them():
    """A classifier that remembers its texts knows nothing out of fold, and that is said."""

    class Memory:
        def fit(self, texts, labels):
            self.known = dict(zip(texts, labels, strict=True))
            return self

        def predict_proba(self, texts):
            told = np.array([float(self.known.get(text, 0.5)) for text in texts])
            told += 1e-3 * np.array([len(text) for text in texts])
            return np.column_stack([1 - told, told])

    texts, _ = drawn(1)
    label = np.random.default_rng(0).integers(0, 2, N_LABELLED)
    with pytest.raises(EstimationError, match="says nothing of the code"):
        probe_codes(texts, texts[:N_LABELLED], label, name="noise", classifier=Memory())


def test_the_measurement_error_goes_with_the_effect():
    texts, columns = drawn(2)
    probe = probe_codes(texts, texts[:N_LABELLED], labels_of(texts[:N_LABELLED]), name="planted")
    printed = str(code_effects(probe.codes, *columns))
    assert "300 labelled texts" in printed
    assert "scale known to ±" in printed
    assert "R2" in str(probe)
    assert probe.to_dict()["error"]["n_labelled"] == N_LABELLED


def test_the_order_of_texts_changes_nothing():
    texts, _ = drawn(3)
    label = labels_of(texts)[:N_LABELLED]
    order = np.random.default_rng(0).permutation(N_LABELLED)
    first = probe_codes(texts, texts[:N_LABELLED], label, name="planted")
    again = probe_codes(texts, [texts[at] for at in order], label[order], name="planted")
    np.testing.assert_allclose(again.codes.values, first.codes.values, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"labels": [0, 1]}, ShapeError, r"300 labelled texts and labels of shape \(2,\)"),
        ({"labels": np.arange(N_LABELLED)}, DataError, "must be 0 and 1"),
        ({"labels": np.r_[1, np.zeros(N_LABELLED - 1)]}, DataError, "at least 10 of each"),
        ({"name": ""}, DataError, "name is ''"),
        ({"n_folds": 1}, DataError, "n_folds is 1"),
        ({"labelled": ["same"] * N_LABELLED}, DataError, "1 different labelled texts"),
        ({"labelled": [3] * N_LABELLED}, DataError, "Entry 0 is 3"),
    ],
)
def test_bad_input_is_refused_by_name(change, error, message):
    texts, _ = drawn(4)
    given = {"labelled": texts[:N_LABELLED], "labels": labels_of(texts[:N_LABELLED]), "name": "planted"} | change
    with pytest.raises(error, match=message):
        probe_codes(texts, **given)
