"""Newton's method for a logistic regression whose rows are seen one pass at a time."""

from __future__ import annotations

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.nuisances.logistic import TOLERANCE

__all__ = ["LogisticSteps"]

MAX_HALVINGS = 40
ROUNDING = 1e-12  # of a log likelihood


class LogisticSteps:
    """State of one regression between passes: what it tries next, and whether it is done.

    A pass gives the log likelihood, its slope and its curvature at `tried`. Where that is no better than
    before, half the step is tried. It ends as `logistic` does on rows in memory.

    Parameters
    ----------
    n_coefficients : int
        The first is free of the penalty.
    l2 : float
        0 or more.

    Attributes
    ----------
    tried : float64, shape (n_coefficients,)
    done : bool

    Examples
    --------
    >>> steps = LogisticSteps(1, 0.0)
    >>> while not steps.done:  # three of four rows are 1
    ...     p = 1 / (1 + np.exp(-steps.tried))
    ...     steps.take(float((3 * np.log(p) + np.log(1 - p))[0]), np.diag(4 * p * (1 - p)), 3 - 4 * p)
    >>> round(float(np.exp(steps.tried[0])), 9)
    3.0
    """

    def __init__(self, n_coefficients: int, l2: float):
        self.penalty = np.full(n_coefficients, float(l2))
        self.penalty[0] = 0.0
        self.tried = np.zeros(n_coefficients)
        self.done = False
        self._best, self._step, self._score, self._gain, self._halvings = self.tried, self.tried, -np.inf, np.inf, 0

    def take(self, log_likelihood: float, curvature: np.ndarray, slope: np.ndarray) -> None:
        """What one pass found at `tried`, without the penalty.

        Raises
        ------
        EstimationError : the log likelihood is not finite.
        """
        score = log_likelihood - float(self.penalty @ self.tried**2) / 2
        if not np.isfinite(score):
            raise EstimationError("A logistic regression left the range of numbers; rescale the covariates.")
        if score < self._score - 1e-14 * abs(self._score):
            if self._gain <= ROUNDING * (1 + abs(score)):  # what the step gains is lost in rounding: it stands
                self.done = True
            else:
                self._halve()
            return
        self._best, self._score, self._halvings = self.tried, score, 0
        left = slope - self.penalty * self._best
        self._step = np.linalg.lstsq(curvature + np.diag(self.penalty), left, rcond=1e-12)[0]
        self.tried = self._best + self._step
        self._gain = float(left @ self._step)
        self.done = self._gain <= TOLERANCE * (1 + abs(score))

    def _halve(self) -> None:
        self._halvings += 1
        self._step = self._step / 2
        self.done = self._halvings > MAX_HALVINGS
        self.tried = self._best if self.done else self._best + self._step
