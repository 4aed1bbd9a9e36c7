import numpy as np
import pytest

from causalrec.errors import DataError, EstimationError, MissingColumnsError, ShapeError
from causalrec.estimation.text_treatment import TextCodes, code_effects, text_codes
from tests.estimation.planted import exact_interval
from tests.estimation.text_treatment.planted_headlines import codes_of, headlines

N_DRAWS = 120


@pytest.fixture(scope="module")
def draws():
    """Coefficient, ends, p-values of each draw, with an effect of 10%."""
    found = []
    for seed in range(N_DRAWS):
        shown = headlines(seed, 80, effect=np.log(1.1))
        effects = code_effects(codes_of(shown.texts), *shown.columns)
        found.append((*effects.interval(), effects.relative, effects.p_value, effects.p_holm, effects.p_step_down,
                      *effects.interval(simultaneous=True)))  # fmt: skip
    return np.array(found)


def test_the_planted_effect_is_recovered_with_coverage(draws):
    lower, upper, value = draws[:, 0, 0], draws[:, 1, 0], draws[:, 2, 0]
    low, high = exact_interval(int(((lower <= 10) & (upper >= 10)).sum()), N_DRAWS)
    assert low <= 0.95 <= high
    assert abs(value.mean() - 10) < 4 * value.std() / np.sqrt(N_DRAWS)
    assert (upper - lower).mean() < 12


def test_each_test_of_nothing_errs_at_its_level(draws):
    low, high = exact_interval(int((draws[:, 3, 1:] < 0.05).sum()), 3 * N_DRAWS)
    assert low <= 0.05 <= high


@pytest.mark.parametrize("row", [4, 5], ids=["holm", "max-t"])
def test_the_table_errs_at_its_level(draws, row):
    """Of the codes that do nothing, while another one does something."""
    low, _ = exact_interval(int((draws[:, row, 1:].min(axis=1) < 0.05).sum()), N_DRAWS)
    assert low <= 0.05
    assert (draws[:, row, 0] < 0.05).mean() > 0.8


def test_simultaneous_intervals_hold_together(draws):
    truth = np.array([10.0, 0, 0, 0])
    hold = ((draws[:, 6] <= truth) & (draws[:, 7] >= truth)).all(axis=1).sum()
    low, high = exact_interval(int(hold), N_DRAWS)
    assert low <= 0.95 <= high


def test_jointly_the_planted_code_does_not_leak_into_its_companion():
    """A code that often comes with the planted words has no effect of its own, and one alone."""
    shown = headlines(0, 400, effect=0.2)
    planted = codes_of(shown.texts).values[:, 0]
    companion = planted + np.random.default_rng(0).normal(size=len(planted)) * planted.std()
    codes = TextCodes(("planted", "companion"), np.column_stack([planted, companion]), {})
    together = code_effects(codes, *shown.columns)
    alone = code_effects(codes, *shown.columns, jointly=False)
    assert abs(together.coef[1]) < 3 * together.coef_stderr[1]
    assert alone.coef[1] > 5 * alone.coef_stderr[1]
    assert "other codes" in str(together)
    assert "other codes" not in str(alone)


def test_only_texts_of_one_picture_are_compared():
    shown = headlines(2, 60, effect=0.0)
    picture = np.arange(len(shown.texts)) % 2
    lifted = np.minimum(shown.clicks * (1 + picture), shown.impressions)
    codes = TextCodes(("even",), (picture + np.random.default_rng(0).normal(size=len(picture)))[:, None], {})
    across = code_effects(codes, lifted, *shown.columns[1:])
    inside = code_effects(codes, lifted, *shown.columns[1:], within=picture)
    assert across.coef[0] > 5 * across.coef_stderr[0]
    assert abs(inside.coef[0]) < 3 * inside.coef_stderr[0]
    assert inside.n_experiments == 60


def test_texts_without_a_comparison_are_left_out_and_counted():
    shown = headlines(3, 40)
    codes = codes_of(shown.texts)
    found = code_effects(codes, *shown.columns)
    more = TextCodes(codes.names, np.vstack([codes.values, codes.values[:2]]), {})
    again = code_effects(more, np.r_[shown.clicks, 5, 0], np.r_[shown.impressions, 100, 0], [*shown.experiments, 99, 0])
    np.testing.assert_allclose(again.coef, found.coef, rtol=1e-12)
    assert again.n_dropped == 2
    assert "2 texts left out" in str(again)


