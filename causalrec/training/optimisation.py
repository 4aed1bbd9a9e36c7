"""How weights are moved: the optimizer, its steps' sizes, and when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalrec.training.ranges import check_choice, check_number, check_whole

if TYPE_CHECKING:
    import torch

__all__ = ["OPTIMIZERS", "Optimisation", "build_optimizer", "step_size"]

OPTIMIZERS = ("adamw", "sgd")
_MOMENTUM = 0.9
_LOWER_IS_BETTER = {"loss"}


@dataclass(frozen=True, slots=True)
class Optimisation:
    """Parameters of a run (AdamW: Loshchilov, Hutter 2019, ICLR).

    Attributes
    ----------
    n_epochs : int
    learning_rate : float
        Of the step at the end of the warm-up; from there it falls to 0 in a straight line.
    weight_decay : float
        Not on biases and the weights of normalisations.
    warmup : float
        Share of all steps over which the learning rate rises from 0, in [0, 1).
    optimizer : {"adamw", "sgd"}
        SGD has a momentum of .9.
    max_gradient : float
        Longer gradients are cut to this norm.
    monitor : str
        The validation's figure that decides which epoch was best: "loss", where less is better, or another.
    patience : int or None
        Epochs without a better one after which the run stops.
    random_state : int
        Of the order of the rows and of dropout.

    Raises
    ------
    DataError : a value out of its range.
    """

    n_epochs: int
    learning_rate: float
    weight_decay: float = 0.01
    warmup: float = 0.1
    optimizer: str = "adamw"
    max_gradient: float = 1.0
    monitor: str = "loss"
    patience: int | None = None
    random_state: int = 0

    def __post_init__(self) -> None:
        check_whole("n_epochs", self.n_epochs)
        check_whole("random_state", self.random_state, 0)
        if self.patience is not None:
            check_whole("patience", self.patience)
        check_number("learning_rate", self.learning_rate, above=0)
        check_number("max_gradient", self.max_gradient, above=0)
        check_number("weight_decay", self.weight_decay)
        check_number("warmup", self.warmup, below=1)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)

    def better(self, figures: Mapping[str, float], best: float | None) -> bool:
        """Whether an epoch's figures are better than the best one's."""
        now = figures[self.monitor]
        if best is None:
            return True
        return now < best if self.monitor in _LOWER_IS_BETTER else now > best


def build_optimizer(module: torch.nn.Module, settings: Optimisation) -> torch.optim.Optimizer:
    """An optimizer of the weights that learn; vectors (biases, normalisations) do not decay."""
    import torch

    learning = [weight for weight in module.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in learning if weight.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [weight for weight in learning if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=settings.learning_rate, momentum=_MOMENTUM)
    return torch.optim.AdamW(groups, lr=settings.learning_rate)


def step_size(step: int, n_steps: int, settings: Optimisation) -> float:
    """Learning rate of a step, numbered from 0: a straight line up, then one down to 0.

    Examples
    --------
    >>> settings = Optimisation(n_epochs=1, learning_rate=1.0, warmup=0.5)
    >>> [step_size(step, 4, settings) for step in range(4)]
    [0.5, 1.0, 1.0, 0.5]
    """
    n_warmup = int(settings.warmup * n_steps)
    if step < n_warmup:
        return settings.learning_rate * (step + 1) / n_warmup
    return settings.learning_rate * (n_steps - step) / max(1, n_steps - n_warmup)
