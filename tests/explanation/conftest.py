"""The fitted recommenders of the recommendation tests."""

from tests.recommendation.conftest import effects, models

__all__ = ["effects", "models"]
