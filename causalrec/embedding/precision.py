"""Number format of the model's weights."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path

from causalrec.errors import DataError

__all__ = ["PRECISIONS", "has_native_bf16", "resolve_precision"]

PRECISIONS = ("auto", "fp32", "bf16")
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def resolve_precision(precision: str) -> str:
    """The format, fp32 or bf16; "auto" takes bf16 where the processor multiplies it natively.

    Raises
    ------
    DataError : no such precision.

    Examples
    --------
    >>> resolve_precision("fp32")
    'fp32'
    """
    if precision not in PRECISIONS:
        raise DataError(f"precision is {precision!r}; it is one of {', '.join(map(repr, PRECISIONS))}.")
    if precision != "auto":
        return precision
    return "bf16" if has_native_bf16() else "fp32"


@lru_cache(maxsize=1)
def has_native_bf16() -> bool:
    """Whether this processor has instructions for bf16; asked without loading torch.

    Only Linux says so in a file. Elsewhere the answer is no: slower there, never wrong.
    """
    if platform.system() != "Linux":
        return False
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return not _BF16_FLAGS.isdisjoint(flags.partition(":")[2].split())
