"""Fitted recommenders on one simulated shop."""

import numpy as np
import pytest

from causalrec.data import Column, EffectScores
from causalrec.recommendation import (
    ALSRecommender,
    JointRecommender,
    PopularityRecommender,
    PurchaseRateRecommender,
)

SETTINGS = {"text": None, "attributes": ("department",), "n_factors": 8, "n_threads": 1}


@pytest.fixture(scope="session")
def effects(lifted_world):
    """The planted effects, as scores would hold them; the base is the rate without a display."""
    history = lifted_world.data.histories()
    shape = lifted_world.effect.shape
    base = np.full(shape, 0.05)
    value, n = lifted_world.effect.ravel(), lifted_world.effect.size
    return EffectScores(
        user=np.repeat(history.users, shape[1]), item=np.tile(history.items, shape[0]), value=value,
        stderr=np.full(n, 0.01), propensity=np.full(n, 0.3),
        treatment="display", unit="probability of purchase", base=base.ravel(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def models(lifted_world, effects):
    """One of each kind, by name."""
    data = lifted_world.data.with_columns({"item_text": Column("department")})
    return {
        "popularity": PopularityRecommender().fit(data),
        "purchase rate": PurchaseRateRecommender().fit(data),
        "als": ALSRecommender(8, n_threads=1).fit(data),
        "joint": JointRecommender(**SETTINGS).fit(data),
        "joint with effects": JointRecommender(**SETTINGS).fit(data, effects),
    }
