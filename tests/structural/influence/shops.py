"""Planted worlds whose effects along paths are known."""

import itertools

import numpy as np

from causalrec.graph import CausalGraph

TWICE = CausalGraph([("taste", "shown"), ("taste", "clicked"), ("taste", "bought"), ("shown", "clicked"),
                     ("clicked", "bought"), ("shown", "bought")])  # fmt: skip
P_TASTE = 0.4


def p_shown(taste):
    return 0.3 + 0.4 * taste


def p_clicked(shown, taste):
    return 0.15 + 0.35 * shown + 0.2 * taste


def p_bought(shown, clicked, taste):
    return 0.1 + 0.1 * shown + 0.15 * clicked + 0.3 * shown * clicked + 0.15 * taste


def binary_shop(seed, n):
    """All of TWICE in 0/1, showing and clicking doing more together than each alone."""
    rng = np.random.default_rng(seed)
    taste = (rng.random(n) < P_TASTE).astype(int)
    shown = (rng.random(n) < p_shown(taste)).astype(int)
    clicked = (rng.random(n) < p_clicked(shown, taste)).astype(int)
    bought = (rng.random(n) < p_bought(shown, clicked, taste)).astype(int)
    return {"taste": taste, "shown": shown, "clicked": clicked, "bought": bought}


def nested_mean(direct, through):
    """E[bought(shown = direct, clicked(shown = through))] by enumeration."""
    total = 0.0
    for taste, clicked in itertools.product((0, 1), repeat=2):
        p = p_clicked(through, taste)
        total += (P_TASTE if taste else 1 - P_TASTE) * (p if clicked else 1 - p) * p_bought(direct, clicked, taste)
    return total


NDE = nested_mean(1, 0) - nested_mean(0, 0)
NIE = nested_mean(0, 1) - nested_mean(0, 0)
TOTAL = nested_mean(1, 1) - nested_mean(0, 0)


def _share_bought():
    total = 0.0
    for taste, shown, clicked in itertools.product((0, 1), repeat=3):
        p = P_TASTE if taste else 1 - P_TASTE
        p *= p_shown(taste) if shown else 1 - p_shown(taste)
        p *= p_clicked(shown, taste) if clicked else 1 - p_clicked(shown, taste)
        total += p * p_bought(shown, clicked, taste)
    return total


def _deviation(share):
    return np.sqrt(share * (1 - share))


WEIGHT = TOTAL * _deviation(p_shown(0) * (1 - P_TASTE) + p_shown(1) * P_TASTE) / _deviation(_share_bought())
"""Standardised total."""
