"""Planted pictures: bars that stand or lie, and landscapes with a bright sky above a dark ground."""

import numpy as np
import pytest

from causalrec.embedding.pictures import Augmentation, PictureClassifier, ResNetShape, RotationPretraining

SIDE = 16
TINY = ResNetShape(size=SIDE, widths=(4, 8))
STILL = Augmentation(flip=False, crop=0.0, colour=0.0)
QUICK = {"n_threads": 1, "precision": "fp32"}


def draw_bars(n, seed=0):
    """A bright bar somewhere on noise; its direction is the class."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 120, (n, SIDE, SIDE, 3), dtype=np.uint8)
    labels = rng.choice(["lying", "standing"], n)
    for picture, label in zip(pictures, labels, strict=True):
        place = int(rng.integers(2, SIDE - 4))
        view = picture if label == "lying" else picture.transpose(1, 0, 2)
        view[place : place + 2, 2:-2] = 230
    return pictures, labels.tolist()


def draw_landscapes(n, seed=0):
    """Brighter above some height than below it."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 100, (n, SIDE, SIDE, 3), dtype=np.uint8)
    for picture in pictures:
        picture[: int(rng.integers(5, SIDE - 5))] += 110
    return pictures


@pytest.fixture(scope="session")
def bars():
    return draw_bars


@pytest.fixture(scope="session")
def landscapes():
    return draw_landscapes


@pytest.fixture(scope="session")
def learned():
    """A classifier of bars that the tests only ask."""
    return PictureClassifier(TINY, n_epochs=12, learning_rate=1e-2, batch_size=16, **QUICK).fit(*draw_bars(160))


@pytest.fixture(scope="session")
def pretrained():
    """A network that tells turns of landscapes, that the tests only ask."""
    return RotationPretraining(TINY, n_epochs=6, learning_rate=1e-2, batch_size=16, **QUICK).fit(draw_landscapes(160))
