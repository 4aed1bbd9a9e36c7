"""What the text of a design says of treatment and outcome, and whether it shows a confounder only in part."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, EstimationError
from causalrec.estimation.bounds import Bounds
from causalrec.estimation.moments.cross_fitted import cross_fitted
from causalrec.estimation.uncertainty.clusters import influence_covariance
from causalrec.estimation.uneven_effect import uneven_effect
from causalrec.estimation.unit_weights import unit_weights

__all__ = ["TextReport", "text_report", "wide_blocks"]

N_WIDE = 16  # columns from which a block is taken for an embedding
LEVEL = 0.05  # of the one-sided test
SUSPICIOUS = 0.7  # share of the treatment's variance from which a text is asked whether it contains it


@dataclass(frozen=True, slots=True)
class TextReport:
    """How much text says, how far it moves the estimate, and whether that looks like all of it.

    Attributes
    ----------
    blocks : tuple of str
        Wide blocks of the design, taken together.
    treatment : str
    r2_treatment, r2_outcome : float
        Cross-fitted shares of variance that all covariates explain; below 0 where they say nothing.
    r2_treatment_without, r2_outcome_without : float
        Without the text.
    value, stderr : float
        Partially linear estimate, text and all, and its standard error.
    moved : float
        What adjusting for the text took off the estimate.
    tilt : float
        z statistic of a slope: how the estimate grows, in the direction of `moved`, from texts after which little of
        the outcome is unexplained to texts after which much is. A confounder that text shows only in part makes both
        large at the same texts.
    n : int
    unit : str
    """

    blocks: tuple[str, ...]
    treatment: str
    r2_treatment: float
    r2_outcome: float
    r2_treatment_without: float
    r2_outcome_without: float
    value: float
    stderr: float
    moved: float
    tilt: float
    n: int
    unit: str = "outcome"

    @property
    def p_value(self) -> float:
        """One-sided, of `tilt`; 1 where the text moved nothing that it could show in part."""
        return 0.5 * math.erfc(self.tilt / math.sqrt(2)) if self.moved else 1.0

    @property
    def is_proxy(self) -> bool:
        """Whether the data say that the text shows a confounder only in part; False is no proof of the contrary."""
        return self.p_value < LEVEL

    def left_over(self, shown: float) -> float:
        """Bias that is left where the text shows this share of the confounder's variance; in (0, 1].

        Where a share s of the confounder is adjusted for, its covariance with the treatment falls to 1 - s of what it
        was, and the treatment's variance to 1 - g, the share that text leaves of it. So the bias left is `moved` times
        (1 - s) / (s - g). Text that says more of the treatment than of the confounder sets no limit: infinity.

        Raises
        ------
        DataError : a share outside (0, 1].
        """
        if not 0 < shown <= 1:
            raise DataError(f"shown is {shown!r}; it is a share above 0 and at most 1.")
        of_treatment = max(0.0, 1 - (1 - self.r2_treatment) / (1 - self.r2_treatment_without))
        if shown == 1 or not self.moved:
            return 0.0
        if shown <= of_treatment:
            return math.copysign(math.inf, self.moved)
        return self.moved * (1 - shown) / (shown - of_treatment)

    def bounds(self, shown: float) -> Bounds:
        """Where the effect lies if the text shows at least this share of the confounder's variance."""
        ends = sorted((self.value, self.value - self.left_over(shown)))
        return Bounds(
            ends[0], ends[1], f"the text shows {shown:.0%} or more of the variance of what confounds", self.stderr,
            self.stderr, unit=self.unit, subject=self.treatment, method="text as a proxy", n=self.n,
        )  # fmt: skip

    @property
    def sentence(self) -> str:
        """What a reader must know."""
        named = " and ".join(self.blocks)
        said = (
            f"{named} explains {self._gain('treatment'):.1%} of the variance of {self.treatment} and "
            f"{self._gain('outcome'):.1%} of the outcome's beyond the other covariates, and moves the estimate by "
            f"{-self.moved:+.3g}."
        )
        if self._gain("treatment") > SUSPICIOUS:
            said += f" A text that says so much may contain {self.treatment}: the attack 'text leakage' looks for that."
        if self.is_proxy:
            return (
                f"{said} The estimate is larger where the text leaves more of the outcome unexplained (p = "
                f"{self.p_value:.2g}): the text seems to show a confounder only in part, or effect and noise grow "
                f"together. If it shows 75% of it, the bias left is {self.left_over(0.75):+.3g}: the interval does "
                f"not allow for that."
            )
        return f"{said} If it showed only 90% of what confounds, the bias left would be {self.left_over(0.9):+.3g}."

    def diagnostics(self) -> dict[str, float]:
        """Numbers for an estimate's diagnostics."""
        return {
            "share of the treatment that text explains": self._gain("treatment"),
            "share of the outcome that text explains": self._gain("outcome"),
            "moved by text": -self.moved, "p of text as a proxy": self.p_value,
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values["blocks"] = list(self.blocks)
        return {**values, "p_value": self.p_value, "is_proxy": self.is_proxy, "sentence": self.sentence}

    def __str__(self) -> str:
        return "\n".join([
            f"Text as a confounder: {', '.join(self.blocks)}; {self.n:,} units",
            f"  cross-fitted R2 of {self.treatment}: {self.r2_treatment:.3f}, {self.r2_treatment_without:.3f} without",
            f"  cross-fitted R2 of the outcome: {self.r2_outcome:.3f}, {self.r2_outcome_without:.3f} without",
            f"  estimate {self.value:+.4f} ± {self.stderr:.4f}, {self.value + self.moved:+.4f} without, {self.unit}",
            *textwrap.wrap(self.sentence, 118, initial_indent="  ", subsequent_indent="  "),
        ])  # fmt: skip

    def _gain(self, which: str) -> float:
        return float(getattr(self, f"r2_{which}") - getattr(self, f"r2_{which}_without"))


def wide_blocks(design: Design) -> tuple[str, ...]:
    """Names of the blocks that are as wide as an embedding."""
    return tuple(block.name for block in design.blocks if block.matrix.shape[1] >= N_WIDE)


def text_report(design: Design, *, n_folds: int = 5, random_state: int = 0, unit: str = "outcome") -> TextReport:
    """Cross-fitted shares that text explains, how far it moves the estimate, and a test of text as a proxy.

    The test rests on this: a confounder h of which the text shows only a part adds the variance of h given the text
    to the outcome's noise, and its covariance with the treatment to the estimate, both at the same texts (the uneven
    variance that Lewbel 2012, J. Business & Economic Statistics 30(1), identifies effects by). So the squared residual
    of the outcome is predicted from the text on other folds, and the effect may vary with that prediction. Where
    the text shows everything and noise is even there is nothing to predict. A test that is quiet proves nothing: the
    hidden part may be equally large for all texts. One that is not may also mean an effect that differs between texts
    of noisy and of quiet outcomes.

    Parameters
    ----------
    design : Design
        In memory, with one treatment and a block of 16 columns or more.
    n_folds, random_state : int
    unit : str

    Raises
    ------
    DataError : no wide block, several treatments, or a stream.
    EstimationError : a treatment that does not vary once the covariates are held fixed.
    """
    named = _required(design)
    dealt, weight = (n_folds, random_state), unit_weights(design)
    both = np.column_stack([design.treatments, design.outcome])
    less = replace(design, blocks=tuple(b for b in design.blocks if b.name not in named), keys=design.row_keys())
    left, before = (both - cross_fitted(rows, both, dealt).predicted for rows in (design, less))
    total = ((both - np.average(both, axis=0, weights=weight)) ** 2).T @ weight
    if not (left[:, 0] ** 2 @ weight > 1e-9 * total[0] > 0):
        raise EstimationError(f"{design.treatment_names[0]!r} does not vary once text and covariates are held fixed.")
    value, without = _slope(left, weight), _slope(before, weight)
    residual = left[:, 1] - value * left[:, 0]
    noise = cross_fitted(design, residual[:, None] ** 2, dealt).predicted[:, 0]
    tilt = uneven_effect(left, noise, weight, design) * float(np.sign(without - value))
    shares, others = (1 - (part**2).T @ weight / np.where(total > 0, total, np.inf) for part in (left, before))
    return TextReport(
        named, design.treatment_names[0], float(shares[0]), float(shares[1]), float(others[0]), float(others[1]),
        value, _stderr(left, residual, weight, design), without - value, tilt, design.n, unit,
    )  # fmt: skip


def _required(design: Design) -> tuple[str, ...]:
    if design.streamed:
        raise DataError("The report on text needs the rows in memory, and this design is streamed.")
    if len(design.treatment_names) != 1:
        raise DataError(f"One treatment at a time, not {' and '.join(design.treatment_names)} together.")
    if not (named := wide_blocks(design)):
        raise DataError(f"No block of the design has {N_WIDE} columns or more, as an embedding of text has.")
    return named


def _slope(left: np.ndarray, weight: np.ndarray) -> float:
    return float((weight * left[:, 0]) @ left[:, 1] / ((weight * left[:, 0]) @ left[:, 0]))


def _stderr(left: np.ndarray, residual: np.ndarray, weight: np.ndarray, design: Design) -> float:
    products = weight * left[:, 0]
    influence = products * residual * design.n / (products @ left[:, 0])
    return float(np.sqrt(influence_covariance(influence[:, None], design.clusters)[0][0, 0]))
