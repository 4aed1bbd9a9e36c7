"""Devices by name."""

import pytest
import torch

from causalrec.errors import DataError
from causalrec.training.device import find_device


def test_auto_is_a_device_that_torch_has():
    found = find_device("auto")
    assert torch.zeros(2, device=found).sum() == 0
    assert found == ("cuda" if torch.cuda.is_available() else found)


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "", 3, None])
def test_another_is_refused(name):
    with pytest.raises(DataError, match="give 'auto' or 'cpu'"):
        find_device(name)
