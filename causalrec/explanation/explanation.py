"""Why one item is recommended to one user."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from causalrec.data import EffectScores

__all__ = ["Explanation", "PairEffect", "Removal"]


@dataclass(frozen=True, slots=True)
class Removal:
    """What the list would have been without the history item that counts most.

    Attributes
    ----------
    item : str
        The item taken out of the user's history.
    stays : bool
        Whether the explained item is still in the list.
    enters : tuple of str
        Items that come into the list.
    """

    item: str
    stays: bool
    enters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairEffect:
    """Effect of treating the pair.

    Attributes
    ----------
    value, stderr, lower, upper : float
        In `unit`; 95% interval.
    treatment, unit : str
    """

    value: float
    stderr: float
    lower: float
    upper: float
    treatment: str
    unit: str

    @classmethod
    def of(cls, scores: EffectScores, row: int) -> PairEffect:
        """One row of the scores."""
        value, stderr = float(scores.value[row]), float(scores.stderr[row])
        return cls(value, stderr, value - 1.96 * stderr, value + 1.96 * stderr, scores.treatment, scores.unit)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one item stands in a user's list.

    Attributes
    ----------
    user, item : str
    score : float
        The model's score, on `scale`.
    scale : str
        "score", or "log of ..." where the model's parts add up on the log scale.
    contributions : tuple of (str, float)
        Named parts that sum to `score`, in the model's order.
    removal : Removal or None
        None for a user without history.
    effect : PairEffect or None
        Of treating this pair, where effects were given.
    paths : tuple of str
        Directed paths from treatment to outcome in the graph.
    sentence : str
        For the person who gets the recommendation.
    """

    user: str
    item: str
    score: float
    scale: str
    contributions: tuple[tuple[str, float], ...]
    removal: Removal | None
    effect: PairEffect | None
    paths: tuple[str, ...]
    sentence: str

    def to_dict(self) -> dict[str, object]:
        """Plain numbers and text, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        parts = sorted(self.contributions, key=lambda part: -abs(part[1]))
        shown = [f"  {value:+8.3f}  {name}" for name, value in parts[:6]]
        rest = sum(value for _, value in parts[6:])
        others = [f"  {rest:+8.3f}  {len(parts) - 6} others"] if len(parts) > 6 else []
        lines = [self.sentence, *shown, *others, f"  {self.score:+8.3f}  {self.scale}"]
        return "\n".join([*lines, *(f"  path: {path}" for path in self.paths)])
