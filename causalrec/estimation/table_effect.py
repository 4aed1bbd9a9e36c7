"""An effect on a flat table, one row a unit."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from causalrec.data import design
from causalrec.data.design import Design, StreamedDesign
from causalrec.data.shared_treatment import warn_of_sharing
from causalrec.errors import CausalrecError, DataError, EstimationError
from causalrec.estimation.choice import as_estimator, chosen_estimator
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimators import InfluenceEstimator
from causalrec.estimation.formulas.plug_in import PlugIn
from causalrec.estimation.question import Question
from causalrec.estimation.recipe import Recipe
from causalrec.estimation.row_counts import row_counts
from causalrec.estimation.text_report import TextReport, text_report, wide_blocks

__all__ = ["estimate_formula", "estimate_table"]

N_REPORTED = 200_000
"""Rows up to which a text is reported on: that costs about as much as the effect."""


def estimate_table(question: Question) -> EffectEstimate:
    """The design, an estimator on it, and what became of the rows.

    Raises
    ------
    DataError, MissingColumnsError : the table does not hold what the estimand names.
    EstimationError : the treatment does not vary, or nothing estimates this estimand.
    """
    estimand, data = question.estimand, question.data
    given = None if question.estimator is None else as_estimator(question.estimator)
    columns = design(
        estimand, data, clusters=question.clusters, weights=question.weights, missing=question.missing
    )  # fmt: skip
    if isinstance(columns, Design):
        _refuse_constant(columns, question)
    chosen, reason = chosen_estimator(estimand, columns, question.target) if given is None else (given, "")
    # A streamed design has the same batches; an estimator that needs all rows at once refuses it.
    found = chosen.fit(cast(Design, columns)).effect(estimand, unit=data.unit)
    notes = warn_of_sharing(estimand, data, question.clusters, question.weights)
    rows = row_counts(estimand, data, question.missing, columns)
    if not isinstance(found, EffectEstimate):
        return replace(found, reason=reason, notes=(*found.notes, *notes), **rows)
    told = _text_told(columns, data.unit)
    return replace(
        found, reason=reason, recipe=_recipe(chosen, question), **rows,
        notes=(*found.notes, *notes, *((told.sentence,) if told else ())),
        diagnostics={**found.diagnostics, **(told.diagnostics() if told else {})},
    )  # fmt: skip


def _text_told(columns: Design | StreamedDesign, unit: str) -> TextReport | None:
    """How much a text explains and whether it shows all that confounds, where the table is not too large for it."""
    if not isinstance(columns, Design) or columns.n > N_REPORTED or columns.treatments.shape[1] != 1:
        return None
    if columns.n_absorbed or not wide_blocks(columns):
        return None
    try:
        return text_report(columns, unit=unit)
    except CausalrecError:  # what the report cannot take is no reason to give no effect
        return None


def _recipe(estimator: InfluenceEstimator, question: Question) -> Recipe:
    named = (question.clusters, question.weights, question.missing, question.target, question.data.unit)
    unfitted = type(estimator)(**estimator.get_params(deep=False))
    return Recipe(unfitted, *named)


def estimate_formula(question: Question) -> EffectEstimate:
    """An expression of the ID algorithm, by shares of the data."""
    estimand, data, weights = question.estimand, question.data, question.weights
    if question.estimator is not None and not isinstance(question.estimator, PlugIn):
        raise EstimationError("An expression of the ID algorithm has one estimator, PlugIn, for discrete variables.")
    if question.target != "ATE":
        raise EstimationError(f"The {question.target} cannot be had here: the expression is of the effect on all.")
    if question.missing != "refuse":
        raise DataError("An expression of the ID algorithm fills nothing in and drops no rows; do so first.")
    nodes = sorted(estimand.identified.names if estimand.identified else ())
    named = {node: data.column_name(node) for node in nodes}
    data.require("interactions", (*named.values(), *question.clusters, *([weights] if weights else ())))
    table = data.tables["interactions"]

    def values(name: str) -> np.ndarray:
        return table[name].to_numpy(zero_copy_only=False)

    columns = {node: values(name) for node, name in named.items()}
    groups, counts = {name: values(name) for name in question.clusters}, values(weights) if weights else None
    plug_in = PlugIn() if question.estimator is None else question.estimator
    found = plug_in.fit_columns(columns, estimand, clusters=groups, weight=counts).effect(estimand, unit=data.unit)
    notes = warn_of_sharing(estimand, data, question.clusters, weights)
    reason = "" if question.estimator else "the effect is an expression of discrete variables"
    return replace(found, reason=reason, notes=(*found.notes, *notes))


def _refuse_constant(columns: Design, question: Question) -> None:
    named = zip(question.estimand.treatment, columns.treatments.T, strict=True)
    constant = [name for name, t in named if (t == t[0]).all()]
    if constant:
        raise EstimationError(
            f"{' and '.join(map(repr, constant))} does not vary: every row has {columns.treatments[0].tolist()}, so "
            f"nothing compares. Use data with rows of both kinds."
        )
    if single := [name for name, codes in columns.clusters.items() if not codes.any()]:
        raise EstimationError(f"Errors cannot be clustered by {', '.join(map(repr, single))}: it has one value.")
