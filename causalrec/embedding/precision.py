"""Number format of the model's weights."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path

from causalrec.training.ranges import check_choice

__all__ = ["PRECISIONS", "check_precision", "has_native_bf16", "learning_precision", "processor"]

PRECISIONS = ("auto", "fp32", "bf16")
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def check_precision(precision: str) -> None:
    """Refuse a precision that does not exist.

    Raises
    ------
    DataError : no such precision.
    """
    check_choice("precision", precision, PRECISIONS)


def learning_precision(asked: str, device: str) -> str:
    """Number format of the matrix products while a network learns: for "auto" bf16 where the device has it.

    Raises
    ------
    DataError : no such precision.
    """
    check_precision(asked)
    if asked != "auto":
        return asked
    if device.startswith("cuda"):
        import torch

        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    return "bf16" if device == "cpu" and has_native_bf16() else "fp32"


def has_native_bf16() -> bool:
    """Whether this processor has instructions for bf16; asked without loading torch.

    Only Linux says so in a file. Elsewhere the answer is no: slower there, never wrong.
    """
    flags = next((line for line in processor() if line.startswith(("flags", "Features"))), "")
    return not _BF16_FLAGS.isdisjoint(flags.partition(":")[2].split())


@lru_cache(maxsize=1)
def processor() -> tuple[str, ...]:
    """What Linux says of the first core, one line a property but its clock and numbers; elsewhere the architecture."""
    architecture = f"machine : {platform.machine()}"
    if platform.system() != "Linux":
        return (architecture,)
    try:
        first = Path("/proc/cpuinfo").read_text().strip().split("\n\n")[0]
    except OSError:
        return (architecture,)
    kept = ("flags", "Features", "model name", "CPU implementer", "CPU part")
    return (architecture, *(line for line in first.splitlines() if line.startswith(kept)))
