"""What may watch a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from causalrec.errors import DataError

if TYPE_CHECKING:
    from causalrec.training.run_record import Epoch, RunRecord

__all__ = ["Callback", "check_callbacks"]


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


def check_callbacks(callbacks: object) -> None:
    """Refuse what nothing can be told.

    Raises
    ------
    DataError : it is no list of objects with the methods of `Callback`.
    """
    told = [name for name in vars(Callback) if name.startswith("on_")]
    if not isinstance(callbacks, Sequence) or not all(hasattr(one, name) for one in callbacks for name in told):
        raise DataError(f"callbacks is {callbacks!r}; give a list of objects with {', '.join(told)}.")
