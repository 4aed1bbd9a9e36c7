"""Products, sums and quotients in short form, by rules that hold for every distribution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from causalrec.identification.expression.tree import Expression, Probability, Product, Quotient, Sum

__all__ = ["ONE", "product", "quotient", "simplified", "summed"]

ONE = Product(())
_ORDER = {Probability: 0, Quotient: 1, Product: 2, Sum: 3}


def product(factors: Iterable[Expression]) -> Expression:
    """Product without products inside and with sums last; what quotients have in common is cancelled.

    >>> print(product([Probability(("z",)), product([]), product([Probability(("y",), ("z",))])]))
    P(z) P(y | z)
    """
    flat = [part for factor in factors for part in _factors(factor)]
    flat = sorted(_cancelled(flat), key=lambda part: _ORDER[type(part)])
    return flat[0] if len(flat) == 1 else Product(tuple(flat))


def summed(over: Iterable[str], term: Expression) -> Expression:
    """Sum of `term`: margins are taken, and factors without a variable of the sum stand before it.

    >>> print(summed(["m"], product([Probability(("y",), ("x", "m")), Probability(("m",), ("x",))])))
    P(y | x)
    """
    over = tuple(dict.fromkeys(over))
    while isinstance(term, Sum) and not frozenset(over).intersection(term.over):
        over, term = (*over, *term.over), term.term
    if not over:
        return term
    factors, over = _marginalised(_factors(term), over)
    bound = frozenset(over)
    outside = [factor for factor in factors if not bound & factor.free]
    inside = product(factor for factor in factors if bound & factor.free)
    if not over:
        return product(outside)
    return product([*outside, Sum(over, inside)])


def quotient(numerator: Expression, denominator: Expression) -> Expression:
    """Quotient without common factors; P(y, z) / P(z) is P(y | z).

    >>> print(quotient(Probability(("y", "z")), Probability(("z",))))
    P(y | z)
    """
    above, below = list(_factors(numerator)), []
    for factor in _factors(denominator):
        if factor in above:
            above.remove(factor)
        else:
            below.append(factor)
    if not below:
        return product(above)
    if len(above) == len(below) == 1 and (conditional := _conditional(above[0], below[0])):
        return conditional
    return Quotient(product(above), product(below))


def simplified(expression: Expression) -> Expression:
    """`expression` built anew by the rules above, from its leaves up."""
    known: dict[int, Expression] = {}

    def visit(part: Expression) -> Expression:
        if id(part) not in known:
            known[id(part)] = _rebuilt(part, visit)
        return known[id(part)]

    return visit(expression)


def _rebuilt(part: Expression, visit) -> Expression:
    if isinstance(part, Product):
        return product(map(visit, part.factors))
    if isinstance(part, Sum):
        return summed(part.over, visit(part.term))
    if isinstance(part, Quotient):
        return quotient(visit(part.numerator), visit(part.denominator))
    return part


def _factors(expression: Expression) -> tuple[Expression, ...]:
    return expression.factors if isinstance(expression, Product) else (expression,)


def _cancelled(factors: list[Expression]) -> list[Expression]:
    """(a / b) b is a, and (a / b) (b / c) is a / c: so conditionals of a derived distribution telescope."""
    for one in factors:
        if not isinstance(one, Quotient):
            continue
        for other in factors:
            above, below = (other.numerator, other.denominator) if isinstance(other, Quotient) else (other, ONE)
            if one is not other and above == one.denominator:
                rest = [factor for factor in factors if factor is not one and factor is not other]
                return _cancelled([*rest, *_factors(quotient(one.numerator, below))])
    return factors


def _conditional(numerator: Expression, denominator: Expression) -> Probability | None:
    if not isinstance(numerator, Probability) or not isinstance(denominator, Probability):
        return None
    inner = frozenset(denominator.variables)
    if frozenset(numerator.given) != frozenset(denominator.given) or not inner < frozenset(numerator.variables):
        return None
    left = tuple(name for name in numerator.variables if name not in inner)
    return Probability(left, (*denominator.variables, *numerator.given))


def _marginalised(factors: Sequence[Expression], over: tuple[str, ...]) -> tuple[list[Expression], tuple[str, ...]]:
    """Factors and variables that are left when all sums that give a margin are taken."""
    parts = dict(enumerate(factors))
    where: dict[str, set[int]] = {name: set() for name in over}
    for number, part in parts.items():
        _register(part, number, where)
    pending, n_before = tuple(reversed(over)), len(over) + 1
    while len(pending) < n_before:
        n_before = len(pending)
        pending = tuple(name for name in pending if not _take_margin(name, parts, where))
    left = frozenset(pending)
    return [parts[number] for number in sorted(parts)], tuple(name for name in over if name in left)


def _register(part: Expression, number: int, where: dict[str, set[int]]) -> None:
    for name in part.free:
        if name in where:
            where[name].add(number)


def _take_margin(name: str, parts: dict[int, Expression], where: dict[str, set[int]]) -> bool:
    numbers = sorted(where[name])
    margin = _margin(name, [parts[number] for number in numbers])
    if margin is None:
        return False
    for number in numbers:
        for shared in parts.pop(number).free.intersection(where):
            where[shared].discard(number)
    if margin != ONE:
        parts[numbers[0]] = margin
        _register(margin, numbers[0], where)
    return True


def _margin(name: str, factors: list[Expression]) -> Expression | None:
    """Sum over `name` of the product of `factors`, all of which name it; None where it stays a sum."""
    if len(factors) == 1 and isinstance(factors[0], Quotient):
        fraction = factors[0]
        if name in fraction.denominator.free:
            return None
        above = summed((name,), fraction.numerator)
        return None if isinstance(above, Sum) and name in above.over else quotient(above, fraction.denominator)
    joined = _joined([factor for factor in factors if isinstance(factor, Probability)])
    if joined is None or len(factors) != sum(isinstance(factor, Probability) for factor in factors):
        return None
    if name not in joined.variables:
        return None
    left = tuple(variable for variable in joined.variables if variable != name)
    return Probability(left, joined.given) if left else ONE


def _joined(factors: list[Probability]) -> Probability | None:
    """P(a | b, c) P(b | c) is P(a, b | c): all factors as one probability, or None."""
    chain = sorted(factors, key=lambda factor: len(factor.free), reverse=True)
    if not chain or not all(_follows(upper, lower) for upper, lower in pairwise(chain)):
        return None
    return Probability(tuple(name for factor in chain for name in factor.variables), chain[-1].given)


def _follows(upper: Probability, lower: Probability) -> bool:
    return len(upper.given) == len(lower.free) and lower.free.issuperset(upper.given)
