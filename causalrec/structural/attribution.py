"""`Attribution`: shares of the nodes in what an outcome does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError
from causalrec.estimation.uncertainty.confidence_levels import refuse_level
from causalrec.estimation.written import Written, aligned, decimals
from causalrec.structural.fitting import fitted
from causalrec.structural.gcm import gcm_model, seeded
from causalrec.structural.nodes import Values
from causalrec.structural.resampling import resampled_rows, sorted_rows

if TYPE_CHECKING:
    import pandas as pd

    from causalrec.structural.model import StructuralModel

__all__ = ["Attribution", "attribute"]

QUESTIONS = {
    "variance": "share of each node's own noise in the variance of {outcome}",
    "outlier": "share of each node's own noise in how far {outcome} lies from its mean",
    "change": "share of each node's mechanism in the change of the mean of {outcome}",
}
N_SHOWN = 10
N_RANDOM = 40  # draws of the noises that are not held fixed, for each of those that are: 2.5% of bias at most


@dataclass(frozen=True, slots=True, eq=False)
class Attribution(Written):
    """Shapley values of the nodes' mechanisms.

    Attributes
    ----------
    outcome : str
    question : {"variance", "outlier", "change"}
    nodes : tuple of str
        The outcome and its causes.
    value, stderr : float64, shape (n_rows, n_nodes)
        In the outcome's unit, squared for a variance; one row, or one a unit. The error is the spread over repeats:
        of simulation, of the mechanisms fitted again and, for a change, of resampled rows.
    n_repeats : int
    """

    outcome: str
    question: str
    nodes: tuple[str, ...]
    value: np.ndarray
    stderr: np.ndarray
    n_repeats: int

    @property
    def total(self) -> np.ndarray:
        """Sum over the nodes: the variance, the distance, the change; float64, shape (n_rows,)."""
        return self.value.sum(axis=1)

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the confidence intervals, of the t distribution; two arrays (n_rows, n_nodes)."""
        refuse_level(level)
        from scipy.stats import t

        half = float(t.ppf(0.5 + level / 2, self.n_repeats - 1)) * self.stderr
        return self.value - half, self.value + half

    def to_dict(self, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers and text."""
        lower, upper = self.interval(level)
        return {
            "outcome": self.outcome, "question": self._words, "n_repeats": self.n_repeats, "level": level,
            "total": self.total.tolist(),
            "rows": [
                {"unit": unit, "node": node, "value": float(self.value[unit, k]),
                 "stderr": float(self.stderr[unit, k]), "lower": float(lower[unit, k]), "upper": float(upper[unit, k])}
                for unit in range(len(self.value)) for k, node in enumerate(self.nodes)
            ],
        }  # fmt: skip

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """A pandas table, one row a unit and node."""
        import pandas as pd

        return pd.DataFrame(self.to_dict(level)["rows"])

    def _rows(self, level: float) -> list[dict[str, str]]:
        lower, upper = self.interval(level)
        rows = []
        for unit in range(min(len(self.value), N_SHOWN)):
            for k in np.argsort(-np.abs(self.value[unit]), kind="stable"):
                digits = decimals(float(self.stderr[unit, k]))
                start = {"unit": str(unit)} if len(self.value) > 1 else {}
                rows.append({
                    **start, "node": self.nodes[k], "contribution": f"{self.value[unit, k]:+.{digits}f}",
                    "standard error": f"{self.stderr[unit, k]:.{digits}f}",
                    "95% interval": f"{lower[unit, k]:+.{digits}f} to {upper[unit, k]:+.{digits}f}",
                })  # fmt: skip
        return rows

    def _remarks(self) -> list[str]:
        more = len(self.value) - N_SHOWN
        total = [f"together {self.total[0]:+.4g}"] if len(self.value) == 1 else []
        return [*total, *([f"{more:,} more units"] if more > 0 else [])]

    def __str__(self) -> str:
        lines = [f"  {line}" for line in aligned(self._rows(0.95))]
        return "\n".join([self._words, *lines, *(f"  {remark}" for remark in self._remarks())])

    @property
    def _words(self) -> str:
        return QUESTIONS[self.question].format(outcome=self.outcome)


def attribute(
    model: StructuralModel, outcome: str, tables: Mapping[str, Values | None], n_samples: int, n_repeats: int
) -> Attribution:
    """The answer to the question that the tables ask.

    References
    ----------
    Janzing, Blöbaum, Mastakouri, Faller, Minorics, Budhathoki (2024), AISTATS (shares of the variance).
    Budhathoki, Janzing, Blöbaum, Ng (2021), AISTATS (change of a distribution).
    Budhathoki, Minorics, Blöbaum, Janzing (2022), ICML (outliers).
    """
    model.nodes_[outcome].amounts(np.zeros(1))
    question = _question(tables)
    if question == "change":
        runs = _changes(model, outcome, tables["before"], tables["after"], n_samples, n_repeats)
    else:
        models = (model.equations_, *model.refits_[: n_repeats - 1])
        models = tuple(models[k % len(models)] for k in range(n_repeats))
        runs = [_noise_shares(model, one, outcome, tables["units"], n_samples, k) for k, one in enumerate(models)]
    nodes = tuple(runs[0])
    found = np.stack([np.stack([np.atleast_1d(run[node]) for node in nodes], axis=1) for run in runs])
    # The point is the mean over the repeats: that of one run alone would have all of the error of simulation.
    return Attribution(outcome, question, nodes, found.mean(axis=0), found.std(axis=0, ddof=1), n_repeats)


def _question(tables: Mapping[str, Values | None]) -> str:
    given = [name for name, table in tables.items() if table is not None]
    if given in ([], ["units"], ["before", "after"]):
        return {0: "variance", 1: "outlier", 2: "change"}[len(given)]
    raise DataError(f"`attribute` got {' and '.join(given)}. Give before and after, or units, or none of them.")


def _config() -> Any:
    from dowhy.gcm.shapley import ShapleyConfig

    return ShapleyConfig(n_jobs=1)


def _silent() -> None:
    import dowhy.gcm.config as config

    config.disable_progress_bars()


def _mean_of(model: StructuralModel, outcome: str) -> Any:
    node = model.nodes_[outcome]
    return lambda values: node.amounts(np.asarray(values, dtype=float).reshape(-1))


def _noise_shares(
    model: StructuralModel, equations, outcome: str, units: Values | None, n_samples: int, number: int
) -> dict[str, Any]:
    """Shares of each node's noise: in the variance, or in the distance of each unit from the mean."""
    import pandas as pd
    from dowhy.gcm import attribute_anomalies, intrinsic_causal_influence
    from dowhy.gcm.anomaly_scorer import AnomalyScorer

    amounts = _mean_of(model, outcome)

    class Amount(AnomalyScorer):
        def fit(self, X):
            pass

        def score(self, X):
            return amounts(X)

    _silent()
    with seeded(model.random_state + number):
        gcm = gcm_model(equations, model.nodes_, outcome)
        if units is None:
            return intrinsic_causal_influence(
                gcm, outcome, prediction_model="exact", num_training_samples=2,
                num_samples_randomization=N_RANDOM, num_samples_baseline=max(n_samples // 4, 100),
                shapley_config=_config(),
                attribution_func=lambda found, _: float(np.var(found)),
            )  # fmt: skip
        rows = pd.DataFrame({node: units[node] for node in gcm.graph.nodes})
        return attribute_anomalies(
            gcm, outcome, rows, anomaly_scorer=Amount(), attribute_mean_deviation=True,
            num_distribution_samples=n_samples, shapley_config=_config(),
        )  # fmt: skip


def _changes(
    model: StructuralModel, outcome: str, before: Values | None, after: Values | None, n_samples: int, n_repeats: int
) -> list[dict[str, float]]:
    """Shares in the change of the mean, each mechanism fitted before and after; resampled rows from the second on."""
    from dowhy.gcm.distribution_change import distribution_change_of_graphs

    _silent()
    mean, runs, parents = _mean_of(model, outcome), [], model.equations_.parents
    resamples = [_resamples(table, n_repeats, model.random_state) for table in (before, after)]
    for number, pair in enumerate(zip(*resamples, strict=True)):
        one, other = (fitted(model.templates_, parents, model.nodes_, table) for table in pair)
        with seeded(model.random_state + number):
            runs.append(distribution_change_of_graphs(
                gcm_model(one, model.nodes_, outcome), gcm_model(other, model.nodes_, outcome), outcome, n_samples,
                lambda old, new: float(mean(new).mean() - mean(old).mean()), _config(),
            ))  # fmt: skip
    return runs


def _resamples(table: Any, n_repeats: int, random_state: int):
    order = sorted_rows(table)
    rows = [np.arange(len(order)), *resampled_rows(len(order), None, n_repeats - 1, random_state)]
    for some in rows:
        yield {node: array[order[some]] for node, array in table.items()}
