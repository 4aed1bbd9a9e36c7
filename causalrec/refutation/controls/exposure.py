"""Negative control exposures: what cannot move the outcome but through the treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data import Design
from causalrec.estimation.choice import chosen_estimator
from causalrec.graph import CausalGraph
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.controls.control_tests import Control, measured, tested_together, unknown_nodes
from causalrec.refutation.refutation import Refutation

__all__ = ["negative_control_exposure"]

ASKED = Asked(
    name="negative control exposure",
    question="Has what cannot move the outcome no effect on it?",
    sees="a hidden cause of treatment and outcome, through nodes that it moves or that move the treatment",
)


def negative_control_exposure(attacked: Attacked) -> Refutation:
    """Estimate the effect on the outcome of measured nodes that the graph says have none.

    A control is a node of numbers that treatment and adjustment set together separate from the outcome,
    such as a cause of the treatment alone. Each takes the treatment's place, the treatment joins the
    adjustment set, and the house chooses the estimator. A hidden cause of treatment and outcome opens a path between
    a cause of the treatment and the outcome. All controls are tested together by Holm's method.

    Parameters
    ----------
    attacked : Attacked
        With its graph.

    Returns
    -------
    Refutation
        `refuted` is the effect of the most telling control, per standard deviation of it over that of the
        treatment.

    References
    ----------
    Lipsitch, Tchetgen Tchetgen, Cohen (2010), Epidemiology 21(3).
    """
    nodes, reason = _controls(attacked)
    if not nodes:
        return ASKED.cannot(attacked.effect, reason)
    words = f"{{node}} goes with {attacked.estimand.outcome!r} where {attacked.treatment!r} is held fixed"
    return tested_together(attacked, ASKED, nodes, _control, words)


def _controls(attacked: Attacked) -> tuple[list[str], str]:
    graph, estimand = attacked.graph, attacked.estimand
    if not isinstance(graph, CausalGraph):
        return [], "No graph of causes was given, and only a graph says what cannot move the outcome."
    if estimand.strategy != "adjustment":
        return [], f"The effect is identified by {estimand.strategy}; these controls fit adjustment."
    given = (*estimand.treatment, *estimand.adjustment, *estimand.conditional, *estimand.selected)
    if reason := unknown_nodes(graph, (*given, estimand.outcome)):
        return [], reason
    nodes = [node for node in measured(attacked, graph.nodes) if node not in graph.latent]
    found = [node for node in nodes if graph.is_separated(node, estimand.outcome, given)]
    return found, "Treatment and adjustment set separate no measured node of numbers from the outcome."


def _control(attacked: Attacked, node: str) -> Control:
    estimand = attacked.estimand
    asked = replace(estimand, treatment=(node,), adjustment=(*estimand.adjustment, *estimand.treatment))
    rows = attacked.recipe.columns(asked, attacked.data)
    assert isinstance(rows, Design)
    found = chosen_estimator(asked, rows)[0].fit(rows).effect(asked, unit=attacked.effect.unit)
    spread = float(attacked.design.treatments[:, 0].std())
    return Control(found, float(np.std(rows.treatments[:, 0])) / spread)
