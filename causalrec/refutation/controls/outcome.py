"""Negative control outcomes: what the treatment cannot have moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causalrec.data import Design
from causalrec.estimation import EffectEstimate
from causalrec.estimation.choice import chosen_estimator
from causalrec.graph import CausalGraph
from causalrec.refutation.asked import Asked
from causalrec.refutation.attacked import Attacked
from causalrec.refutation.controls.control_tests import Control, measured, tested_together, unknown_nodes
from causalrec.refutation.refutation import Refutation

__all__ = ["negative_control_outcome"]

ASKED = Asked(
    name="negative control outcome",
    question="Is there no effect on what the treatment cannot have moved?",
    sees="a hidden cause of the treatment that also moves the control",
)


def negative_control_outcome(attacked: Attacked) -> Refutation:
    """Estimate the effect on measured nodes that the graph says the treatment does not move.

    A control is a node of numbers that is no effect of the treatment and that the adjustment set separates from
    the treatment (from the instruments, where there are some). An effect on it tells that the adjustment set does not
    close every back door, or that the graph is wrong. All controls are tested together by Holm's method.

    Parameters
    ----------
    attacked : Attacked
        With its graph.

    Returns
    -------
    Refutation
        `refuted` is the effect on the most telling control, in standard deviations of the control times that of
        the outcome.

    References
    ----------
    Lipsitch, Tchetgen Tchetgen, Cohen (2010), Epidemiology 21(3).
    """
    nodes, reason = _controls(attacked)
    if not nodes:
        return ASKED.cannot(attacked.effect, reason)
    words = f"{attacked.treatment!r} goes with {{node}}, in standard deviations scaled to the outcome's"
    return tested_together(attacked, ASKED, nodes, _control, words)


def _controls(attacked: Attacked) -> tuple[list[str], str]:
    """Nodes that serve, or why none does."""
    graph, estimand = attacked.graph, attacked.estimand
    if not isinstance(graph, CausalGraph):
        return [], "No graph of causes was given, and only a graph says what the treatment cannot move."
    if estimand.strategy not in ("adjustment", "instrument"):
        return [], f"The effect is identified by {estimand.strategy}; controls fit adjustment and instruments."
    given = (*estimand.adjustment, *estimand.conditional, *estimand.selected)
    sources = estimand.instruments or estimand.treatment
    if reason := unknown_nodes(graph, (*sources, *given)):
        return [], reason
    moved = graph.descendants(*estimand.treatment)
    nodes = [n for n in measured(attacked, graph.nodes) if n not in moved | graph.latent]
    found = [node for node in nodes if graph.is_separated(sources, node, given)]
    return found, "The graph separates no measured node of numbers from the treatment given the adjustment set."


def _control(attacked: Attacked, node: str) -> Control:
    estimand = replace(attacked.estimand, outcome=node)
    rows = attacked.recipe.columns(estimand, attacked.data)
    assert isinstance(rows, Design)
    spread = float(np.std(rows.outcome)) or 1.0
    return Control(_estimated(attacked, rows), float(np.std(attacked.design.outcome)) / spread)


def _estimated(attacked: Attacked, rows: Design) -> EffectEstimate:
    """By the same estimator; one that takes outcomes of 0 and 1 alone gives way to the house's choice."""
    estimator = attacked.recipe.fresh()
    if not attacked.takes_numbers and not np.isin(rows.outcome, (0.0, 1.0)).all():
        estimator = chosen_estimator(attacked.estimand, rows)[0]
    return estimator.fit(rows).effect(attacked.estimand, unit=attacked.effect.unit)
