"""Sample moments of two published examples, and the models that lavaan's tutorial fits to them.

Holzinger and Swineford 1939: nine tests of 301 pupils. Bollen 1989, Structural Equations with Latent Variables:
industrialisation and democracy of 75 countries. Covariances are divided by n - 1.
"""

import numpy as np

SCHOOL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
DEMOCRACY = """
# what is measured
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
# regressions
dem60 ~ ind60
dem65 ~ ind60 + dem60
# the same expert judged both years
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
"""
SCHOOL_N, DEMOCRACY_N = 301, 75
SCHOOL_NAMES = ("x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9")
SCHOOL_MEANS = (4.93577, 6.08804, 2.250415, 3.060908, 4.340532, 2.185572, 4.185902, 5.527076, 5.374123)
SCHOOL_LOWER = """
1.3628977
0.40872923 1.3863898
0.58183232 0.45256748 1.2791144
0.50651778 0.20961978 0.20886351 1.3551667
0.44208426 0.21179471 0.11267061 1.101412 1.6653184
0.45632416 0.24836972 0.24492268 0.89850076 1.0179058 1.2003462
0.085047986 -0.097073521 0.088636311 0.22047507 0.14347621 0.14455865 1.1870833
0.26471714 0.11002492 0.21303038 0.12601199 0.18120723 0.16598244 0.53702937 1.0253894
0.45986634 0.24482282 0.37509875 0.24417395 0.29622547 0.23678361 0.37454154 0.45884095 1.0183872
"""
DEMOCRACY_NAMES = ("x1", "x2", "x3", "y1", "y2", "y3", "y4", "y5", "y6", "y7", "y8")
DEMOCRACY_MEANS = (
    5.054384,
    4.792195,
    3.55769,
    5.464667,
    4.256443,
    6.56311,
    4.452533,
    5.136252,
    2.978074,
    6.196264,
    4.04339,
)
DEMOCRACY_LOWER = """
0.53714873
0.99036108 2.282107
0.82342402 1.8060906 1.9760241
0.73439298 1.2733939 0.91145474 6.8785658
0.61949553 1.4912729 1.1698131 6.2513659 15.579816
0.78687868 1.5519351 1.0390796 5.8388354 5.8386258 10.764247
1.1504613 2.240957 1.8380233 6.0886427 9.5085534 6.687937 11.218932
1.0816259 2.0637328 1.5834648 5.0638108 5.6030723 4.9390271 5.7020585 6.8256901
0.8527889 1.8054863 1.5720662 5.7458262 9.3862893 4.7273963 7.4421821 4.9768045 11.375325
0.93683733 1.9955952 1.6259535 5.8119432 7.5354623 7.0064347 7.4879988 5.8213662 6.748119 10.799372
1.1028813 2.234237 1.6921569 5.6710576 7.7582132 5.6391391 8.0126463 5.3393859 8.2468297 7.5924331 10.533872
"""


def full(lower):
    """Symmetric matrix of its lower triangle."""
    rows = [[float(value) for value in line.split()] for line in lower.strip().splitlines()]
    matrix = np.zeros((len(rows), len(rows)))
    for k, row in enumerate(rows):
        matrix[k, : k + 1] = matrix[: k + 1, k] = row
    return matrix


def rows_with(matrix, means, n, seed=0):
    """Rows whose sample moments are exactly these."""
    draws = np.random.default_rng(seed).normal(size=(n, len(matrix)))
    draws -= draws.mean(axis=0)
    white = np.linalg.solve(np.linalg.cholesky(draws.T @ draws / (n - 1)), draws.T).T
    return white @ np.linalg.cholesky(matrix).T + np.asarray(means)
