"""Where a network computes, and in which number format."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from causalrec.errors import DataError

if TYPE_CHECKING:
    import torch

__all__ = ["autocast", "device_here", "find_device"]

log = logging.getLogger(__name__)


def find_device(device: str = "auto") -> str:
    """A device that torch has: for "auto" a GPU where there is one.

    Raises
    ------
    DataError : torch has no such device here.

    Examples
    --------
    >>> find_device("cpu")
    'cpu'
    """
    import torch

    if device == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    if not isinstance(device, str):
        raise DataError(f"device is {device!r}; give 'auto' or 'cpu', or another name that torch has.")
    try:
        torch.empty(0, device=device)
    # torch raises three unrelated types for a device that it does not know, was not built for, or does not find.
    except Exception as error:
        raise DataError(
            f"device is {device!r}, and torch has none of that name here ({str(error).splitlines()[0]}): "
            "give 'auto' or 'cpu'."
        ) from error
    return device


def device_here(device: str, place: object) -> str:
    """The device that a model was saved on, or "auto" where this machine has none of that name."""
    try:
        find_device(device)
    except DataError:
        log.warning("%s was saved on %r, which is not here; it computes on another.", place, device)
        return "auto"
    return device


def autocast(device: str, precision: str) -> torch.autocast:
    """Matrix products in bf16 where `precision` says so; weights and their steps stay in fp32."""
    import torch

    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=precision == "bf16")
