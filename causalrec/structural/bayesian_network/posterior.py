"""What is not known of learned tables: draws from their Dirichlet posterior."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causalrec.errors import DataError
from causalrec.structural.bayesian_network.completion import Gap
from causalrec.structural.bayesian_network.counts import Counts
from causalrec.structural.bayesian_network.structure import Structure

__all__ = ["MAX_DRAWN", "posterior_draws", "prior_counts"]

BURN_IN = 100
FLOOR = 1e-300
MAX_DRAWN = 100_000_000
"""Numbers that the draws of all tables may hold."""


def prior_counts(structure: Structure, prior: float, prior_kind: str) -> list[np.ndarray]:
    """Pseudo-counts of each cell: `prior` in each, or `prior` in each table (BDeu)."""
    shapes = [structure.shape(node) for node in range(len(structure.levels))]
    if prior_kind == "bdeu":
        return [np.full(shape, prior / np.prod(shape)) for shape in shapes]
    return [np.full(shape, prior) for shape in shapes]


def posterior_draws(
    structure: Structure, counts: Counts, tables: Sequence[np.ndarray], prior: Sequence[np.ndarray], n_draws: int,
    random_state: int,
) -> list[np.ndarray]:  # fmt: skip
    """Tables drawn from their posterior; one array a node, shape (n_draws, *shape of its table).

    Complete rows: independent draws of the Dirichlet distribution of each row of a table (Spiegelhalter,
    Lauritzen 1990, Networks 20(5)). With missing values they are filled in and the tables drawn by turns, so
    that what is missing widens the spread (Tanner, Wong 1987, J. Am. Stat. Assoc. 82(398)).
    """
    if (size := n_draws * structure.n_cells) > MAX_DRAWN:
        raise DataError(
            f"{n_draws:,} draws of tables with {structure.n_cells:,} cells are {size:,} numbers, more than "
            f"{MAX_DRAWN:,}. Lower `n_draws`."
        )
    rng = np.random.default_rng(random_state)
    if not counts.gaps:
        pairs = zip(counts.cells, prior, strict=True)
        return [dirichlet(np.broadcast_to(units + pseudo, (n_draws, *units.shape)), rng) for units, pseudo in pairs]
    draws = [np.empty((n_draws, *table.shape)) for table in tables]
    current = list(tables)
    for step in range(-BURN_IN, n_draws):
        cells = filled_in(counts, current, rng)
        current = [dirichlet(units + pseudo, rng) for units, pseudo in zip(cells, prior, strict=True)]
        if step >= 0:
            for kept, table in zip(draws, current, strict=True):
                kept[step] = table
    return draws


def filled_in(counts: Counts, tables: Sequence[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Units in each cell, missing values drawn given what is observed."""
    cells = [units.copy() for units in counts.cells]
    for gap in counts.gaps:
        gap.add(drawn_units(gap, gap.joint(tables), rng), cells)
    return cells


def drawn_units(gap: Gap, joint: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Units of each row spread over the ways to fill it in; what is left of a whole unit goes to one way."""
    flat = joint.reshape(len(joint), -1)
    chance = flat / flat.sum(axis=1, keepdims=True)
    whole = np.floor(gap.weights)
    units = rng.multinomial(whole.astype(np.int64), chance).astype(float)
    rest = gap.weights - whole
    if rest.any():
        units += rest[:, None] * rng.multinomial(1, chance)
    return units.reshape(joint.shape)


def dirichlet(concentration: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws over the last axis."""
    small = concentration < 1
    if not small.any():
        table = rng.standard_gamma(concentration)
    else:  # in logs, so that tiny concentrations do not all become 0
        logs = np.log(rng.standard_gamma(concentration + small))
        logs += np.where(small, np.log1p(-rng.random(concentration.shape)) / concentration, 0.0)
        table = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.maximum(table / table.sum(axis=-1, keepdims=True), FLOOR)
