"""Published output of lavaan's tutorial, to three digits."""

import numpy as np
import pytest

from causalrec.structural.linear_sem import LinearSEM
from tests.structural.linear_sem.published import (
    DEMOCRACY,
    DEMOCRACY_LOWER,
    DEMOCRACY_MEANS,
    DEMOCRACY_N,
    DEMOCRACY_NAMES,
    SCHOOL,
    SCHOOL_LOWER,
    SCHOOL_MEANS,
    SCHOOL_N,
    SCHOOL_NAMES,
    full,
    rows_with,
)

DIGITS = 6e-4  # three digits as printed

SCHOOL_TABLE = {  # estimate, standard error
    "visual =~ x2": (0.554, 0.100), "visual =~ x3": (0.729, 0.109), "textual =~ x5": (1.113, 0.065),
    "textual =~ x6": (0.926, 0.055), "speed =~ x8": (1.180, 0.165), "speed =~ x9": (1.082, 0.151),
    "visual ~~ textual": (0.408, 0.074), "visual ~~ speed": (0.262, 0.056), "textual ~~ speed": (0.173, 0.049),
    "x1 ~~ x1": (0.549, 0.114), "x2 ~~ x2": (1.134, 0.102), "x3 ~~ x3": (0.844, 0.091), "x4 ~~ x4": (0.371, 0.048),
    "x5 ~~ x5": (0.446, 0.058), "x6 ~~ x6": (0.356, 0.043), "x7 ~~ x7": (0.799, 0.081), "x8 ~~ x8": (0.488, 0.074),
    "x9 ~~ x9": (0.566, 0.071), "visual ~~ visual": (0.809, 0.145), "textual ~~ textual": (0.979, 0.112),
    "speed ~~ speed": (0.384, 0.086),
}  # fmt: skip
DEMOCRACY_TABLE = {  # estimate, standard error, std.lv, std.all
    "ind60 =~ x1": (1.000, 0.000, 0.670, 0.920), "ind60 =~ x2": (2.180, 0.139, 1.460, 0.973),
    "ind60 =~ x3": (1.819, 0.152, 1.218, 0.872), "dem60 =~ y2": (1.257, 0.182, 2.794, 0.717),
    "dem60 =~ y3": (1.058, 0.151, 2.351, 0.722), "dem60 =~ y4": (1.265, 0.145, 2.812, 0.846),
    "dem65 =~ y6": (1.186, 0.169, 2.493, 0.746), "dem65 =~ y7": (1.280, 0.160, 2.691, 0.824),
    "dem65 =~ y8": (1.266, 0.158, 2.662, 0.828), "dem60 ~ ind60": (1.483, 0.399, 0.447, 0.447),
    "dem65 ~ ind60": (0.572, 0.221, 0.182, 0.182), "dem65 ~ dem60": (0.837, 0.098, 0.885, 0.885),
    "y1 ~~ y5": (0.624, 0.358, 0.624, 0.296), "y2 ~~ y4": (1.313, 0.702, 1.313, 0.273),
    "y2 ~~ y6": (2.153, 0.734, 2.153, 0.356), "y3 ~~ y7": (0.795, 0.608, 0.795, 0.191),
    "y4 ~~ y8": (0.348, 0.442, 0.348, 0.109), "y6 ~~ y8": (1.356, 0.568, 1.356, 0.338),
    "x1 ~~ x1": (0.082, 0.019, 0.082, 0.154), "x2 ~~ x2": (0.120, 0.070, 0.120, 0.053),
    "y1 ~~ y1": (1.891, 0.444, 1.891, 0.277), "ind60 ~~ ind60": (0.448, 0.087, 1.000, 1.000),
    "dem60 ~~ dem60": (3.956, 0.921, 0.800, 0.800), "dem65 ~~ dem65": (0.172, 0.215, 0.039, 0.039),
}  # fmt: skip
MODIFICATIONS = (  # statement, chi-square, expected change
    ("visual =~ x9", 36.411, 0.577), ("x7 ~~ x8", 34.145, 0.536), ("visual =~ x7", 18.631, -0.422),
    ("x8 ~~ x9", 14.946, -0.423), ("textual =~ x3", 9.151, -0.272),
)  # fmt: skip


@pytest.fixture(scope="module")
def school():
    return LinearSEM(SCHOOL).fit_covariance(full(SCHOOL_LOWER), SCHOOL_NAMES, SCHOOL_N)


@pytest.fixture(scope="module")
def democracy():
    return LinearSEM(DEMOCRACY).fit_covariance(full(DEMOCRACY_LOWER), DEMOCRACY_NAMES, DEMOCRACY_N)


