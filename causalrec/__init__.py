"""Causal inference for recommender systems: effects, rankings and explanations from logs and a graph.

Names are loaded when they are first used, so that `import causalrec` stays light.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causalrec.api import (
        compare,
        estimate,
        evaluate,
        explain,
        identify,
        list_graphs,
        load_graph,
        refute,
        report,
        score,
    )
    from causalrec.data import Dataset, EffectScores, Predictions, Ranking, absorbed, datasets, text
    from causalrec.embedding import TextEncoder
    from causalrec.estimation import EffectEstimate
    from causalrec.explanation import Explanation
    from causalrec.graph import CausalGraph
    from causalrec.identification import Estimand
    from causalrec.recommendation import ALSRecommender, JointRecommender, rank_by_uplift, rank_under_budget
    from causalrec.refutation import Refutation
    from causalrec.reporting import Report

    __version__: str

_HOME = {
    "ALSRecommender": "recommendation",
    "CausalGraph": "graph",
    "Dataset": "data",
    "EffectEstimate": "estimation",
    "EffectScores": "data",
    "Estimand": "identification",
    "Explanation": "explanation",
    "JointRecommender": "recommendation",
    "Predictions": "data",
    "Ranking": "data",
    "Refutation": "refutation",
    "Report": "reporting",
    "TextEncoder": "embedding",
    "absorbed": "data",
    "compare": "api",
    "estimate": "api",
    "evaluate": "api",
    "explain": "api",
    "identify": "api",
    "list_graphs": "api",
    "load_graph": "api",
    "rank_by_uplift": "recommendation",
    "rank_under_budget": "recommendation",
    "refute": "api",
    "report": "api",
    "score": "api",
    "text": "data",
}

__all__ = [
    "ALSRecommender",
    "CausalGraph",
    "Dataset",
    "EffectEstimate",
    "EffectScores",
    "Estimand",
    "Explanation",
    "JointRecommender",
    "Predictions",
    "Ranking",
    "Refutation",
    "Report",
    "TextEncoder",
    "absorbed",
    "compare",
    "datasets",
    "estimate",
    "evaluate",
    "explain",
    "identify",
    "list_graphs",
    "load_graph",
    "rank_by_uplift",
    "rank_under_budget",
    "refute",
    "report",
    "score",
    "text",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())


if not TYPE_CHECKING:  # a type checker would take every misspelt name for an object

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            return version("causalrec-toolkit")
        if name == "datasets":
            return import_module("causalrec.data.datasets")
        if name not in _HOME:
            raise AttributeError(f"module 'causalrec' has no attribute {name!r}")
        value = getattr(import_module(f"causalrec.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
