"""Rows drawn from a network, causes before their effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from causalrec.structural.bayesian_network.structure import Structure

__all__ = ["sampled"]


def sampled(
    structure: Structure, tables: Sequence[np.ndarray], n: int, do: Mapping[int, int], random_state: int
) -> np.ndarray:
    """Numbers of levels; int32, shape (n, n_nodes). Nodes that are set have their level in every row."""
    rng = np.random.default_rng(random_state)
    codes = np.empty((n, len(structure.levels)), dtype=np.int32)
    for node in structure.order:
        chance = rng.random(n)  # drawn for set nodes too, so that the others are the same rows
        if node in do:
            codes[:, node] = do[node]
            continue
        rows = tables[node][tuple(codes[:, parent] for parent in structure.parents[node])]
        steps = np.cumsum(np.broadcast_to(rows, (n, rows.shape[-1])), axis=1)
        codes[:, node] = (chance[:, None] * steps[:, -1:] >= steps).sum(axis=1)
    return codes
