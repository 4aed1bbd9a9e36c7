"""`Tester`: tests statements on a table, each one once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from causalrec.falsification.choice import independence_test
from causalrec.falsification.independence_test import IndependenceTest
from causalrec.falsification.variable import Variable
from causalrec.graph.independence import Independence

__all__ = ["Test", "Tester"]

Test = Callable[[Variable, Variable, tuple[Variable, ...]], IndependenceTest]
"""A test of your own: two variables and those given."""


class Tester:
    """Tests of statements about the nodes of a table; remembers what was tested.

    Parameters
    ----------
    variables : mapping of str to Variable
    test : callable, optional
        In place of `independence_test`.
    random_state : int

    Attributes
    ----------
    n_tests : int
        Statements tested so far.
    """

    def __init__(self, variables: Mapping[str, Variable], test: Test | None = None, random_state: int = 0):
        self._variables = variables
        self._position = {name: position for position, name in enumerate(variables)}
        self._test = test
        self._random_state = random_state
        self._known: dict[tuple[frozenset[str], frozenset[str]], IndependenceTest] = {}

    @property
    def n_tests(self) -> int:
        """Statements tested so far."""
        return len(self._known)

    def __call__(self, statement: Independence) -> IndependenceTest:
        """Outcome for one pair; nodes that no column realises, such as selected ones, are left out of `given`."""
        pair = sorted((*statement.x, *statement.y), key=self._position.__getitem__)
        given = sorted((name for name in statement.given if name in self._variables), key=self._position.__getitem__)
        key = frozenset(pair), frozenset(given)
        if key not in self._known:
            x, y = (self._variables[name] for name in pair)
            self._known[key] = self._outcome(x, y, tuple(self._variables[name] for name in given))
        return self._known[key]

    def _outcome(self, x: Variable, y: Variable, given: tuple[Variable, ...]) -> IndependenceTest:
        if self._test is not None:
            return self._test(x, y, given)
        return independence_test(x, y, given, random_state=self._random_state)
