"""Instruments: named graphs, the definition by enumeration, and the slope of linear models."""

import networkx as nx
import numpy as np
import pytest

from causalrec.errors import GraphError, IdentificationError, UnknownNodeError
from causalrec.graph import CausalGraph
from causalrec.identification import conditional_instruments, instruments, is_instrument
from tests.identification.oracles import (
    canonical,
    linear_model,
    measured,
    parse,
    proper_causal_paths,
    random_query,
    subsets,
)


def by_definition(graph, x, y, z, given):
    """Brito, Pearl 2002, for the total effect: moves X, and reaches Y only by causal paths of X."""
    dag = canonical(graph.edges, graph)
    if {z, *given} & {x, *nx.descendants(dag, x)} or z in given:
        return False
    first = {(path[0], path[1]) for path in proper_causal_paths(graph, [x], [y])}
    cut = canonical([edge for edge in graph.edges if edge not in first], graph)
    return nx.is_d_separator(cut, {z}, {y}, set(given)) and not nx.is_d_separator(dag, {z}, {x}, set(given))


def ancestral(graph, y, z):
    dag = canonical(graph.edges, graph)
    return nx.ancestors(dag, y) | nx.ancestors(dag, z)


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_instruments_equal_the_definition(first):
    n_plain = n_conditional = 0
    for seed in range(first, first + 100):
        graph, (x, *_), (y,) = random_query(seed)
        if x in graph.descendants(y):
            continue
        names = sorted(measured(graph, [x], [y]))
        plain = tuple(node for node in graph.nodes if node in names and by_definition(graph, x, y, node, ()))
        assert instruments(graph, x, y) == plain, seed
        found = {instrument.name: instrument.given for instrument in conditional_instruments(graph, x, y)}
        for z in names:
            pool = set(names) & ancestral(graph, y, z) - {z}
            valid = [given for given in subsets(pool) if by_definition(graph, x, y, z, given)]
            assert (z in found) == bool(valid), (seed, z)
            if z in found:
                assert by_definition(graph, x, y, z, found[z]), (seed, z)
                n_conditional += 1
            for given in subsets(set(names) - {z}):
                assert bool(is_instrument(graph, x, y, z, given)) == by_definition(graph, x, y, z, given), (seed, z)
        n_plain += len(plain)
    assert n_plain > 5
    assert n_conditional >= n_plain


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_the_ratio_is_the_effect_in_linear_models(first):
    n_checked = 0
    for seed in range(first, first + 100):
        graph, (x, *_), (y,) = random_query(seed)
        if x in graph.descendants(y):
            continue
        covariance, effect = linear_model(graph, [x], [y], seed)
        for instrument in conditional_instruments(graph, x, y):
            z = instrument.name
            ratio = partial(covariance, z, y, instrument.given) / partial(covariance, z, x, instrument.given)
            assert ratio == pytest.approx(effect[0], abs=1e-6), (seed, instrument)
            n_checked += 1
    assert n_checked > 5


def partial(covariance, one, other, given):
    a, b = covariance.index(one), covariance.index(other)
    columns = [covariance.index(name) for name in given]
    inner, matrix = covariance.matrix[np.ix_(columns, columns)], covariance.matrix
    return matrix[a, b] - (matrix[a, columns] @ np.linalg.solve(inner, matrix[columns, b]) if columns else 0)


def test_included_covariates_are_conditioned_on():
    graph = parse("z -> x -> y; x <-> y; w -> z; w -> y; v -> y")
    assert [str(found) for found in conditional_instruments(graph, "x", "y")] == ["z given w"]
    assert [str(found) for found in conditional_instruments(graph, "x", "y", include="v")] == ["z given v, w"]


@pytest.mark.parametrize(
    ("edges", "given", "reason"),
    [
        ("z -> x -> y; z -> y", (), "reaches 'y' around 'x': z -> y"),
        ("z -> x -> y; x <-> y; x -> w", ("w",), "'w' is the treatment itself or an effect of it"),
        ("x -> y; z -> w", (), "does not move 'x'"),
    ],
)
def test_a_bad_instrument_is_told_why(edges, given, reason):
    verdict = is_instrument(parse(edges), "x", "y", "z", given)
    assert not verdict
    assert reason in str(verdict)


def test_bad_questions_are_refused():
    graph = CausalGraph([("z", "x"), ("x", "y"), ("x2", "y")])
    with pytest.raises(IdentificationError, match="one treatment and one outcome"):
        instruments(graph, ["x", "x2"], "y")
    with pytest.raises(UnknownNodeError, match="'zz'"):
        is_instrument(graph, "x", "y", "zz")
    with pytest.raises(GraphError, match="both treatment and outcome"):
        conditional_instruments(graph, "x", "x")