def test_holzinger_and_swineford(school):
    for name, expected in SCHOOL_TABLE.items():
        found = school.parameter(name).estimate
        assert (found.value, found.stderr) == pytest.approx(expected, abs=DIGITS), name


def test_political_democracy(democracy):
    for name, expected in DEMOCRACY_TABLE.items():
        row = democracy.parameter(name)
        found = (row.estimate.value, row.estimate.stderr, row.std_lv.value, row.std_all.value)
        assert found == pytest.approx(expected, abs=DIGITS), name


def test_indices_of_holzinger_and_swineford(school):
    found = school.indices
    assert (found.chi2, found.df, found.p_value) == pytest.approx((85.306, 24, 0.000), abs=DIGITS)
    assert (found.baseline_chi2, found.baseline_df) == pytest.approx((918.852, 36), abs=DIGITS)
    assert (found.cfi, found.tli, found.srmr) == pytest.approx((0.931, 0.896, 0.065), abs=DIGITS)
    assert (found.rmsea, *found.rmsea_interval) == pytest.approx((0.092, 0.071, 0.114), abs=DIGITS)
    assert found.rmsea == pytest.approx(((85.306 - 24) / 24 / 301) ** 0.5, abs=1e-6)
    assert (found.log_likelihood, found.unrestricted) == pytest.approx((-3737.745, -3695.092), abs=DIGITS)
    assert (found.n_parameters, found.aic, found.bic) == pytest.approx((21, 7517.490, 7595.339), abs=DIGITS)


def test_indices_of_political_democracy(democracy):
    found = democracy.indices
    assert (found.chi2, found.df, found.p_value) == pytest.approx((38.125, 35, 0.329), abs=DIGITS)
    assert (found.baseline_chi2, found.baseline_df) == pytest.approx((730.654, 55), abs=DIGITS)
    assert (found.cfi, found.tli, found.srmr) == pytest.approx((0.995, 0.993, 0.044), abs=DIGITS)
    assert (found.rmsea, *found.rmsea_interval) == pytest.approx((0.035, 0.000, 0.092), abs=DIGITS)
    assert (found.log_likelihood, found.aic, found.bic) == pytest.approx((-1547.791, 3157.582, 3229.424), abs=DIGITS)


def test_shares_explained(democracy):
    shares = [democracy.r2[name] for name in ("x1", "x2", "x3", "dem60", "dem65")]
    assert shares == pytest.approx([0.846, 0.947, 0.761, 0.200, 0.961], abs=DIGITS)


def test_modification_indices(school):
    for found, (statement, chi2, expected) in zip(school.modification_indices(), MODIFICATIONS, strict=False):
        assert found.statement == statement
        assert (found.chi2, found.expected) == pytest.approx((chi2, expected), abs=DIGITS)


def test_standardized_latent_variables_fit_the_same(school):
    found = LinearSEM(SCHOOL, standardize_latents=True).fit_covariance(full(SCHOOL_LOWER), SCHOOL_NAMES, SCHOOL_N)
    assert found.indices.chi2 == pytest.approx(school.indices.chi2, abs=1e-8)
    loadings = [found.parameter(f"visual =~ x{k}").estimate.value for k in (1, 2, 3)]
    assert loadings == pytest.approx([0.900, 0.498, 0.656], abs=DIGITS)
    errors = [found.parameter(f"visual =~ x{k}").estimate.stderr for k in (1, 2, 3)]
    assert errors == pytest.approx([0.081, 0.077, 0.074], abs=DIGITS)


def test_intercepts_are_means_and_count_as_parameters():
    text = SCHOOL + "".join(f"\nx{k} ~ 1" for k in range(1, 10))
    found = LinearSEM(text).fit_covariance(full(SCHOOL_LOWER), SCHOOL_NAMES, SCHOOL_N, means=SCHOOL_MEANS)
    assert (found.indices.chi2, found.indices.aic) == pytest.approx((85.306, 7535.490), abs=DIGITS)
    rows = [found.parameter(f"x{k} ~ 1").estimate for k in (1, 2, 3)]
    assert [row.value for row in rows] == pytest.approx([4.936, 6.088, 2.250], abs=DIGITS)
    assert [row.stderr for row in rows] == pytest.approx([0.067, 0.068, 0.065], abs=DIGITS)


def test_rows_with_the_same_moments_give_the_same(democracy):
    rows = rows_with(full(DEMOCRACY_LOWER), DEMOCRACY_MEANS, DEMOCRACY_N)
    found = LinearSEM(DEMOCRACY).fit(dict(zip(DEMOCRACY_NAMES, rows.T, strict=True)))
    ours = [row.estimate.value for row in democracy.parameters]
    np.testing.assert_allclose([row.estimate.value for row in found.parameters], ours, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.indices.chi2, democracy.indices.chi2, rtol=1e-8)
