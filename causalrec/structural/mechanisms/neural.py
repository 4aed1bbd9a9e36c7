"""A small network for a block of columns given parents, and additive noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from causalrec.errors import EstimationError
from causalrec.structural.mechanisms.additive import Additive, kept_residuals
from causalrec.structural.mechanisms.coding import Coding
from causalrec.structural.mechanisms.mechanism import State
from causalrec.structural.refusals import refuse_count

if TYPE_CHECKING:
    import torch

__all__ = ["SMOOTHED", "Neural"]

MIN_ROWS = 50
PATIENCE = 20  # epochs without a better fit of the rows held back
SMOOTHED = "a network that stops early smooths bends of a few hundred rows, and the interval leaves that bias out"


class Neural(Additive):
    """All columns of a block at once from its parents; noise is drawn from whole rows of held-back residuals.

    The columns keep their dependence on each other, for a row of noise is one unit's. That noise is taken as
    independent of the parents. Stopping early smooths what bends: with a few hundred rows effects are drawn towards
    what a smoother curve gives, and intervals from refits hold the truth less often than they say.

    Parameters
    ----------
    n_hidden : int
        Units of the one hidden layer.
    n_epochs : int
        At most; training ends where a fifth of the rows, held back, is no longer fitted better.
    learning_rate : float
    weight_decay : float
    random_state : int

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> genre = rng.normal(size=(300, 1))
    >>> text = np.column_stack([genre[:, 0], -2 * genre[:, 0]]) + rng.normal(size=(300, 2)) / 10
    >>> model = Neural(n_epochs=200).fit(genre, text, Coding("text", 0, ("genre",), (0,), (False,)))
    >>> model.expectation(np.array([[1.0]])).round(0)
    array([[ 1., -2.]])
    """

    name: ClassVar[str] = "neural, additive noise"

    def __init__(
        self, *, n_hidden: int = 64, n_epochs: int = 500, learning_rate: float = 0.01, weight_decay: float = 1e-3,
        random_state: int = 0,
    ):  # fmt: skip
        self.n_hidden = n_hidden
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.random_state = random_state

    def fit(self, parents: np.ndarray, values: np.ndarray, coding: Coding) -> Self:
        """Adam on four fifths of the rows; the residuals are those of the fifth held back."""
        if coding.n_levels or not coding.parents:
            raise EstimationError("a neural mechanism needs parents and a node of amounts")
        refuse_count("n_hidden", self.n_hidden, 1)
        refuse_count("n_epochs", self.n_epochs, 1)
        if len(values) < MIN_ROWS:
            raise EstimationError(f"a neural mechanism needs {MIN_ROWS} rows or more; there are {len(values)}")
        columns, target = coding.columns(parents), values.reshape(len(values), -1)
        self.coding_, self.n_dimensions_ = coding, values.ndim
        self.scales_ = np.concatenate([_scales(columns), _scales(target)], axis=1)
        held = np.random.default_rng(self.random_state).permutation(len(target)) < len(target) // 5
        inputs, outputs = self._scaled(columns, target)
        self.weights_ = self._trained(inputs, outputs, held)
        self.residuals_ = kept_residuals(values[held] - self.expectation(parents[held]))
        return self

    def expectation(self, parents: np.ndarray) -> np.ndarray:
        """Mean given the parents; float64, shape (n, d), or (n,) where the node is one column."""
        columns, first = self.coding_.columns(parents), self.weights_["first"]
        p = columns.shape[1]
        inputs = (columns - self.scales_[0, :p]) / self.scales_[1, :p]
        hidden = np.tanh(inputs @ first.T + self.weights_["first bias"])
        found = hidden @ self.weights_["second"].T + self.weights_["second bias"] + inputs @ self.weights_["direct"].T
        found = found * self.scales_[1, p:] + self.scales_[0, p:]
        return found if self.n_dimensions_ == 2 else found[:, 0]

    def state(self) -> State:
        """Weights, scales and residuals."""
        arrays = {f"weights {name}": array for name, array in self.weights_.items()}
        return State({"n_dimensions": self.n_dimensions_}, {**arrays, "scales": self.scales_, "noise": self.residuals_})

    def restore(self, state: State, coding: Coding) -> Self:
        """The mechanism as it was."""
        self.coding_, self.n_dimensions_ = coding, state.facts["n_dimensions"]
        self.scales_, self.residuals_ = state.arrays["scales"], state.arrays["noise"]
        start = "weights "
        self.weights_ = {k.removeprefix(start): array for k, array in state.arrays.items() if k.startswith(start)}
        return self

    def _scaled(self, columns: np.ndarray, target: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        import torch

        both = (np.column_stack([columns, target]) - self.scales_[0]) / self.scales_[1]
        tensor = torch.from_numpy(both)
        return tensor[:, : columns.shape[1]], tensor[:, columns.shape[1] :]

    def _trained(self, inputs: torch.Tensor, outputs: torch.Tensor, held: np.ndarray) -> dict[str, np.ndarray]:
        import torch

        weights = self._start(inputs.shape[1], outputs.shape[1])
        steps = torch.optim.AdamW(weights.values(), lr=self.learning_rate, weight_decay=self.weight_decay)
        held_rows, best, kept, since = torch.from_numpy(held), float("inf"), {}, 0
        for _ in range(self.n_epochs):
            loss = _loss(weights, inputs[~held_rows], outputs[~held_rows])
            steps.zero_grad()
            loss.backward()
            steps.step()
            with torch.no_grad():
                error = float(_loss(weights, inputs[held_rows], outputs[held_rows]))
            since = 0 if error < best else since + 1
            if error < best:
                best, kept = error, {name: array.detach().numpy().copy() for name, array in weights.items()}
            if since == PATIENCE:
                break
        return kept

    def _start(self, n_inputs: int, n_outputs: int) -> dict[str, torch.Tensor]:
        """Weights of the hidden layer, and of a direct linear part, which alone is fitted well from few rows."""
        import torch

        draw = torch.Generator().manual_seed(self.random_state)
        shapes = {
            "first": (self.n_hidden, n_inputs), "first bias": (self.n_hidden,),
            "second": (n_outputs, self.n_hidden), "second bias": (n_outputs,), "direct": (n_outputs, n_inputs),
        }  # fmt: skip
        start = {}
        for name, shape in shapes.items():
            spread = 0.0 if "bias" in name or name == "direct" else 1 / np.sqrt(shape[-1])
            drawn = torch.randn(shape, generator=draw, dtype=torch.float64) * spread
            start[name] = drawn.requires_grad_()
        return start


def _loss(weights: dict[str, torch.Tensor], inputs: torch.Tensor, outputs: torch.Tensor) -> torch.Tensor:
    hidden = (inputs @ weights["first"].T + weights["first bias"]).tanh()
    found = hidden @ weights["second"].T + weights["second bias"] + inputs @ weights["direct"].T
    return ((found - outputs) ** 2).mean()


def _scales(array: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of each column; float64, shape (2, n_columns)."""
    deviation = array.std(axis=0)
    return np.stack([array.mean(axis=0), np.where(deviation > 0, deviation, 1.0)])
