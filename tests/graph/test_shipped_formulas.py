"""The formula that a shipped graph expects gives its effect, in numbers."""

from itertools import product

import numpy as np
import pytest

from causalrec.graph import list_graphs
from causalrec.identification.id_algorithm import id_expression
from causalrec.identification.mediators.effects import mediation
from causalrec.identification.selection import recover_from_selection
from causalrec.identification.sequential import sequential_backdoor
from causalrec.identification.transportability import transport
from tests.graph.definitions import case
from tests.graph.models import Linear, Tables, binary

LINEAR = ("adjustment", "selection", "frontdoor", "instrument", "sequential", "mediation")


def names_with(*strategies):
    return [name for name in list_graphs() if case(name).strategy in strategies]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", names_with(*LINEAR))
def test_the_formula_gives_the_effect_in_a_linear_model(name, seed):
    it = case(name)
    model = Linear(it, seed)
    assert model.formula() == pytest.approx(model.effect(), abs=1e-9)
    assert model.naive() != pytest.approx(model.effect(), abs=1e-3)


# The same for any kind of effect: a model of tables, each variable zero or one.


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", names_with("id", "sequential"))
def test_the_formula_of_the_id_algorithm_gives_the_effect_in_tables(name, seed):
    it = case(name)
    model = Tables(it, seed)
    found = id_expression(it.graph, it.x, it.y).evaluate(model.observed())
    for values in product((0, 1), repeat=len(it.x)):
        assert found.at(**dict(zip(it.x, values, strict=True))).table == pytest.approx(model.effect(values), abs=1e-9)


@pytest.mark.parametrize("name", names_with("sequential"))
def test_the_g_formula_gives_the_joint_effect_in_tables(name):
    it = case(name)
    model = Tables(it, 0)
    found = sequential_backdoor(it.graph, it.x, it.y).expression.evaluate(model.observed())
    for values in product((0, 1), repeat=len(it.x)):
        assert found.at(**dict(zip(it.x, values, strict=True))).table == pytest.approx(model.effect(values), abs=1e-9)


