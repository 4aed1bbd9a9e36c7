"""Languages of items whose rules, and so whose least possible loss, are known."""

import numpy as np

N_ITEMS = 8
CERTAINTY = 0.9  # of the rule; else any item
RULE = np.random.default_rng(99).permutation(N_ITEMS)
_RULED = CERTAINTY + (1 - CERTAINTY) / N_ITEMS
_OTHER = (1 - CERTAINTY) / N_ITEMS
ENTROPY = -_RULED * np.log(_RULED) - (N_ITEMS - 1) * _OTHER * np.log(_OTHER)
"""Nats an item, of whoever knows the rule: no loss is less but by luck."""


def spoken(n, order, seed=0, length=12):
    """Histories in which an item follows from the one `order` places before it."""
    rng = np.random.default_rng(seed)
    several = []
    for _ in range(n):
        history = rng.integers(0, N_ITEMS, order).tolist()
        while len(history) < length:
            is_ruled = rng.random() < CERTAINTY
            history.append(int(RULE[history[-order]] if is_ruled else rng.integers(N_ITEMS)))
        several.append(history)
    return several


def told(history, order):
    """Probabilities of the next item, by the rule."""
    found = np.full(N_ITEMS, _OTHER)
    found[RULE[history[-order]]] = _RULED
    return found
