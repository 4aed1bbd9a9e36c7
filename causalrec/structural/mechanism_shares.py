"""Shapley values of mechanisms through dowhy.gcm: the computation behind `StructuralModel.attribute`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError
from causalrec.structural.attribution import Attribution
from causalrec.structural.fitting import fitted
from causalrec.structural.gcm import gcm_model, seeded
from causalrec.structural.nodes import Values
from causalrec.structural.resampling import resampled_rows, sorted_rows

if TYPE_CHECKING:
    from causalrec.structural.questions import Questions

__all__ = ["attribute"]

N_RANDOM = 40  # draws of the noises that are not held fixed, for each of those that are: 2.5% of bias at most


def attribute(
    model: Questions, outcome: str, tables: Mapping[str, Values | None], n_samples: int, n_repeats: int
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


def _mean_of(model: Questions, outcome: str) -> Any:
    node = model.nodes_[outcome]
    return lambda values: node.amounts(np.asarray(values, dtype=float).reshape(-1))


def _noise_shares(
    model: Questions, equations, outcome: str, units: Values | None, n_samples: int, number: int
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
    model: Questions, outcome: str, before: Values | None, after: Values | None, n_samples: int, n_repeats: int
) -> list[dict[str, float]]:
    """Shares in the change of the mean, each mechanism fitted before and after; resampled rows from the second on."""
    from dowhy.gcm.distribution_change import distribution_change_of_graphs

    _silent()
    mean, runs, parents = _mean_of(model, outcome), [], model.equations_.parents
    # Each table from draws of its own: the same places of two sorted tables would rise and fall together.
    resamples = [
        _resamples(table, n_repeats, (model.random_state, place)) for place, table in enumerate((before, after))
    ]
    for number, pair in enumerate(zip(*resamples, strict=True)):
        one, other = (fitted(model.templates_, parents, model.nodes_, table) for table in pair)
        with seeded(model.random_state + number):
            runs.append(distribution_change_of_graphs(
                gcm_model(one, model.nodes_, outcome), gcm_model(other, model.nodes_, outcome), outcome, n_samples,
                lambda old, new: float(mean(new).mean() - mean(old).mean()), _config(),
            ))  # fmt: skip
    return runs


def _resamples(table: Any, n_repeats: int, random_state: tuple[int, int]):
    order = sorted_rows(table)
    rows = [np.arange(len(order)), *resampled_rows(len(order), None, n_repeats - 1, random_state)]
    for some in rows:
        yield {node: array[order[some]] for node, array in table.items()}
