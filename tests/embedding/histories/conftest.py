"""Models that the tests only ask."""

import pytest

from causalrec.embedding.histories import HistoryModel
from tests.embedding.histories.languages import spoken

GIVEN = {"n_dimensions": 32, "n_layers": 1, "max_items": 12, "batch_size": 32, "learning_rate": 1e-2, "dropout": 0,
         "n_threads": 1, "precision": "fp32"}  # fmt: skip
QUICK = {**GIVEN, "n_dimensions": 8, "n_epochs": 2, "max_items": 6}


@pytest.fixture(scope="session")
def given():
    return GIVEN


@pytest.fixture(scope="session")
def small():
    return QUICK


@pytest.fixture(scope="session", params=["next", "masked"])
def quick(request):
    return HistoryModel(request.param, **QUICK).fit(spoken(60, 1))
