"""Linear mechanisms: products of coefficients, against what was planted, lavaan-style SEM and dowhy."""

import warnings
from itertools import pairwise

import numpy as np
import pytest

from causalrec.graph import CausalGraph
from causalrec.structural import LinearGaussian, StructuralModel
from causalrec.structural.influence import influence_weights, natural_effects, path_effect
from causalrec.structural.linear_sem import LinearSEM
from tests.estimation.planted import exact_interval
from tests.structural.worlds import SHOP, TOTAL, linear_shop

N_RUNS = 200
LINES = dict.fromkeys(("display", "visits", "sales"), LinearGaussian())
# Standard deviations of display and of sales as planted: season, display, visits and sales from unit noises.
OF_DISPLAY = np.sqrt(0.8**2 + 1)
OF_SALES = np.sqrt((TOTAL * 0.8 - 1) ** 2 + TOTAL**2 + 0.5**2 + 1)


@pytest.fixture(scope="module")
def exact():
    return StructuralModel(SHOP, LINES, n_refits=10).fit(linear_shop(0, exact=True))


PATHS = {  # name: (treatment, paths, product of the planted coefficients)
    "direct": ("display", [("display", "sales")], 0.7),
    "through visits": ("display", [("display", "visits", "sales")], 1.5 * 0.5),
    "both": ("display", [("display", "sales"), ("display", "visits", "sales")], TOTAL),
    "none": ("display", [], 0.0),
    "named twice": ("display", [("display", "sales")] * 2, 0.7),
    "first step": ("season", [("season", "display", "sales"), ("season", "display", "visits", "sales")], 0.8 * TOTAL),
    "parting beyond": ("season", [("season", "display", "visits", "sales")], 0.8 * 1.5 * 0.5),
    "two that part": ("season", [("season", "display", "visits", "sales"), ("season", "sales")], 0.6 - 1),
}


@pytest.mark.parametrize(("treatment", "paths", "truth"), PATHS.values(), ids=PATHS)
def test_a_path_is_the_product_of_its_coefficients(exact, treatment, paths, truth):
    found = path_effect(exact, treatment, "sales", paths=paths, start=1, to=3)
    assert found.parts["along"].value == pytest.approx(2 * truth, abs=1e-9)
    assert found.total.value == pytest.approx(2 * (TOTAL if treatment == "display" else 0.8 * TOTAL - 1), abs=1e-9)
    assert found.is_additive
    assert found.method == "products of coefficients"
    assert any("recanting" in note for note in found.notes) == (treatment == "season" and len(paths[0]) > 3)
    if treatment == "display":
        edges = [edge for path in paths for edge in pairwise(path)]
        again = path_effect(exact, treatment, "sales", edges=edges, start=1, to=3)
        assert again.parts["along"].value == pytest.approx(found.parts["along"].value, abs=1e-12)


def test_intervals_cover():
    truths = {
        "total": TOTAL,
        "direct": 0.7,
        "through visits": 0.75,
        "standardized total": TOTAL * OF_DISPLAY / OF_SALES,
    }
    covered, errors, said = dict.fromkeys(truths, 0), {name: [] for name in truths}, {name: [] for name in truths}
    for seed in range(N_RUNS):
        model = StructuralModel(SHOP, LINES, n_refits=20).fit(linear_shop(seed, 150))
        sizes = influence_weights(model, "sales", treatments="display", contrasts={"display": (0, 1)})["display"].sizes
        for name, truth in truths.items():
            low, high = sizes[name].interval()
            covered[name] += low <= truth <= high
            errors[name].append(sizes[name].value - truth)
            said[name].append(sizes[name].stderr)
    for name in truths:
        low, high = exact_interval(covered[name], N_RUNS)
        assert low <= 0.95 <= high, (name, covered[name])
        assert 0.85 < np.std(errors[name]) / np.sqrt(np.mean(np.square(said[name]))) < 1.15, name


