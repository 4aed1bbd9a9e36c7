"""Expressions evaluated on the exact observed distribution against P(y | do(x)) of the model behind it.

Random discrete models with two or three levels a variable, on random graphs of 3 to 7 nodes with latent
nodes and bidirected edges; all tables are strictly positive.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from causalrec.errors import IdentificationError, NotIdentifiableError
from causalrec.graph import CausalGraph
from causalrec.identification import (
    adjustment_set,
    frontdoor_set,
    id_expression,
    idc_expression,
    identify,
    optimal_adjustment_set,
)
from causalrec.identification.expression import Expression, adjustment_expression, frontdoor_expression
from tests.identification.discrete_models import DiscreteModel
from tests.identification.test_id_algorithm import random_query

TITLE = "Identified expressions against the truncated factorisation"
N_RUNS = 1_000
TOLERANCE = 1e-9


def run(seed: int) -> dict:
    """Largest absolute error of each strategy that answers."""
    rng = np.random.default_rng(seed)
    graph, x, y, z = random_query(rng)
    if seed % 2 and (mediated := with_hidden_cause(graph, x, y)):
        graph = mediated
    model = DiscreteModel.random(graph, rng)
    errors: dict[str, float] = {}
    for name, given, expression in answers(graph, x, y, z):
        errors[name] = max(errors.get(name, 0.0), error(expression, model, x, y, given))
    return {"errors": errors}


def with_hidden_cause(graph, x, y):
    """The graph with treatment and outcome confounded and without edges between them: more front doors."""
    edges = [edge for edge in graph.edges if not (edge[0] in x and edge[1] in y)]
    twins = [(one, other) for one in x for other in y]
    return CausalGraph(edges, bidirected=twins, nodes=graph.nodes, latent=graph.latent)


def answers(graph, x, y, z) -> Iterator[tuple[str, list[str], Expression]]:
    """Expression of each strategy that identifies the effect."""
    asked = {
        "adjustment, minimal": (
            [],
            lambda: adjustment_expression(x, y, sorted(adjustment_set(graph, x, y))),
        ),
        "adjustment, optimal": ([], lambda: adjustment_expression(x, y, sorted(optimal_adjustment_set(graph, x, y)))),
        "adjustment within covariates": (z, lambda: within(graph, x, y, z)),
        "front door": ([], lambda: frontdoor_expression(x, y, sorted(frontdoor_set(graph, x, y)))),
        "ID": ([], lambda: id_expression(graph, x, y)),
        "IDC": (z, lambda: idc_expression(graph, x, y, z)),
    }
    for name, (given, ask) in asked.items():
        if given or ("covariates" not in name and name != "IDC"):
            try:
                yield name, given, ask()
            except NotIdentifiableError:
                continue


def within(graph, x, y, z) -> Expression:
    """Formula of the effect within the values of covariates, for each outcome at once where there is one."""
    if len(y) > 1 or graph.ancestors(*y).isdisjoint(x):
        raise NotIdentifiableError("one outcome that the treatment causes", treatment=x, outcome=y)
    try:
        return identify(graph, x, y[0], conditional=z, strategy="adjustment").formula
    except NotIdentifiableError:
        raise
    except IdentificationError as refused:
        raise NotIdentifiableError(str(refused), treatment=x, outcome=y) from refused


def error(expression: Expression, model: DiscreteModel, x, y, given) -> float:
    """Largest absolute difference from the truth."""
    found, expected = expression.evaluate(model.observed()), model.effect(x, y, given)
    shape = [model.size(name) if name in found.names else 1 for name in expected.names]
    return float(np.abs(found.table.reshape(shape) - expected.table).max())


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a strategy."""
    names = list(dict.fromkeys(name for result in results for name in result["errors"]))
    found = {name: [result["errors"][name] for result in results if name in result["errors"]] for name in names}
    return [
        {"method": name, "models": len(results), "identified": len(errors), "largest error": max(errors),
         "disagree": sum(error > TOLERANCE for error in errors)}
        for name, errors in sorted(found.items())
    ]  # fmt: skip
