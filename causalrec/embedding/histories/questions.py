"""What a network is asked of windows: the next item at each place, or the hidden ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Questions", "hidden_questions", "next_questions"]


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """Inputs and right answers.

    Attributes
    ----------
    inputs : int64, shape (n_windows, width)
    filled : bool, shape (n_windows, width)
        Where there is something to look at.
    asked : bool, shape (n_windows, width)
        Where an item is to be told.
    targets : int64, shape (n_asked,)
        Those items, window by window.
    """

    inputs: np.ndarray
    filled: np.ndarray
    asked: np.ndarray
    targets: np.ndarray


def next_questions(items: np.ndarray, filled: np.ndarray) -> Questions:
    """At each item the one after it.

    Examples
    --------
    >>> found = next_questions(np.array([[4, 2, 7]]), np.array([[True, True, True]]))
    >>> found.inputs.tolist(), found.targets.tolist()
    ([[4, 2]], [2, 7])
    """
    asked = filled[:, 1:]
    return Questions(items[:, :-1], asked, asked, items[:, 1:][asked])


def hidden_questions(items: np.ndarray, filled: np.ndarray, hidden: np.ndarray, blank: int) -> Questions:
    """The items under blanks.

    Examples
    --------
    >>> seen = np.array([[True, True, True]])
    >>> found = hidden_questions(np.array([[4, 2, 7]]), seen, np.array([[False, True, False]]), 9)
    >>> found.inputs.tolist(), found.targets.tolist()
    ([[4, 9, 7]], [2])
    """
    return Questions(np.where(hidden, blank, items), filled, hidden, items[hidden])
