"""`ModelCheck`: how well the mechanisms fit, and what the data say against the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.written import Written, aligned
from causalrec.falsification import Falsification, falsify
from causalrec.structural.cross_fitting import held_out
from causalrec.structural.fitting import coding_of
from causalrec.structural.hidden import measured_graph
from causalrec.structural.nodes import Values
from causalrec.structural.resampling import sorted_rows

if TYPE_CHECKING:
    import pandas as pd

    from causalrec.structural.questions import Questions

__all__ = ["ModelCheck", "NodeCheck", "check"]


@dataclass(frozen=True, slots=True)
class NodeCheck:
    """One mechanism on rows that it was not fitted on.

    Attributes
    ----------
    node, mechanism : str
    parents : tuple of str
    score : float
        R2, or of a category the share of the log loss that the parents take away; NaN for roots.
    p_mean : float
        Of the hypothesis that the residuals' mean does not depend on the parents by a curve; NaN if untested.
    p_spread : float
        Of the hypothesis that the size of additive noise does not depend on the parents; NaN if untested.
    curved : float
        Share of the residual variance that curves of the parents would explain.
    refuted : bool
        Whether one of the two p-values is below the level over the number of tests.
    """

    node: str
    mechanism: str
    parents: tuple[str, ...]
    score: float
    p_mean: float
    p_spread: float
    curved: float
    refuted: bool

    @property
    def p_value(self) -> float:
        """The smaller of the two; NaN where none was tested."""
        tested = [p for p in (self.p_mean, self.p_spread) if np.isfinite(p)]
        return min(tested, default=float("nan"))


@dataclass(frozen=True, slots=True, eq=False)
class ModelCheck(Written):
    """A structural model against a table.

    What is not refuted is not proven: noises that depend on each other, and mechanisms that only data outside of
    these rows would tell apart, cannot be seen here.

    Attributes
    ----------
    nodes : tuple of NodeCheck
        Causes first.
    falsification : Falsification
        The independences that the graph implies.
    alpha : float
    n : int
    """

    nodes: tuple[NodeCheck, ...]
    falsification: Falsification
    alpha: float
    n: int

    @property
    def worst(self) -> NodeCheck | None:
        """The mechanism with the smallest p-value, whether refuted or not; None where none could be tested."""
        tested = [node for node in self.nodes if np.isfinite(node.p_value)]
        return min(tested, key=lambda node: node.p_value, default=None)

    @property
    def sentence(self) -> str:
        """The verdict on the mechanisms in one sentence."""
        worst = self.worst
        if worst is None:
            return "No mechanism could be tested: tables and roots have no form that rows could contradict."
        if not worst.refuted:
            return f"No mechanism is refuted; the nearest to it is that of {worst.node} (p {worst.p_value:.2g})."
        what = "noise has another size" if worst.p_spread < worst.p_mean else "mean follows another curve"
        number = sum(node.refuted for node in self.nodes)
        more = f", the worst of {number} refuted" if number > 1 else ""
        return (
            f"The mechanism of {worst.node} ({worst.mechanism}) is refuted{more}: given "
            f"{', '.join(worst.parents)} its {what} (p {worst.p_value:.2g})."
        )

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        names = ("node", "mechanism", "score", "p_mean", "p_spread", "curved", "refuted")
        return {
            "n": self.n, "alpha": self.alpha, "sentence": self.sentence,
            "nodes": [{name: getattr(node, name) for name in names} for node in self.nodes],
            "independences": self.falsification.sentence,
            "failing": [str(implication.statement) for implication in self.falsification.failing],
        }  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """The nodes as a pandas table."""
        import pandas as pd

        return pd.DataFrame(self.to_dict()["nodes"])

    def _rows(self, level: float) -> list[dict[str, str]]:
        return [
            {
                "node": node.node, "mechanism": node.mechanism, "given": ", ".join(node.parents) or "-",
                "score": _number(node.score, ".3f"), "p mean": _number(node.p_mean, ".2g"),
                "p spread": _number(node.p_spread, ".2g"), "verdict": "REFUTED" if node.refuted else "stands" if
                np.isfinite(node.p_value) else "not testable",
            }
            for node in self.nodes
        ]  # fmt: skip

    def _remarks(self) -> list[str]:
        return [self.sentence, self.falsification.sentence]

    def __str__(self) -> str:
        return "\n".join([*aligned(self._rows(0.95)), *self._remarks()])


def check(model: Questions, values: Values, n_folds: int, alpha: float) -> ModelCheck:
    """Cross-fitted scores and residuals of every mechanism, and the tests of the graph."""
    if not (isinstance(alpha, int | float) and 0 < alpha < 0.8):
        raise DataError(f"`alpha` is {alpha!r}; a level lies above 0 and below the power of 0.8.")
    order = sorted_rows(values)
    values, n = {node: array[order] for node, array in values.items()}, len(order)
    if n < 2 * n_folds:
        raise DataError(f"A check in {n_folds} folds needs {2 * n_folds} rows or more; there are {n}.")
    folds = np.random.default_rng(model.random_state).permutation(np.arange(n) % n_folds)
    parents = model.equations_.parents
    found = {
        node: held_out(model.templates_[node], model.equations_.inputs(node, values, n), values[node],
                       coding_of(node, parents, model.nodes_), folds)
        for node in parents if parents[node]
    }  # fmt: skip
    p_values = [p for one in found.values() for p in (one.mean.p_value, one.spread.p_value) if np.isfinite(p)]
    level = alpha / max(len(p_values), 1)
    return ModelCheck(
        tuple(_of(node, model, found.get(node), level) for node in parents),
        _independences(model, values, alpha),
        alpha,
        n,
    )


def _of(node: str, model: Questions, found, level: float) -> NodeCheck:
    kind, nothing = model.equations_.mechanisms[node].name, float("nan")
    if found is None:
        return NodeCheck(node, kind, (), nothing, nothing, nothing, 0.0, False)
    p_values = found.mean.p_value, found.spread.p_value
    refuted = any(p < level for p in p_values)
    return NodeCheck(node, kind, model.equations_.parents[node], found.score, *p_values, found.mean.explained, refuted)


def _independences(model: Questions, values: Values, alpha: float) -> Falsification:
    kinds = {name: node.kind for name, node in model.nodes_.items()}
    return falsify(measured_graph(model.graph), values, kinds=kinds, alpha=alpha, n_permutations=0)


def _number(value: float, form: str) -> str:
    return format(value, form) if np.isfinite(value) else "-"
