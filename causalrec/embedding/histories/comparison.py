"""How well the next items of histories held out were told, beside guesses that need no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from causalrec.embedding.classification.scores import mean_stderr
from causalrec.embedding.histories.answers import log_probabilities_of
from causalrec.embedding.histories.network import HistoryNetwork
from causalrec.embedding.histories.references import fitted_chain
from causalrec.embedding.pretraining.held_out import Figure, ratio

__all__ = ["HistoryComparison", "LossReference", "compared"]

_Z = 1.959963984540054
_ASKED = 10
"""Newest items of each history that are asked, each with all that came before it."""


@dataclass(frozen=True, slots=True)
class LossReference:
    """Loss of another guess at the same items; `difference` is the model's less this one's, its error paired.

    Standard errors are over histories; items of one history do not count as independent.
    """

    name: str
    loss: float
    loss_stderr: float
    difference: float
    difference_stderr: float

    def __str__(self) -> str:
        low, high = (self.difference + sign * _Z * self.difference_stderr for sign in (-1, 1))
        return (
            f"{self.name:<17} {self.loss:8.4f} ± {self.loss_stderr:.4f}  {self.difference:+.4f} "
            f"(95% {low:+.4f} to {high:+.4f})"
        )


@dataclass(frozen=True, slots=True)
class HistoryComparison:
    """Mean negative log probability of the next item, in nats, of histories that were not learned from.

    Attributes
    ----------
    n_histories, n_asked : int
        Held out, and the items asked of them: the newest ten of each at most.
    loss, loss_stderr : float
    references : tuple of LossReference
        "popularity" and "first-order chain".
    """

    n_histories: int
    n_asked: int
    loss: float
    loss_stderr: float
    references: tuple[LossReference, ...]

    def __str__(self) -> str:
        lines = [
            f"{self.n_asked:,} next items of {self.n_histories:,} histories held out, ± one standard error",
            f"{'':17} {'loss':>8} {'':8}  model less this",
            f"{'model':<17} {self.loss:8.4f} ± {self.loss_stderr:.4f}",
        ]
        return "\n".join([*lines, *map(str, self.references)])

    def __getitem__(self, name: str) -> LossReference:
        return next(reference for reference in self.references if reference.name == name)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> HistoryComparison:
        """The comparison that `to_dict` gave."""
        return cls(**{**content, "references": tuple(LossReference(**one) for one in content["references"])})


def compared(
    network: HistoryNetwork, learning: Sequence[np.ndarray], held: Sequence[np.ndarray]
) -> HistoryComparison | None:  # fmt: skip
    """The network beside guesses fitted to the same histories; None where nothing is held out."""
    if not held:
        return None
    places = [range(max(1, len(history) - _ASKED), len(history)) for history in held]
    before = [history[:place] for history, asked in zip(held, places, strict=True) for place in asked]
    after = np.array([history[place] for history, asked in zip(held, places, strict=True) for place in asked])
    n_asked = np.array([len(asked) for asked in places])
    chain = fitted_chain(learning, network.shape.n_items)
    last = np.array([history[-1] for history in before])
    own = _figure(-log_probabilities_of(network, before, after), n_asked)
    others = {
        "popularity": _figure(-np.log(chain.shares[after]), n_asked),
        "first-order chain": _figure(-np.log(chain.probability(last, after)), n_asked),
    }
    references = tuple(_reference(name, own, other) for name, other in others.items())
    return HistoryComparison(len(held), len(after), own.value, own.stderr, references)


def _figure(losses: np.ndarray, n_asked: np.ndarray) -> Figure:
    starts = np.concatenate([[0], np.cumsum(n_asked)[:-1]])
    return ratio(np.add.reduceat(losses, starts), n_asked.astype(float))


def _reference(name: str, own: Figure, other: Figure) -> LossReference:
    stderr = mean_stderr(own.influence - other.influence)
    return LossReference(name, other.value, other.stderr, own.value - other.value, stderr)