def test_the_order_of_rows_and_names_of_experiments_change_nothing():
    shown = headlines(4, 40)
    codes, order = codes_of(shown.texts), np.random.default_rng(0).permutation(len(shown.texts))
    found = code_effects(codes, *shown.columns)
    again = code_effects(
        codes.rows(order), shown.clicks[order], shown.impressions[order],
        [f"test {one}" for one in shown.experiments[order]],
    )  # fmt: skip
    np.testing.assert_allclose(again.coef, found.coef, rtol=1e-9)
    np.testing.assert_allclose(again.p_step_down, found.p_step_down, rtol=1e-6)
    np.testing.assert_allclose(again.absolute_stderr, found.absolute_stderr, rtol=1e-9)


def test_the_claim_says_what_it_is_about():
    shown = headlines(5, 60)
    codes = text_codes(shown.texts, lexicon={"kids": -1, "mom": -1, "balor": 1}).only(
        "negative words", "positive words"
    )
    found = code_effects(codes, *shown.columns)
    claim = found.claim("negative words")
    for part in ("bundled with whatever comes with it", "the caller's own lexicon", "by Holm among 2", "95%"):
        assert part in claim
    with pytest.raises(MissingColumnsError, match="'mood'"):
        found.claim("mood")
    assert "the caller's own lexicon" in str(found)
    assert found.to_dict()["effects"][0]["code"] == "negative words"
    assert list(found.to_frame().code) == list(found.names)
    assert "negative words" in found.to_markdown()


def test_a_code_in_few_experiments_is_pointed_out():
    shown = headlines(6, 60)
    rare = (np.arange(len(shown.texts)) % 20 == 0).astype(float)
    assert "few experiments" in str(code_effects(TextCodes(("rare",), rare[:, None], {}), *shown.columns))


def test_an_experiment_of_nearly_all_impressions_leaves_little_to_tell_its_absolute_error_by():
    """It has as many clicks as another, so that relative effects rest on all and absolute ones on that one."""
    shown = headlines(8, 40)
    codes = codes_of(shown.texts).only("planted")
    first = shown.experiments == codes.values.reshape(40, 4).std(axis=1).argmax()
    plain = code_effects(codes, *shown.columns)
    seen = np.where(first, 1000 * shown.impressions, shown.impressions)
    found = code_effects(codes, shown.clicks, seen, shown.experiments)
    assert found.n_effective[0] > 10

    def width(of):
        low, high = of.absolute_interval()
        return float((high - low)[0] / of.absolute_stderr[0])

    assert width(plain) < 4.5
    assert width(found) > 12  # t of fewer than two experiments' freedom


def broken(kind):
    shown = headlines(7, 20)
    given = [codes_of(shown.texts), shown.clicks.copy(), shown.impressions.copy(), shown.experiments.tolist()]
    if kind == "more clicks":
        given[1][3] = given[2][3] + 1
    elif kind == "negative":
        given[2][3] = -1
    elif kind == "missing":
        given[1][3] = np.nan
    elif kind == "text":
        given[1] = ["many"] * len(given[1])
    elif kind == "no experiment":
        given[3][3] = None
    elif kind == "no experiments":
        given[3] = None
    elif kind == "short":
        given[2] = given[2][:-1]
    elif kind == "codes":
        given[0] = given[0].values
    elif kind == "other texts":
        given[0] = given[0].rows(np.arange(5))
    elif kind == "alone":
        given[3] = list(range(len(given[3])))
    elif kind == "silent":
        given[1][:] = 0
    return given


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        ("more clicks", DataError, "Text 3 has .* more clicks than impressions"),
        ("negative", DataError, "impressions of text 3 is -1"),
        ("missing", DataError, "clicks of text 3 is nan"),
        ("text", DataError, "clicks holds something that is no number"),
        ("no experiment", DataError, "experiments of text 3 is missing"),
        ("no experiments", DataError, "experiments is None"),
        ("short", ShapeError, "'impressions': 79"),
        ("codes", DataError, "codes holds no codes"),
        ("other texts", ShapeError, "codes of 5 texts"),
        ("alone", EstimationError, "Fewer than three experiments"),
        ("silent", EstimationError, "No text was clicked on"),
    ],
)
def test_bad_input_is_refused_by_name(kind, error, message):
    with pytest.raises(error, match=message):
        code_effects(*broken(kind))
    with pytest.raises(DataError, match="jointly is 'no'"):
        code_effects(*broken("none"), jointly="no")
