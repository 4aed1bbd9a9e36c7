"""The tree of an expression: probabilities, products, sums and quotients of them.

Names are those of the graph's nodes. A sum binds its names in its own term and nowhere else, as
``lambda`` does: outside, the same name means another variable. Printing gives the inner one a prime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from causalrec.errors import IdentificationError

if TYPE_CHECKING:
    from causalrec.identification.expression.distribution import Columns, Distribution

__all__ = ["Expression", "Probability", "Product", "Quotient", "Sum"]

Names = tuple[str, ...]


class Expression:
    """A function of the observed distribution: immutable, hashable, compared by value.

    Attributes
    ----------
    free : frozenset of str
        Variables whose values it is a function of.
    names : frozenset of str
        All variables that it needs: the free ones, and those that sums bind.
    """

    __slots__ = ()
    free: frozenset[str]
    names: frozenset[str]

    def __str__(self) -> str:
        from causalrec.identification.expression.printing import text

        return text(self)

    def latex(self) -> str:
        r"""LaTeX of the expression, for math mode; names are escaped.

        >>> print(Probability(("item_text",), ("x",)).latex())
        P(\mathrm{item\_text} \mid x)
        """
        from causalrec.identification.expression.printing import latex

        return latex(self)

    def simplified(self) -> Expression:
        """An equal expression in shorter form: margins taken, chains of conditionals joined, quotients reduced.

        Only rules that hold for every distribution are used, none that the graph would add. Equal means:
        wherever nothing that the long form divides by is 0.

        >>> print(Sum(("z",), Product((Probability(("y",), ("z",)), Probability(("z",))))).simplified())
        P(y)
        """
        from causalrec.identification.expression.algebra import simplified

        return simplified(self)

    def evaluate(self, distribution: Distribution | Columns) -> Distribution:
        """Values of the expression on a discrete distribution, or on the columns of a table.

        Parameters
        ----------
        distribution : Distribution, or mapping of str to array-like
            The observed distribution. From columns only the margins that the expression names are
            counted, so that a table with many columns works.

        Returns
        -------
        Distribution
            One axis for each variable of `free`, in the order of `distribution`. For P(y | do(x)) it
            sums to one over y for each x.

        Raises
        ------
        MissingColumnsError : the distribution lacks variables.
        IdentificationError : a conditional is needed where nothing was observed (no positivity), with
            the values; or a table would be larger than `MAX_CELLS`.

        Examples
        --------
        >>> columns = {"x": [0, 0, 1, 1], "y": [0, 1, 1, 1]}
        >>> Probability(("y",), ("x",)).evaluate(columns).table
        array([[0.5, 0.5],
               [0. , 1. ]])
        """
        from causalrec.identification.expression.evaluation import evaluate

        return evaluate(self, distribution)

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        raise NotImplementedError

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Expression:
        """Expression that `to_dict` wrote.

        Raises
        ------
        IdentificationError : a part is not an expression; says where.

        Examples
        --------
        >>> print(Expression.from_dict({"kind": "probability", "variables": ["y"], "given": ["x"]}))
        P(y | x)
        """
        from causalrec.identification.expression.saved import read

        return read(values)


@dataclass(frozen=True, slots=True)
class Probability(Expression):
    """P(variables | given): a margin or a conditional of the observed distribution.

    Attributes
    ----------
    variables : tuple of str
        At least one.
    given : tuple of str
    """

    variables: Names
    given: Names = ()
    free: frozenset[str] = field(init=False, repr=False, compare=False)
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("variables", "given"):
            object.__setattr__(self, name, _checked(getattr(self, name), f"`{name}` of a probability"))
        if not self.variables:
            raise IdentificationError("A probability is of at least one variable.")
        if both := frozenset(self.variables).intersection(self.given):
            raise IdentificationError(f"{sorted(both)} is on both sides of the bar of a probability.")
        object.__setattr__(self, "free", frozenset((*self.variables, *self.given)))
        object.__setattr__(self, "names", self.free)

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return {"kind": "probability", "variables": list(self.variables), "given": list(self.given)}


@dataclass(frozen=True, slots=True)
class Product(Expression):
    """Product of its factors; of none, it is the number one.

    Attributes
    ----------
    factors : tuple of Expression
    """

    factors: tuple[Expression, ...]
    free: frozenset[str] = field(init=False, repr=False, compare=False)
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "factors", tuple(self.factors))
        for factor in self.factors:
            _refuse_other(factor)
        object.__setattr__(self, "free", frozenset().union(*(factor.free for factor in self.factors)))
        object.__setattr__(self, "names", frozenset().union(*(factor.names for factor in self.factors)))

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return {"kind": "product", "factors": [factor.to_dict() for factor in self.factors]}


@dataclass(frozen=True, slots=True)
class Sum(Expression):
    """Sum of `term` over all values of `over`.

    Attributes
    ----------
    over : tuple of str
        Variables that the sum binds; at least one.
    term : Expression
    """

    over: Names
    term: Expression
    free: frozenset[str] = field(init=False, repr=False, compare=False)
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "over", _checked(self.over, "`over` of a sum"))
        _refuse_other(self.term)
        if not self.over:
            raise IdentificationError("A sum is over at least one variable.")
        object.__setattr__(self, "free", self.term.free.difference(self.over))
        object.__setattr__(self, "names", self.term.names.union(self.over))

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return {"kind": "sum", "over": list(self.over), "term": self.term.to_dict()}


@dataclass(frozen=True, slots=True)
class Quotient(Expression):
    """`numerator` divided by `denominator`.

    Attributes
    ----------
    numerator, denominator : Expression
    """

    numerator: Expression
    denominator: Expression
    free: frozenset[str] = field(init=False, repr=False, compare=False)
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _refuse_other(self.numerator)
        _refuse_other(self.denominator)
        object.__setattr__(self, "free", self.numerator.free | self.denominator.free)
        object.__setattr__(self, "names", self.numerator.names | self.denominator.names)

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        parts = {"numerator": self.numerator.to_dict(), "denominator": self.denominator.to_dict()}
        return {"kind": "quotient", **parts}


def _checked(names: Any, what: str) -> Names:
    names = (names,) if isinstance(names, str) else names
    if not isinstance(names, tuple | list) or not all(isinstance(name, str) and name for name in names):
        raise IdentificationError(f"{what[0].upper()}{what[1:]} are names that are not empty, got {names!r}.")
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise IdentificationError(f"{what[0].upper()}{what[1:]} name {twice} twice.")
    return tuple(names)


def _refuse_other(part: Any) -> None:
    if not isinstance(part, Expression):
        raise IdentificationError(f"Expected an expression such as Probability(('y',), ('x',)), got {part!r}.")
