"""Changes are small, seeded, and nothing where nothing is asked."""

import numpy as np
import pytest
import torch

from causalrec.embedding.pictures import Augmentation
from causalrec.embedding.pictures.augmentation import changed
from causalrec.errors import DataError

STILL = {"flip": False, "crop": 0.0, "colour": 0.0}


@pytest.fixture
def pixels():
    return torch.rand(200, 3, 12, 12, generator=torch.Generator().manual_seed(0))


def made(pixels, seed=0, **changes):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return changed(pixels, Augmentation(**STILL | changes))


def test_nothing_asked_nothing_changed(pixels):
    assert torch.equal(made(pixels), pixels)


def test_half_are_mirrored_exactly(pixels):
    found = made(pixels, flip=True)
    mirrored = (found == pixels.flip(3)).flatten(1).all(dim=1)
    same = (found == pixels).flatten(1).all(dim=1)
    assert (mirrored ^ same).all()
    assert 70 <= int(mirrored.sum()) <= 130


def test_mirrored_with_a_crop_is_the_mirror_of_the_crop():
    lines = torch.linspace(0, 1, 32).expand(100, 3, 32, 32).contiguous()  # brighter to the right
    found = made(lines, flip=True, crop=0.3)
    rising = found[:, 0, 0, -1] > found[:, 0, 0, 0]
    assert 30 <= int(rising.sum()) <= 70


def test_a_crop_shows_at_least_its_share():
    lines = torch.linspace(0, 1, 32).expand(400, 3, 32, 32).contiguous()
    spans = (made(lines, crop=0.25)[:, 0, 0, -1] - made(lines, crop=0.25)[:, 0, 0, 0]).numpy()
    assert spans.min() >= 0.74 - 1 / 32
    assert spans.max() <= 1.0
    assert spans.std() > 0.03
    starts = made(lines, crop=0.25)[:, 0, 0, 0]
    assert 0.0 <= float(starts.min()) < 0.03
    assert 0.15 < float(starts.max()) <= 0.26


def test_colours_stay_colours(pixels):
    found = made(pixels, colour=0.9)
    assert float(found.min()) >= 0
    assert float(found.max()) <= 1
    assert not torch.equal(found, pixels)


def test_brightness_and_contrast_and_saturation_by_hand():
    grey = torch.full((50, 3, 4, 4), 0.5)  # no contrast, no saturation: brightness alone shows
    factors = (made(grey, colour=0.2)[:, 0, 0, 0] / 0.5).numpy()
    assert factors.min() >= 0.8 - 1e-6
    assert factors.max() <= 1.2 + 1e-6
    assert factors.std() > 0.08
    red = torch.zeros(50, 3, 4, 4)
    red[:, 0] = 0.5
    spread = made(red, colour=0.2)
    assert torch.allclose(spread[:, 1], spread[:, 2], atol=1e-6)


def test_the_seed_decides(pixels):
    how = {"flip": True, "crop": 0.2, "colour": 0.2}
    assert torch.equal(made(pixels, 3, **how), made(pixels, 3, **how))
    assert not torch.equal(made(pixels, 3, **how), made(pixels, 4, **how))


@pytest.mark.parametrize(
    ("change", "named"), [({"flip": 1}, "flip"), ({"crop": 1.0}, "crop"), ({"colour": -0.1}, "colour")]
)
def test_out_of_range_is_refused(change, named):
    with pytest.raises(DataError, match=named):
        Augmentation(**change)


def test_inputs_stay(pixels):
    before = pixels.clone()
    made(pixels, flip=True, crop=0.2, colour=0.2)
    assert np.array_equal(before, pixels)
