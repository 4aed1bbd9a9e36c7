"""The same questions to DoWhy, pgmpy and y0; where they answer otherwise, the definition decides.

One treatment with a directed path to one outcome, so that all of them take the question. "disagree" counts
questions in which causalrec has an answer that the definition refuses, or none where there is one.
"""

from __future__ import annotations

import logging
import warnings
from collections import Counter

from causalrec.errors import NotIdentifiableError
from causalrec.identification import adjustment_set, frontdoor_set, id_expression, instruments
from tests.identification.oracles import by_definition, canonical, measured, subsets
from tests.identification.test_frontdoor import frontdoor_query, is_frontdoor
from tests.identification.test_id_algorithm import brute_force
from tests.identification.test_instrument import by_definition as is_instrument_by_definition

TITLE = "The same questions to DoWhy, pgmpy and y0"
N_RUNS = 2_000


def run(seed: int) -> dict:
    """For each peer and question: what both say, and what the definition says."""
    graph, x, y = frontdoor_query(seed)
    x = x[:1]
    if y[0] not in graph.descendants(*x):
        return {"answers": {}}
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {"answers": dict(answers(graph, x, y))}


def answers(graph, x, y):
    """Peer and question, with what each says: [causalrec, peer, truth, the peer's own set holds]."""
    every = [set(z) for z in subsets(measured(graph, x, y))]
    sets = {
        "adjustment": (found(adjustment_set, graph, x, y), [z for z in every if by_definition(graph, x, y, z)]),
        "front door": (found(frontdoor_set, graph, x, y), [z for z in every if is_frontdoor(graph, x, y, z)]),
    }
    plain = [{z} for z in sorted(measured(graph, x, y)) if is_instrument_by_definition(graph, x[0], y[0], z, ())]
    sets["instrument"] = ({*instruments(graph, x[0], y[0])[:1]} or None, plain)
    for peer, ask in (("DoWhy", dowhy), ("pgmpy", pgmpy)):
        for question, theirs in ask(graph, x, y).items():
            ours, valid = sets[question]
            right = ours in valid if ours is not None else not valid
            said = theirs if isinstance(theirs, str) else theirs is not None
            yield f"{peer}, {question}", [right, ours is not None, said, theirs in valid if said is True else None]
    projected = graph.latent_projection()
    if len(projected) <= 6:
        ours, exists = found(id_expression, graph, x, y) is not None, not brute_force(projected, x, y)
        yield "y0, ID", [ours == exists, ours, y0(projected, x, y), None]


def found(search, graph, x, y):
    """What a search finds, or None."""
    try:
        return search(graph, x, y)
    except NotIdentifiableError:
        return None


def dowhy(graph, x, y) -> dict:
    """DoWhy's default identification, on the graph with a node for each hidden cause."""
    from dowhy.causal_identifier import EstimandType, identify_effect_auto

    names = [node for node in graph.nodes if node not in graph.latent]
    try:
        dag = canonical(graph.edges, graph)
        said = identify_effect_auto(dag, list(x), list(y), names, EstimandType.NONPARAMETRIC_ATE)
    except Exception as error:
        return dict.fromkeys(("adjustment", "front door", "instrument"), f"{type(error).__name__}")
    variables = {
        "adjustment": said.get_backdoor_variables() if said.estimands.get("backdoor") else None,
        "front door": said.get_frontdoor_variables() if said.estimands.get("frontdoor") else None,
        "instrument": said.get_instrumental_variables()[:1] if said.estimands.get("iv") else None,
    }
    return {question: None if names is None else set(names) for question, names in variables.items()}


def pgmpy(graph, x, y) -> dict:
    """pgmpy's minimal adjustment set and front door, with the hidden causes as its latents."""
    from pgmpy.base import DAG
    from pgmpy.identification import Adjustment, Frontdoor

    twins = [(f"{a}{b}", end) for a, b in graph.bidirected for end in (a, b)]
    dag = DAG([*graph.edges, *twins])
    dag.add_nodes_from(node for node in graph.nodes if node not in dag)
    dag.latents = graph.latent | {hidden for hidden, _ in twins}
    for role, nodes in (("exposures", x), ("outcomes", y)):
        dag.with_role(role, list(nodes), inplace=True)
    said = {}
    asked = (("adjustment", "adjustment", Adjustment("minimal")), ("front door", "frontdoor", Frontdoor()))
    for question, role, method in asked:
        try:
            answer, success = method.identify(dag)
        except Exception as error:
            said[question] = type(error).__name__
            continue
        answer = answer[0] if isinstance(answer, list) and answer else answer
        said[question] = set(answer.get_role(role)) if success else None
    return said


def y0(graph, x, y) -> object:
    """Whether y0 identifies P(y | do(x)) in the projected graph."""
    from y0.algorithm.identify import identify_outcomes
    from y0.dsl import Variable
    from y0.graph import NxMixedGraph

    variables = {node: Variable(node) for node in graph.nodes}
    pairs = [[(variables[a], variables[b]) for a, b in edges] for edges in (graph.edges, graph.bidirected)]
    mixed = NxMixedGraph.from_edges(nodes=list(variables.values()), directed=pairs[0], undirected=pairs[1])
    try:
        return identify_outcomes(mixed, {variables[node] for node in x}, {variables[node] for node in y}) is not None
    except Exception as error:
        return type(error).__name__


def rows(results: list[dict]) -> list[dict[str, object]]:
    """One row a peer and question."""
    names = list(dict.fromkeys(name for result in results for name in result["answers"]))
    return [row(name, [result["answers"][name] for result in results if name in result["answers"]]) for name in names]


def row(name: str, answers: list[list]) -> dict[str, object]:
    """Counts of one peer and question."""
    counts = Counter((ours, theirs if isinstance(theirs, bool) else "error") for _, ours, theirs, _ in answers)
    return {
        "method": name,
        "questions": len(answers),
        "both yes": counts[True, True],
        "both no": counts[False, False],
        "only causalrec": counts[True, False],
        "only the peer": counts[False, True],
        "the peer fails": counts[True, "error"] + counts[False, "error"],
        "the peer's set violates": sum(holds is False for *_, holds in answers),
        "disagree": sum(not right for right, *_ in answers),
    }