@pytest.mark.parametrize("name", [name for name in names_with("adjustment") if not case(name).kept])
def test_adjustment_gives_the_effect_in_tables(name):
    it = case(name)
    model = Tables(it, 0)
    joint = model.margin([*it.x, *it.nodes, it.y])
    z = joint.sum(axis=(*range(len(it.x)), -1))
    y_given_all = joint / joint.sum(axis=-1, keepdims=True)
    for values in product((0, 1), repeat=len(it.x)):
        formula = np.tensordot(z, y_given_all[values], z.ndim)
        assert formula == pytest.approx(model.effect(values), abs=1e-9)
        assert (joint[values] / joint[values].sum()).sum(axis=tuple(range(z.ndim))) != pytest.approx(formula, abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_formula_in_the_header_of_attention_by_device(seed):
    it = case("attention_by_device")
    assert it.text == "sum over s, z of P(s | x, device) P(z) sum over x' of P(y | x', s, z) P(x' | z)"
    model = Tables(it, seed)
    order = ["device", "hour", "past_orders", "recommended", "seconds_in_view", "purchased"]
    joint = model.margin(order)  # axes d, h, p, x, s, y
    z = joint.sum(axis=(3, 4, 5))
    x_given_z = joint.sum(axis=(4, 5)) / joint.sum(axis=(3, 4, 5))[..., None]
    s_given_xd = joint.sum(axis=(1, 2, 5)) / joint.sum(axis=(1, 2, 4, 5))[..., None]
    y_given_all = joint / joint.sum(axis=5, keepdims=True)
    for value in (0, 1):
        formula = np.einsum("ds,dhp,dhpxsy,dhpx->y", s_given_xd[:, value], z, y_given_all, x_given_z)
        assert formula == pytest.approx(model.effect((value,)), abs=1e-9)
        naive = joint[:, :, :, value].sum(axis=(0, 1, 2, 3)) / joint[:, :, :, value].sum()
        assert naive != pytest.approx(formula, abs=1e-4)


@pytest.mark.parametrize("name", names_with("selection"))
def test_selected_rows_and_outside_figures_give_the_effect_among_all(name):
    it = case(name)
    model = Tables(it, 0)
    joint = model.margin([*it.x, *it.nodes, *it.kept, it.y])  # axes x, z, s, y
    z = joint.sum(axis=(0, -2, -1))
    rows = joint[..., 1, :]
    figures = {"selected": binary([*it.x, *it.nodes, it.y], rows), "population": binary(it.nodes, z)}
    found = recover_from_selection(it.graph, it.x, it.y, external=it.nodes).expression.evaluate(figures)
    y_given_all = rows / rows.sum(axis=-1, keepdims=True)
    for value in (0, 1):
        formula = np.tensordot(z, y_given_all[value], z.ndim)
        assert formula == pytest.approx(model.effect((value,)), abs=1e-9)
        assert found.at(**{it.x[0]: value}).table == pytest.approx(formula, abs=1e-9)
        among = rows.sum(axis=(0, -1)) / rows.sum()
        assert np.tensordot(among, y_given_all[value], z.ndim) != pytest.approx(formula, abs=1e-4)


@pytest.mark.parametrize("name", names_with("transport"))
def test_the_experiment_of_one_domain_gives_the_effect_in_the_other(name):
    it = case(name)
    model = Tables(it, 0)
    order = [*it.graph.nodes_with("domain"), *it.nodes, it.y]
    z_there = model.margin(order)[1].sum(axis=-1)
    trial = np.array([model.margin(order, model.do((value,)))[0] for value in (0, 1)])  # drawn by lot, one half each
    figures = {"source": binary([*it.x, *order[1:]], trial), "target": binary(order[1:], model.margin(order)[1])}
    found = transport(it.graph, it.x, it.y).expression.evaluate(figures)
    for value in (0, 1):
        here, there = model.margin(order, model.do((value,)))  # P(d, z, y | do(x)), d being 0 where the test was
        y_given_z = here / here.sum(axis=-1, keepdims=True)
        formula = np.tensordot(z_there / z_there.sum(), y_given_z, z_there.ndim)
        truth = (there / there.sum()).sum(axis=tuple(range(z_there.ndim)))
        assert formula == pytest.approx(truth, abs=1e-9)
        assert found.at(**{it.x[0]: value}).table == pytest.approx(truth, abs=1e-9)
        assert (here / here.sum()).sum(axis=tuple(range(z_there.ndim))) != pytest.approx(truth, abs=1e-4)


@pytest.mark.parametrize("name", names_with("mediation"))
def test_the_mediation_formula_gives_the_nested_counterfactual(name):
    it = case(name)
    model, given = Tables(it, 0), sorted(it.given[0])
    found = mediation(it.graph, it.x[0], it.y, it.nodes).natural.expression.evaluate(model.observed())
    joint = model.margin([*given, *it.x, *it.nodes, it.y])  # axes w, x, m, y
    w = joint.sum(axis=(-3, -2, -1))
    m_given_xw = joint.sum(axis=-1) / joint.sum(axis=(-2, -1))[..., None]
    y_given_all = joint / joint.sum(axis=-1, keepdims=True)
    for on, off in product((0, 1), repeat=2):  # P(Y(on, M(off)))
        formula = np.einsum("...,...m,...my->...y", w, m_given_xw[..., off, :], y_given_all[..., on, :, :])
        truth = model.nested(on, off)
        assert formula.sum(axis=tuple(range(w.ndim))) == pytest.approx(truth, abs=1e-9)
        assert (on == off) == (truth == pytest.approx(model.effect((on,)), abs=1e-4))
        assert found.at(**{it.x[0]: on, f"{it.x[0]}₀": off}).table == pytest.approx(truth, abs=1e-9)
