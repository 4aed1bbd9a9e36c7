"""What may watch a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causalrec.training.run_record import Epoch, RunRecord

__all__ = ["Callback"]


class Callback:
    """Told what happens in a run; each method does nothing until a subclass says otherwise.

    Anything else with these four methods serves as well. A run that resumes begins with `on_start` again, and tells
    of the epochs that it still has to do.

    Examples
    --------
    >>> class Losses(Callback):
    ...     def on_epoch(self, epoch):
    ...         print(f"epoch {epoch.number}: {epoch.loss:.3f}")
    """

    def on_start(self, parameters: Mapping[str, object]) -> None:
        """Before the first step; JSON values by name."""

    def on_step(self, step: int, loss: float, learning_rate: float) -> None:
        """After a step of the optimizer, numbered from 1; `loss` is the batch's mean."""

    def on_epoch(self, epoch: Epoch) -> None:
        """After an epoch and its validation."""

    def on_end(self, record: RunRecord) -> None:
        """After the last epoch."""
