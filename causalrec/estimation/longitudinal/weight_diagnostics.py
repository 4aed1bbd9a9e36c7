"""What to look at before weights are trusted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from causalrec.estimation.estimators import effective_number

__all__ = ["WeightDiagnostics", "weight_diagnostics"]

FAR_FROM_ONE = 4.0  # standard errors


@dataclass(frozen=True, slots=True)
class WeightDiagnostics:
    """Weights after each treatment, the last of which are those of the estimate.

    Attributes
    ----------
    treatment : tuple of str
    mean, mean_stderr : tuple of float
        Mean weight up to each treatment, and its error. Stabilised ones should be about 1; others say that a model of
        the treatments is wrong, or that some pasts have no units of both kinds. A mean of 1
        proves nothing.
    largest, smallest : float
        Of the last.
    effective_n : float
        Units of equal weight that would say as much.
    n_truncated : int
        Units whose weight was cut.
    """

    treatment: tuple[str, ...]
    mean: tuple[float, ...]
    mean_stderr: tuple[float, ...]
    largest: float
    smallest: float
    effective_n: float
    n_truncated: int

    @property
    def far_from_one(self) -> tuple[str, ...]:
        """Treatments up to which the mean weight is not 1, by four standard errors."""
        rows = zip(self.treatment, self.mean, self.mean_stderr, strict=True)
        return tuple(name for name, mean, error in rows if abs(mean - 1) > FAR_FROM_ONE * error + 1e-9)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def __str__(self) -> str:
        rows = zip(self.treatment, self.mean, self.mean_stderr, strict=True)
        lines = [f"  up to {name}: mean {mean:.3f} ± {error:.3f}" for name, mean, error in rows]
        tail = f"  {self.smallest:.3g} to {self.largest:.3g}; effective number of units {self.effective_n:,.0f}"
        return "\n".join(["Weights", *lines, tail, *([f"  {self.n_truncated:,} cut"] if self.n_truncated else [])])


def weight_diagnostics(
    names: tuple[str, ...], weight: np.ndarray, used: np.ndarray, w: np.ndarray
) -> WeightDiagnostics:
    """The diagnostics of weights up to each treatment.

    Parameters
    ----------
    names : tuple of str, length n_times
    weight : float64, shape (n_times, n)
        Before they are cut.
    used : float64, shape (n,)
        The last, as they were used.
    w : float64, shape (n,)
        How much each unit counts, of mean 1.

    Examples
    --------
    >>> ones = np.ones((1, 4))
    >>> print(weight_diagnostics(("display",), ones, ones[0], ones[0]))
    Weights
      up to display: mean 1.000 ± 0.000
      1 to 1; effective number of units 4
    """
    n = len(used)
    mean = weight @ w / n
    error = np.sqrt(((weight - mean[:, None]) ** 2) @ w) / n
    return WeightDiagnostics(
        names, tuple(mean.tolist()), tuple(error.tolist()), float(used.max()), float(used.min()),
        effective_number(used * w), int((used != weight[-1]).sum()),
    )  # fmt: skip
