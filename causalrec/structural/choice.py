"""Which mechanism a node gets where none is named."""

from __future__ import annotations

import numpy as np

from causalrec.structural.mechanisms.boosting import MIN_ROWS, Boosting
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.conditional_table import ConditionalTable
from causalrec.structural.mechanisms.linear import LinearGaussian
from causalrec.structural.mechanisms.logistic import Logistic
from causalrec.structural.mechanisms.mechanism import Mechanism
from causalrec.structural.mechanisms.neural import Neural
from causalrec.structural.mechanisms.roots import EmpiricalRoot
from causalrec.structural.misfit import misfit
from causalrec.structural.nodes import Node

__all__ = ["chosen"]

ROWS_PER_CELL = 5  # fewer on average, and a table is mostly noise
CURVED = 1e-4  # p below which a linear mechanism is given up
GAIN = 0.01  # share of the residual variance that curves must explain beside


def chosen(node: Node, coding: Coding, parents: np.ndarray, values: np.ndarray) -> Mechanism:
    """A mechanism that was not fitted, by the types of the node and its parents.

    Roots are empirical, discrete ones a table. A discrete node has a table where all parents are discrete and the
    rows fill it, else logistic regression. An amount is linear, unless squares, cubes and products of the parents
    say more of it: then it has boosted trees. A block has a network.
    """
    if not coding.parents:
        return ConditionalTable(prior_rows=0.0) if node.kind == "discrete" else EmpiricalRoot()
    if node.kind == "block":
        return Neural()
    if node.kind == "discrete":
        return ConditionalTable() if _fills_table(coding, len(values)) else Logistic()
    return Boosting() if _is_curved(coding, parents, values) else LinearGaussian()


def _fills_table(coding: Coding, n: int) -> bool:
    return all(coding.parent_levels) and float(np.prod(coding.parent_levels, dtype=float)) * ROWS_PER_CELL <= n


def _is_curved(coding: Coding, parents: np.ndarray, values: np.ndarray) -> bool:
    columns = coding.columns(parents)
    if len(values) < max(MIN_ROWS, 5 * columns.shape[1]) or any(coding.blocks):
        return False
    rows = np.column_stack([np.ones(len(values)), columns])
    residuals = values - rows @ np.linalg.lstsq(rows, values, rcond=None)[0]
    found = misfit(residuals, columns)
    return found.p_value < CURVED and found.explained > GAIN
