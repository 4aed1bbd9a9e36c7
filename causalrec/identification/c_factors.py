"""Q[S]: the distribution of a set of nodes when all others are set, from the observed distribution.

References
----------
Tian, Pearl (2002), AAAI; Shpitser, Pearl (2006), AAAI. Line numbers are those of algorithm ID in
the second, for the query P(s | do(all others)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from causalrec.identification.confounding import Confounding
from causalrec.identification.deadline import Deadline
from causalrec.identification.expression.algebra import product, quotient, summed
from causalrec.identification.expression.tree import Expression, Probability

__all__ = ["HedgeFound", "c_factor"]

Factors = Mapping[int, Expression]


class HedgeFound(Exception):
    """The set is no function of the observed distribution: ID ends by it, and its caller says what it means.

    Attributes
    ----------
    larger, smaller : frozenset of int
        Nodes of the two forests of the hedge.
    """

    def __init__(self, larger: frozenset[int], smaller: frozenset[int]):
        self.larger, self.smaller = larger, smaller
        super().__init__()


def c_factor(model: Confounding, members: frozenset[int], deadline: Deadline) -> Expression:
    """Q[members] as an expression.

    Parameters
    ----------
    model : Confounding
    members : frozenset of int
        A c-component of a subgraph.
    deadline : Deadline

    Raises
    ------
    HedgeFound : it is not identifiable.
    UndecidedError : the deadline has passed.
    """
    first = min(members)
    district = model.district(first, range(len(model.names)))
    factors: Factors = {node: _observed(model, node, deadline) for node in district}
    while district != members:  # else line 6: the product of the conditionals
        deadline.check()
        kept = model.ancestors(members, district)  # line 2
        if kept == district:  # line 5
            raise HedgeFound(district, members)
        inner = model.district(first, kept)
        if inner == kept == members:  # line 6: the product of all conditionals of the margin is the margin
            return _margin(model, factors, district - kept, district)
        # Line 6 or 7: the conditionals of the margin over `kept`, of the nodes in `inner`.
        factors = {node: _conditional(model, factors, district - kept, node, deadline) for node in inner}
        district = inner
    return product(factors[node] for node in sorted(members, reverse=True))


def _observed(model: Confounding, node: int, deadline: Deadline) -> Expression:
    deadline.check()
    given = sorted(model.pillow(node))
    return Probability((model.names[node],), tuple(model.names[end] for end in given))


def _conditional(
    model: Confounding, factors: Factors, dropped: frozenset[int], node: int, deadline: Deadline
) -> Expression:
    """P(node | nodes before it) where P is the product of `factors`, summed over `dropped`."""
    deadline.check()
    before = {end for end in factors if end < node}
    touching = _connected(model, factors, dropped & before, node, before)
    above = _margin(model, factors, dropped & touching, touching)
    below = _margin(model, factors, dropped & touching, touching - {node})
    return quotient(above, below)


def _connected(
    model: Confounding, factors: Factors, dropped: frozenset[int], node: int, before: Iterable[int]
) -> frozenset[int]:
    """Factors that a chain of dropped nodes joins to that of `node`: all others cancel in the quotient."""
    hidden = {model.names[end] for end in dropped}
    users: dict[str, list[int]] = {name: [] for name in hidden}
    for end in (*before, node):
        for name in factors[end].free & hidden:
            users[name].append(end)
    found, stack = {node}, [node]
    while stack:
        for name in factors[stack.pop()].free & hidden:
            joined = [end for end in users.pop(name, ()) if end not in found]
            found.update(joined)
            stack += joined
    return frozenset(found)


def _margin(model: Confounding, factors: Factors, dropped: Iterable[int], ends: Iterable[int]) -> Expression:
    over = [model.names[end] for end in sorted(dropped)]
    return summed(over, product(factors[end] for end in sorted(ends, reverse=True)))
