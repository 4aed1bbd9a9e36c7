"""`Falsification`: which of a graph's implications a table contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causalrec.falsification.independence_test import IndependenceTest
from causalrec.falsification.permutation import PermutationBaseline
from causalrec.falsification.repair import Repair
from causalrec.graph.independence import Independence

__all__ = ["Falsification", "Implication"]


@dataclass(frozen=True, slots=True)
class Implication:
    """One independence that the graph implies, and what the data say of it.

    Attributes
    ----------
    statement : Independence
    test : IndependenceTest
    p_corrected : float
        p of the test, corrected for the number of tests.
    holds : bool or None
        Whether the data leave it standing; None where they say nothing of it.
    smallest : float
        Smallest dependence that this sample would have found with 80 % power at the level over the number of
        tests, on the scale of a correlation; NaN where it would have found none.
    """

    statement: Independence
    test: IndependenceTest
    p_corrected: float
    holds: bool | None
    smallest: float

    def __str__(self) -> str:
        verdict = {True: "holds", False: "FAILS", None: "not testable"}[self.holds]
        return (
            f"{self.statement!s:40s} {self.test.method:20s} p {self.test.p_value:<8.2g} "
            f"corrected {self.p_corrected:<8.2g} finds {self.smallest:<6.2f} {verdict}"
        )


@dataclass(frozen=True, slots=True)
class Falsification:
    """A graph against a table.

    An implication that holds is not proven: `smallest` says what could have been missed.

    Attributes
    ----------
    implications : tuple of Implication
    left_out : tuple of Independence
        Implications that the deadline left untested.
    repair : Repair or None
        Edges that would take away what fails; None where nothing fails.
    permutations : PermutationBaseline
    alpha : float
    correction : str
    """

    implications: tuple[Implication, ...]
    left_out: tuple[Independence, ...]
    repair: Repair | None
    permutations: PermutationBaseline
    alpha: float
    correction: str

    @property
    def failing(self) -> tuple[Implication, ...]:
        """Implications that the data contradict."""
        return tuple(implication for implication in self.implications if implication.holds is False)

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        tested = [implication for implication in self.implications if implication.holds is not None]
        if not tested:
            return self._nothing()
        n_holding = len(tested) - len(self.failing)
        start = f"{n_holding} of {len(tested)} implications hold"
        if not self.failing:
            return f"{start}: the data do not contradict the graph."
        named = _listed([implication.statement for implication in self.failing])
        which = "this one does not" if len(self.failing) == 1 else f"these {_count(len(self.failing))} do not"
        return f"{start}; {which}: {named}; {self._proposal()}."

    def to_frame(self):
        """The implications as a pandas table, one row each."""
        import pandas as pd

        return pd.DataFrame([_row(implication) for implication in self.implications], columns=FRAME_COLUMNS)

    def __str__(self) -> str:
        lines = [self.sentence, *(f"  {implication}" for implication in self.implications), str(self.permutations)]
        if self.left_out:
            lines.append(f"Left out at the deadline: {_listed(self.left_out)}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Falsification: {self.sentence}>"

    def _nothing(self) -> str:
        if self.implications or self.left_out:
            return "No implication could be tested: the data say nothing of this graph."
        return "The graph implies no independence between measured nodes: no data of these can contradict it."

    def _proposal(self) -> str:
        proposal, n_failing = self.repair, len(self.failing)
        if proposal is None or not proposal.edges:
            return "no edge to repair this was found in time"
        edges = " and ".join(f"an edge between {cause} and {effect}" for cause, effect in proposal.edges)
        whole = {1: "it", 2: "both"}.get(n_failing, f"all {_count(n_failing)}")
        n_repaired = len(proposal.repaired)
        what = whole if n_repaired == n_failing else f"{_count(n_repaired)} of them"
        if proposal.failing is None:
            return f"{edges} would take {what} away, but what else that graph implies was not tested"
        if proposal.failing:
            return f"{edges} would repair {what}, but then this fails: {_listed(proposal.failing)}"
        return f"{edges} would repair {what}"


MAX_LISTED = 10  # in a sentence; the attributes hold all
FRAME_COLUMNS = ["x", "y", "given", "test", "statistic", "dof", "n", "p", "p_corrected", "smallest", "holds", "note"]


def _row(implication: Implication) -> tuple:
    statement, test = implication.statement, implication.test
    names = (", ".join(names) for names in (statement.x, statement.y, statement.given))
    numbers = (test.method, test.statistic, test.dof, test.n, test.p_value)
    return (*names, *numbers, implication.p_corrected, implication.smallest, implication.holds, test.note)


def _listed(statements: Sequence[Independence]) -> str:
    more = f"; and {len(statements) - MAX_LISTED} more" if len(statements) > MAX_LISTED else ""
    return "; ".join(map(str, statements[:MAX_LISTED])) + more


def _count(number: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number] if number < len(words) else str(number)