@pytest.mark.parametrize("through", [(), ("visits",), ("display",), ("visits", "display")])
def test_sizes_are_those_of_the_linear_sem(through):
    table = linear_shop(5, 400)
    theirs = LinearSEM(SHOP).fit(table)
    model = StructuralModel(SHOP, LINES, n_refits=100).fit(table)
    for treatment in ("season", "display"):
        if treatment in through or (treatment == "display" and not through):
            continue
        expected = theirs.effect(treatment, "sales", through=through)
        if through:
            found = natural_effects(model, treatment, "sales", through)
        else:
            found = influence_weights(model, "sales", contrasts={treatment: (0, 1)})[treatment]
        for ours, other in (
            (found.total, expected.total), (found.parts["direct"], expected.direct),
            (found.remainder, expected.indirect),
        ):  # fmt: skip
            assert ours.value == pytest.approx(other.value, abs=1e-8)
            assert ours.stderr == pytest.approx(other.stderr, rel=0.3)
        # Theirs divides by n, ours by what least squares leaves over.
        assert found.standardized.value == pytest.approx(expected.standardized.value, rel=0.01)


def test_natural_effects_are_those_of_dowhy():
    import pandas as pd
    from dowhy import CausalModel

    graph = CausalGraph([("shown", "clicks"), ("clicks", "bought"), ("shown", "bought")])
    rng = np.random.default_rng(0)
    shown = rng.normal(size=500)
    clicks = 0.7 * shown + rng.normal(size=500)
    bought = 0.4 * clicks + 0.3 * shown + rng.normal(size=500)
    table = {"shown": shown, "clicks": clicks, "bought": bought}
    found = natural_effects(StructuralModel(graph, n_refits=10).fit(table), "shown", "bought", "clicks")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = CausalModel(pd.DataFrame(table), "shown", "bought", graph=_gml(graph))
        values = {}
        for kind in ("nonparametric-nde", "nonparametric-nie"):
            estimand = theirs.identify_effect(estimand_type=kind, proceed_when_unidentifiable=True)
            values[kind] = theirs.estimate_effect(estimand, method_name="mediation.two_stage_regression").value
    assert found.parts["through clicks"].value == pytest.approx(values["nonparametric-nie"], abs=1e-8)
    assert found.parts["direct"].value == pytest.approx(values["nonparametric-nde"], abs=1e-8)


def _gml(graph):
    nodes = "".join(f'node [id "{name}" label "{name}"] ' for name in graph.nodes)
    edges = "".join(f'edge [source "{cause}" target "{effect}"] ' for cause, effect in graph.edges)
    return f"graph [directed 1 {nodes}{edges}]"


def test_categories_of_two_are_linear_too():
    rng = np.random.default_rng(0)
    phone = np.where(rng.random(400) < 0.5, "phone", "tablet")
    stars = rng.choice([2, 5], 400)
    views = 1.5 * (phone == "tablet") + 0.5 * stars + rng.normal(size=400)
    bought = 2 * views - 0.5 * stars + rng.normal(size=400)
    graph = CausalGraph([("phone", "views"), ("stars", "views"), ("views", "bought"), ("stars", "bought")])
    table = {"phone": phone, "stars": stars, "views": views, "bought": bought}
    model = StructuralModel(graph, n_refits=50).fit(table)
    found = influence_weights(model, "bought")
    assert found["stars"].method == "products of coefficients"
    assert (found["stars"].start, found["stars"].to, found["phone"].to) == (2, 5, "tablet")
    for name, truth in {"stars": 3 * (2 * 0.5 - 0.5), "phone": 3.0}.items():
        assert abs(found[name].total.value - truth) < 4 * found[name].total.stderr
    change = found["stars"].total.value / 3 * stars.std() / bought.std()
    assert found["stars"].standardized.value == pytest.approx(change, rel=0.05)


def test_the_total_is_the_effect(exact):
    theirs = exact.effect("display", "sales", start=-1, to=2)
    ours = influence_weights(exact, "sales", contrasts={"display": (-1, 2)})["display"].total
    assert ours.value == pytest.approx(theirs.value, rel=1e-10)
    assert ours.stderr == pytest.approx(theirs.stderr, rel=1e-6)
