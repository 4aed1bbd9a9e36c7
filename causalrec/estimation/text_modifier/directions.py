"""Directions among texts along which an effect may vary, learned on one half of the texts and tested on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from causalrec.errors import EstimationError
from causalrec.estimation.heterogeneity.calibration import p_words
from causalrec.estimation.heterogeneity.item_ridge import best_penalty, item_ridge
from causalrec.estimation.text_modifier.text_words import CommonerWord, commoner_words
from causalrec.estimation.text_modifier.unit_signals import UnitSignals
from causalrec.estimation.uncertainty.clusters import influence_covariance

__all__ = ["TextDirection", "TextEnd", "learned_axes", "tested_direction"]

END = 0.2  # share of the texts that an end holds
LEAST_UNITS = 2


@dataclass(frozen=True, slots=True, eq=False)
class TextEnd:
    """The fifth of the tested texts at one end of a direction.

    Attributes
    ----------
    effect, stderr : float
        Average effect of its units, in the outcome's unit.
    n_texts, n_units : int
    examples : tuple of str
        The texts furthest out, the furthest first.
    words : tuple of CommonerWord
        Words that are commoner here than at the other end.
    places : int64, shape (n_texts,)
        Which of all texts these are.
    """

    effect: float
    stderr: float
    n_texts: int
    n_units: int
    examples: tuple[str, ...]
    words: tuple[CommonerWord, ...]
    places: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "effect": self.effect, "stderr": self.stderr, "n_texts": self.n_texts, "n_units": self.n_units,
            "examples": list(self.examples), "words": [asdict(word) for word in self.words],
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class TextDirection:
    """One direction, learned on half of the texts; all its numbers are of the other half.

    Attributes
    ----------
    name : str
    slope, slope_stderr : float
        Change of the effect with one standard deviation along the direction.
    p_value : float
        Two-sided, of no slope; all directions together hold the level (Holm 1979).
    low, high : TextEnd
        Where the learned effect is smallest, and where it is largest.
    difference, difference_stderr : float
        Effect at `high` less that at `low`.
    position : float64, shape (n_texts,)
        Of each text of the data, in standard deviations of the tested ones.
    """

    name: str
    slope: float
    slope_stderr: float
    p_value: float
    low: TextEnd
    high: TextEnd
    difference: float
    difference_stderr: float
    position: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text; of the texts, the examples alone."""
        numbers = ("name", "slope", "slope_stderr", "p_value", "difference", "difference_stderr")
        return {name: getattr(self, name) for name in numbers} | {
            "low": self.low.to_dict(),
            "high": self.high.to_dict(),
        }

    def __str__(self) -> str:
        lines = [
            f"{self.name}: {self.slope:+.4f} ± {self.slope_stderr:.4f} a standard deviation, {p_words(self.p_value)}; "
            f"high - low {self.difference:+.4f} ± {self.difference_stderr:.4f}"
        ]
        for word, end in (("low", self.low), ("high", self.high)):
            counts = f"({end.n_texts:,} texts, {end.n_units:,} units)"
            lines.append(f"  {word:<4}  effect {end.effect:+.4f} ± {end.stderr:.4f}  {counts}")
            if end.words:
                lines.append(f"        commoner: {', '.join(map(str, end.words))}")
            lines += [f"        {text}" for text in end.examples]
        return "\n".join(lines)


def learned_axes(
    curvature: np.ndarray, moment: np.ndarray, components: np.ndarray, parts: np.ndarray, train: np.ndarray,
    n_directions: int,
) -> list[tuple[str, np.ndarray]]:  # fmt: skip
    """Names and axes among the components of the texts: the effect's slope, then the components that carry most of it.

    Parameters
    ----------
    curvature, moment : float64, shape (n_texts,)
    components : float64, shape (n_texts, q)
        Principal components of the texts, chosen without any outcome.
    parts : int64, shape (n_texts,)
        Between which the penalty is chosen.
    train : bool, shape (n_texts,)
        Texts that are learned from.
    n_directions : int
    """
    sums = curvature[train], moment[train], components[train]
    _, coef = item_ridge(*sums, best_penalty(*sums, parts[train]))
    slope = coef[1:]
    if not np.any(slope):
        return []
    carried = np.abs(slope) * components[train].std(axis=0)
    largest = np.argsort(-carried, kind="stable")[: n_directions - 1]
    single = [(f"component {k + 1} of the texts", np.sign(slope[k]) * np.eye(len(slope))[k]) for k in largest]
    return [("slope of the effect", slope / np.linalg.norm(slope)), *((n, a) for n, a in single if a.any())]


