import pytest

from causalrec.errors import CycleError, GraphSyntaxError
from causalrec.graph import CausalGraph
from causalrec.graph.formats import read_lavaan
from tests.structural.linear_sem.published import DEMOCRACY

NAMED = {  # name: (text, edges, bidirected, latent)
    "formula": ("y ~ x + z", "xy zy", "", ""),
    "over lines": ("y ~ x +\n\n  z\nw ~ x\n  + z", "xy zy xw zw", "", ""),
    "semicolons and comments": ("y ~ x; z ~ y # w ~ z\n! v ~ w", "xy yz", "", ""),
    "coefficients": ("y ~ a*x + 0.5*z + NA*w + start(0.5)*v + c('a', \"b\")*u + 'name'*t", "xy zy wy vy uy ty", "", ""),
    "fixed at zero": ("y ~ 0*x + z\ny ~~ 0.0*x", "zy", "", ""),
    "intercepts": ("y ~ 1 + x\nz ~ 0 + y - 1", "xy yz", "", ""),
    "two effects": ("y + z ~ x", "xy xz", "", ""),
    "covariances": ("x ~~ y + z + x", "", "xy xz", ""),
    "latent": ("u =~ x + 2*y", "ux uy", "", "u"),
    "latent of nothing": ("u =~ 0\nx ~ u", "ux", "", "u"),
    "definitions": ("y ~ a*x\nd := a*2 + b\na == b; a > 0", "xy", "", ""),
    "ticks": ("y ~ `unit price`", [("unit price", "y")], "", ""),
    "dots": ("y.1 ~ .x", [(".x", "y.1")], "", ""),
}


@pytest.mark.parametrize(("text", "edges", "bidirected", "latent"), NAMED.values(), ids=NAMED)
def test_named_text(text, edges, bidirected, latent):
    edges, bidirected = (
        [tuple(pair) for pair in (pairs.split() if isinstance(pairs, str) else pairs)] for pairs in (edges, bidirected)
    )
    graph = read_lavaan(text)
    assert (set(graph.edges), graph.latent) == (set(edges), set(latent))
    assert CausalGraph([], bidirected=graph.bidirected) == CausalGraph([], bidirected=bidirected)


def test_the_model_of_the_tutorial_is_read():
    graph = read_lavaan(DEMOCRACY)
    assert graph.latent == {"ind60", "dem60", "dem65"}
    assert len(graph.edges) == 3 + 4 + 4 + 1 + 2
    assert graph.parents("dem65") == {"ind60", "dem60"}
    assert graph.parents("x2") == {"ind60"}
    assert {frozenset(pair) for pair in graph.bidirected} == {
        frozenset(pair.split()) for pair in ("y1 y5", "y2 y4", "y2 y6", "y3 y7", "y4 y8", "y6 y8")
    }


BAD = {  # name: (text, line, column, found, expected)
    "a name alone": ("y", 1, 2, "the end of the text", "one of ~"),
    "nothing behind": ("x ~ z\ny ~", 2, 4, "the end of the text", "a variable"),
    "nothing before": ("~ x", 1, 1, "'~'", "a variable"),
    "two variables": ("y ~ x z", 1, 7, "'z'", "+ or the end of the line"),
    "an interaction": ("y ~ x:z", 1, 6, "':'", "interaction"),
    "a product": ("y ~ x*z + x", 1, 5, "'x'", "an interaction is no node"),
    "a function": ("y ~ log(x)", 1, 5, "'log(x)'", "a function of one is no node"),
    "all others": ("y ~ .", 1, 5, "'.'", "a variable"),
    "a composite": ("f <~ x", 1, 3, "'<~'", "composite"),
    "groups": ("y ~ x | z", 1, 7, "'|'", "groups"),
    "scaling": ("y ~*~ x", 1, 3, "'~'", "one of ~"),
    "bracket not closed": ("y ~ c(1, 2\nz ~ y", 1, 11, r"'\n'", "')' that closes c("),
    "tick not closed": ("y ~ `x", 1, 5, "'`'", "closed by another"),
}


@pytest.mark.parametrize(("text", "line", "column", "found", "expected"), BAD.values(), ids=BAD)
def test_malformed_text_is_refused_where_it_is_wrong(text, line, column, found, expected):
    with pytest.raises(GraphSyntaxError) as caught:
        read_lavaan(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert found in str(caught.value)
    assert expected in str(caught.value)


def test_a_cycle_is_named():
    with pytest.raises(CycleError, match=r"y -> x -> y|x -> y -> x"):
        read_lavaan("y ~ x\nx ~ y")
