"""Mechanisms that are not linear: nested counterfactuals against enumeration and the mediation formula."""

import numpy as np
import pytest

from causalrec.graph import CausalGraph
from causalrec.identification import Distribution, mediation
from causalrec.structural import ConditionalTable, StructuralModel
from causalrec.structural.influence import influence_weights, natural_effects, path_effect
from tests.estimation.planted import exact_interval
from tests.structural.influence.shops import NDE, NIE, TOTAL, TWICE, WEIGHT, binary_shop

N_RUNS = 150
PLAIN = dict.fromkeys(("taste", "clicked", "bought"), ConditionalTable(prior_rows=0))


@pytest.fixture(scope="module")
def many():
    table = binary_shop(0, 40_000)
    return table, StructuralModel(TWICE, PLAIN, n_refits=3).fit(table)


def test_natural_effects_by_enumeration(many):
    found = natural_effects(many[1], "shown", "bought", "clicked", n_samples=100_000)
    assert abs(TOTAL - NDE - NIE) > 0.09
    for size, truth in (
        (found.total, TOTAL), (found.parts["direct"], NDE), (found.parts["through clicked"], NIE),
        (found.interaction, TOTAL - NDE - NIE), (found.remainder, TOTAL - NDE),
    ):  # fmt: skip
        assert abs(size.value - truth) < 1e-2
    back = natural_effects(many[1], "shown", "bought", "clicked", start=1, to=0, n_samples=100_000)
    assert back.parts["direct"].value == pytest.approx(-(TOTAL - NIE), abs=1e-2)


def test_natural_effects_are_those_of_the_mediation_formula(many):
    table, model = many
    cells, counts = np.unique(np.column_stack(list(table.values())), axis=0, return_counts=True)
    observed = Distribution.from_columns(dict(zip(table, cells.T, strict=True)), weight=counts)
    values = mediation(TWICE, "shown", "bought", "clicked").natural.expression.evaluate(observed).at(bought=1)

    def mean(shown, reference):
        return float(values.at(**{"shown": shown, "shown₀": reference}).table)

    found = natural_effects(model, "shown", "bought", "clicked", n_samples=400_000)
    assert found.parts["direct"].value == pytest.approx(mean(1, 0) - mean(0, 0), abs=3e-3)
    assert found.parts["through clicked"].value == pytest.approx(mean(0, 1) - mean(0, 0), abs=3e-3)
    assert found.remainder.value == pytest.approx(mean(1, 1) - mean(1, 0), abs=3e-3)


def test_intervals_cover():
    truths = {"total": TOTAL, "direct": NDE, "through clicked": NIE, "interaction": TOTAL - NDE - NIE,
              "standardized total": WEIGHT}  # fmt: skip
    covered, errors, said = dict.fromkeys(truths, 0), {name: [] for name in truths}, {name: [] for name in truths}
    for seed in range(N_RUNS):
        model = StructuralModel(TWICE, n_refits=15).fit(binary_shop(seed, 600))
        sizes = natural_effects(model, "shown", "bought", "clicked", n_samples=1_000).sizes
        for name, truth in truths.items():
            low, high = sizes[name].interval()
            covered[name] += low <= truth <= high
            errors[name].append(sizes[name].value - truth)
            said[name].append(sizes[name].stderr)
    for name in truths:
        low, high = exact_interval(covered[name], N_RUNS)
        assert low <= 0.95 <= high, (name, covered[name])
        assert 0.8 < np.std(errors[name]) / np.sqrt(np.mean(np.square(said[name]))) < 1.2, name


def test_an_effect_that_is_all_interaction():
    """Y = T M and M = T / 2: neither the direct nor the indirect way does anything alone."""
    rng = np.random.default_rng(0)
    shown = rng.normal(size=8_000)
    clicks = 0.5 * shown + rng.normal(size=8_000)
    bought = shown * clicks + 0.3 * rng.normal(size=8_000)
    graph = CausalGraph([("shown", "clicks"), ("clicks", "bought"), ("shown", "bought")])
    model = StructuralModel(graph, n_refits=3).fit({"shown": shown, "clicks": clicks, "bought": bought})
    found = natural_effects(model, "shown", "bought", "clicks")
    assert model.equations_.mechanisms["bought"].name.startswith("boosting")
    assert abs(found.parts["direct"].value) < 0.1
    assert abs(found.parts["through clicks"].value) < 0.1
    assert found.interaction.value == pytest.approx(0.5, abs=0.1)


def test_parts_and_interaction_sum_to_the_total(many):
    for effect in influence_weights(many[1], "bought").effects:
        whole = sum(part.value for part in effect.parts.values()) + effect.interaction.value
        assert whole == pytest.approx(effect.total.value, abs=1e-12)
        assert effect.remainder.value == pytest.approx(effect.total.value - effect.parts["direct"].value, abs=1e-12)
        assert effect.standardized.value == pytest.approx(effect.total.value * effect.scale, abs=1e-12)


def test_the_total_is_the_effect(many):
    ours = influence_weights(many[1], "bought")["shown"].total
    theirs = many[1].effect("shown", "bought", n_samples=100_000)
    assert ours.value == pytest.approx(theirs.value, abs=5e-3)


def test_the_error_holds_that_of_simulation(many):
    """40,000 rows say much; 100 simulated units say little, and the spread of the answers over seeds is the error."""
    found = [natural_effects(_seeded(many[1], seed), "shown", "bought", "clicked", n_samples=100).total
             for seed in range(60)]  # fmt: skip
    said = np.sqrt(np.mean([one.stderr**2 for one in found]))
    assert said > 0.02
    assert 0.75 < np.std([one.value for one in found]) / said < 1.3


def _seeded(model, seed):
    other = StructuralModel(TWICE, random_state=seed)
    other.__dict__.update(model.__dict__ | {"random_state": seed})
    return other


def test_edges_paths_and_mediators_say_the_same(many):
    by_paths = path_effect(many[1], "shown", "bought", paths=[("shown", "clicked", "bought")])
    by_edges = path_effect(many[1], "shown", "bought", edges=[("shown", "clicked"), ("clicked", "bought")])
    by_mediator = natural_effects(many[1], "shown", "bought", "clicked")
    assert by_paths.parts["along"] == by_edges.parts["along"] == by_mediator.parts["through clicked"]
    assert by_paths.parts["elsewhere"] == by_mediator.parts["direct"]
