"""What a strength means, in a sentence that a reader can repeat."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

__all__ = ["multiple", "removal_sentence"]

N_OTHERS = 2  # benchmarks that stand beside the weakest


def removal_sentence(times: Mapping[str, float]) -> str:
    """How strong a hidden confounder must be beside what was measured, weakest comparison first.

    Parameters
    ----------
    times : mapping of str to float
        Name of a benchmark to the multiple of its strength that would remove the effect; inf where none would.

    Examples
    --------
    >>> print(removal_sentence({"price": 6.0, "past purchases": 1.8}))
    A hidden confounder 1.8 times as strong as past purchases would remove the effect (6.0 times price).
    """
    finite = sorted((name for name in times if np.isfinite(times[name])), key=lambda name: times[name])
    beyond = [name for name in times if not np.isfinite(times[name])]
    if not times:
        return "No covariate serves as a benchmark."
    if not finite:
        return f"No multiple of {_listed(beyond)} would remove the effect."
    others = [*(f"{multiple(times[name])} {name}" for name in finite[1:]), *(f"no multiple of {n}" for n in beyond)][
        :N_OTHERS
    ]
    return (
        f"A hidden confounder {multiple(times[finite[0]])} as strong as {finite[0]} would remove the effect"
        f"{f' ({_listed(others)})' if others else ''}."
    )


def multiple(times: float) -> str:
    """A multiple in words.

    >>> multiple(0.04), multiple(1.84), multiple(23.0)
    ('0.04 times', '1.8 times', '23 times')
    """
    if np.isinf(times):
        return "no number of times"
    return f"{times:.2f} times" if times < 0.95 else f"{times:.1f} times" if times < 9.95 else f"{times:.0f} times"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
