import numpy as np
import pytest
from scipy.linalg import fractional_matrix_power

from causalrec.errors import EstimationError
from causalrec.estimation.text_treatment import TextCodes, code_effects
from causalrec.estimation.text_treatment.cluster_errors import cluster_errors
from causalrec.estimation.text_treatment.within_poisson import centred
from tests.estimation.planted import exact_interval
from tests.estimation.text_treatment.planted_headlines import headlines

N_DRAWS = 400


def test_it_is_the_textbook_formula_with_matrices_of_rows():
    """Bell and McCaffrey's adjustment of each cluster's residuals, in weighted rows with dummies."""
    rng = np.random.default_rng(0)
    cluster, weight = np.repeat(np.arange(9), 5), rng.random(45) + 0.5
    X, y = rng.normal(size=(45, 3)) * (1 + 3 * (cluster == 0))[:, None], rng.normal(size=45)
    left, about = centred(X, weight, cluster), centred(y[:, None], weight, cluster)[:, 0]
    coef = np.linalg.solve((left * weight[:, None]).T @ left, (left * weight[:, None]).T @ about)
    rest = about - left @ coef
    found = cluster_errors(left, weight, rest, cluster)
    rows, residual = left * np.sqrt(weight)[:, None], rest * np.sqrt(weight)
    inverse = np.linalg.inv(rows.T @ rows)
    parts = []
    for one in range(9):
        mine = rows[cluster == one]
        adjusted = fractional_matrix_power(np.eye(5) - mine @ inverse @ mine.T, -0.5) @ residual[cluster == one]
        parts.append(inverse @ mine.T @ adjusted)
    np.testing.assert_allclose(found.parts, parts, rtol=1e-8, atol=1e-12)


def test_equal_clusters_count_in_full_and_one_large_one_counts_as_one():
    left, weight, cluster = np.tile([[1.0], [-1.0]], (20, 1)), np.ones(40), np.repeat(np.arange(20), 2)
    assert cluster_errors(left, weight, weight, cluster).n_effective == pytest.approx(20)
    weight[:2] = 1e6
    assert cluster_errors(left, weight, weight, cluster).n_effective == pytest.approx(1, abs=1e-3)


@pytest.fixture(scope="module")
def rare():
    """p-values, effective numbers of a code that 3% of the texts of 60 experiments have and that does nothing."""
    found = []
    for seed in range(N_DRAWS):
        shown = headlines(seed, 60, effect=0.0)
        has = np.random.default_rng(seed + 10_000).random(len(shown.texts)) < 0.03
        try:
            effects = code_effects(TextCodes(("rare",), has[:, None].astype(float), {}), *shown.columns)
        except EstimationError:  # it happened to be in three experiments
            continue
        found.append((effects.p_value[0], effects.n_effective[0], abs(effects.coef[0] / effects.coef_stderr[0])))
    return np.array(found)


def test_a_rare_code_errs_at_its_level(rare):
    low, high = exact_interval(int((rare[:, 0] < 0.05).sum()), len(rare))
    assert low <= 0.05 <= high


def test_with_as_many_degrees_of_freedom_as_experiments_it_would_not(rare):
    low, _ = exact_interval(int((rare[:, 2] > 2).sum()), len(rare))
    assert low > 0.05
    assert np.median(rare[:, 1]) < 10


def test_a_code_of_three_experiments_is_refused_by_name():
    shown = headlines(0, 60)
    has = np.zeros(len(shown.texts))
    has[[0, 4, 8]] = 1
    with pytest.raises(EstimationError, match="'seldom' rests on the equivalent of 2"):
        code_effects(TextCodes(("seldom",), has[:, None], {}), *shown.columns)
    with pytest.raises(EstimationError, match="'flat' does not vary within"):
        code_effects(TextCodes(("flat",), np.full((len(has), 1), 0.1), {}), *shown.columns)
