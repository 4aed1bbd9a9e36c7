import pytest

from causalrec.estimation import estimate_effect
from causalrec.identification import Estimand


def _attacked(data, *treatment):
    """The effect that the tests attack."""
    adjustment = ("item_week_demand", "item_store_availability", "mailer")
    return estimate_effect(Estimand(treatment or ("display",), "purchased", "adjustment", adjustment=adjustment), data)


@pytest.fixture(scope="session")
def attacked():
    return _attacked