def tested_direction(
    name: str, position: np.ndarray, signals: UnitSignals, texts: Sequence[str], tested: np.ndarray, n_examples: int,
    n_words: int,
) -> TextDirection:  # fmt: skip
    """Slope of the effect and effects at both ends, among the tested texts; its p-value is that of one test.

    Parameters
    ----------
    name : str
    position : float64, shape (n_texts,)
    signals : UnitSignals
        Of the tested units.
    texts : sequence of str, of length n_texts
    tested : bool, shape (n_texts,)
    n_examples, n_words : int

    Raises
    ------
    EstimationError : all tested texts stand at one place, or an end has too few units.
    """
    from scipy.stats import t as student

    own = position[tested]
    spread = float(own.std())
    if not spread > 1e-12 * max(1.0, float(np.abs(own).max())):
        raise EstimationError(f"All texts stand at one place along the {name}.")
    standard = (position - own.mean()) / spread
    slope, stderr, dof = _slope(signals, standard[signals.text])
    low, high = _ends(standard, tested)
    value, cov = _group_effects(signals, np.column_stack([low, high])[signals.text])
    shown = [[texts[int(at)] for at in np.flatnonzero(end)] for end in (low, high)]
    made = []
    for k, end in enumerate((low, high)):
        places = np.flatnonzero(end)
        outward = places[np.argsort(standard[places] * (1, -1)[k], kind="stable")]
        made.append(TextEnd(
            float(value[k]), float(cov[k, k] ** 0.5), len(places), int(end[signals.text].sum()),
            tuple(texts[int(at)] for at in outward[:n_examples]),
            commoner_words(shown[k], shown[1 - k], n_words=n_words), places,
        ))  # fmt: skip
    p_value = float(2 * student.sf(abs(slope) / stderr, dof)) if stderr > 0 else 1.0
    error = float(np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]))
    return TextDirection(
        name, slope, stderr, p_value, made[0], made[1], float(value[1] - value[0]), error, standard
    )  # fmt: skip


def _ends(position: np.ndarray, tested: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest fifth of the tested texts, and as many in each."""
    places = np.flatnonzero(tested)
    order = places[np.argsort(position[places], kind="stable")]
    n = max(1, int(END * len(order)))
    low, high = np.zeros(len(position), dtype=bool), np.zeros(len(position), dtype=bool)
    low[order[:n]], high[order[-n:]] = True, True
    return low, high


def _slope(signals: UnitSignals, z: np.ndarray) -> tuple[float, float, float]:
    """Change of the effect with z, its error and degrees of freedom."""
    x = signals.x[:, None] * np.column_stack([np.ones(len(z)), z])
    weighted = x * signals.weight[:, None]
    inverse = np.linalg.inv(weighted.T @ x)
    coef = inverse @ (weighted.T @ signals.y)
    influence = (weighted @ inverse) * (signals.y - x @ coef)[:, None] * len(z)
    cov, dof = influence_covariance(influence, signals.clusters, 2)
    return float(coef[1]), float(cov[1, 1] ** 0.5), dof


def _group_effects(signals: UnitSignals, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average effect of the units of each group, and the clustered covariance."""
    curvature = signals.curvature @ member
    if (member.sum(axis=0) < LEAST_UNITS).any() or not (curvature > 0).all():
        raise EstimationError("One end of the texts has too few units whose treatment varies to tell an effect.")
    value = (signals.weight * signals.x * signals.y) @ member / curvature
    residual = signals.y[:, None] - signals.x[:, None] * value
    influence = member * (signals.weight * signals.x)[:, None] * residual / curvature * len(member)
    return value, influence_covariance(influence, signals.clusters, 1)[0]
