from threading import Thread

import numpy as np
import pytest

from causalrec.data import grid
from causalrec.estimation.grids.absorption import Absorbed, residuals
from causalrec.estimation.grids.sparse_cells import SparseCells
from causalrec.refutation.grids import attacked_grid
from causalrec.refutation.grids.residual_products import ResidualProducts, own_products

ABSORBED = {
    "two by item": lambda units: Absorbed(by_item=(units.levels["store"], units.levels["week"])),
    "one by item, one in common": lambda units: Absorbed((units.levels["store"],), (units.levels["week"],)),
    "in common": lambda units: Absorbed(common=(units.levels["store"],)),
    "nothing": lambda units: Absorbed(),
    "a block of the items": lambda units: Absorbed(item_block=np.random.default_rng(0).normal(size=(units.n_items, 2))),
}


@pytest.mark.parametrize("absorbed", ABSORBED.values(), ids=ABSORBED)
def test_products_are_those_of_the_residuals(world, absorbed):
    units = grid(world.data)
    weight, effects = units.visits(), absorbed(units)
    columns = [units.treatment("display"), units.treatment("mailer"), units.purchases() / weight[:, None]]
    left = [residuals(cells, weight, effects) for cells in columns]
    sparse = [SparseCells.of(cells) for cells in columns]
    found = ResidualProducts(weight, effects, units.n_items).gram(sparse, own_products(weight, columns))
    np.testing.assert_allclose(found, own_products(weight, left), rtol=1e-9, atol=1e-9 * np.abs(found).max())


def test_residuals_are_computed_once_for_attacks_in_threads(world, attacked, monkeypatch):
    made, names = [], attacked_grid.__globals__
    real = names["grid_residuals"]
    monkeypatch.setitem(names, "grid_residuals", lambda *given: made.append(given) or real(*given))
    under, seen = attacked_grid(attacked(world.data), world.data), []
    assert not made
    threads = [Thread(target=lambda: seen.append(under.left)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert all(one is seen[0] for one in seen)
