"""Planted structural models whose noise is known."""

import numpy as np

from causalrec.graph import CausalGraph

SHOP = CausalGraph([("season", "display"), ("season", "sales"), ("display", "visits"), ("visits", "sales"),
                    ("display", "sales")])  # fmt: skip


def expit(x):
    return 1 / (1 + np.exp(-x))


def orthogonal(noise, *parents):
    """The noise less what a regression on the parents would find in it: least squares then gives what was planted."""
    rows = np.column_stack([np.ones(len(noise)), *parents])
    return noise - rows @ np.linalg.lstsq(rows, noise, rcond=None)[0]


def linear_shop(seed, n=500, *, exact=False, display=None, noise=None):
    """Linear SHOP; with `display`, the same units under do(display)."""
    rng = np.random.default_rng(seed)
    season, *e = rng.normal(size=(4, n)) if noise is None else noise
    natural = 0.8 * season + (orthogonal(e[0], season) if exact else e[0])
    shown = natural if display is None else np.full(n, display)
    e_visits = orthogonal(e[1], natural) if exact else e[1]
    visits = 1.5 * shown + e_visits
    e_sales = orthogonal(e[2], natural, season, 1.5 * natural + e_visits) if exact else e[2]
    sales = 2 + 0.5 * visits - season + 0.7 * shown + e_sales
    return {"season": season, "display": shown, "visits": visits, "sales": sales}


TOTAL = 0.5 * 1.5 + 0.7
"""Effect of display on sales in `linear_shop`."""


def binary_shop(seed, n=500, display=None):
    """SHOP with 0/1 display and visits, whose noises are uniform: 1 where the noise exceeds 1 - p."""
    rng = np.random.default_rng(seed)
    season, e = rng.normal(size=n), rng.normal(size=n)
    u, v = rng.random(n), rng.random(n)
    shown = (u > 1 - expit(season)).astype(float) if display is None else np.full(n, float(display))
    visits = (v > 1 - expit(-0.5 + 1.2 * shown)).astype(float)
    sales = 1 + 2 * visits + season + 0.5 * shown + e
    return {"season": season, "display": shown, "visits": visits, "sales": sales}


BINARY_TOTAL = 2 * (expit(0.7) - expit(-0.5)) + 0.5
"""Effect of display on sales in `binary_shop`."""
