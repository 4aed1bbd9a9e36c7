"""A mean gain over several draws of the labels and many test texts, with an interval for both kinds of chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from causalrec.errors import ShapeError

__all__ = ["CrossedGain", "crossed_gain"]

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class CrossedGain:
    """A mean difference; `lower` and `upper` bound its 95% interval."""

    value: float
    stderr: float
    lower: float
    upper: float

    def __str__(self) -> str:
        return f"{self.value:+.4f} (95% {self.lower:+.4f} to {self.upper:+.4f})"

    def to_dict(self) -> dict[str, float]:
        """JSON values."""
        return asdict(self)


def crossed_gain(differences: np.ndarray) -> CrossedGain:
    """Mean of paired differences whose rows share a draw and whose columns share a text.

    The variance adds that of the draws and that of the texts, less what both count (two-way clusters; Cameron, Gelbach,
    Miller 2011, J. Business & Economic Statistics 29(2)); it is never taken below the larger of the two. The interval
    takes Student's t with n_draws - 1 degrees of freedom, which few draws need.

    Parameters
    ----------
    differences : float, shape (n_draws, n_texts)
        Two draws and two texts at least.

    Raises
    ------
    ShapeError : fewer, or no finite table.

    Examples
    --------
    >>> print(crossed_gain(np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0]])))
    +0.6250 (95% -2.4163 to +3.6663)
    """
    from scipy.stats import t

    table = np.asarray(differences)
    is_table = table.ndim == 2 and min(table.shape) >= 2 and table.dtype.kind in "biuf"
    if not is_table or not np.isfinite(table).all():
        raise ShapeError(f"Differences are a finite table of two draws and two texts at least, not {table.shape}.")
    table = table.astype(np.float64)
    n_draws, n_texts = table.shape
    mean, by_draw, by_text = table.mean(), table.mean(axis=1), table.mean(axis=0)
    rest = table - by_draw[:, None] - by_text + mean
    both = (rest**2).sum() / ((n_draws - 1) * (n_texts - 1)) / (n_draws * n_texts)
    single = by_draw.var(ddof=1) / n_draws, by_text.var(ddof=1) / n_texts
    stderr = float(np.sqrt(max(sum(single) - both, *single)))
    half = float(t.ppf((1 + _LEVEL) / 2, n_draws - 1)) * stderr
    return CrossedGain(float(mean), stderr, float(mean - half), float(mean + half))
