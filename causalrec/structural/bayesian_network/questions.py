"""Questions to tables: names come in and go out, draws travel along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

import numpy as np

from causalrec.errors import DataError, EstimationError
from causalrec.structural.bayesian_network.contraction import MAX_CELLS
from causalrec.structural.bayesian_network.distribution import Distribution, MostProbable
from causalrec.structural.bayesian_network.inference import conditional, log_evidence
from causalrec.structural.bayesian_network.most_probable import log_joint, maximal
from causalrec.structural.bayesian_network.network_effect import NetworkEffect
from causalrec.structural.bayesian_network.structure import Level, Structure

__all__ = ["distribution", "effect", "most_probable", "table"]

Tables = Sequence[np.ndarray]
Levels = Mapping[str, Level]


def distribution(
    structure: Structure, tables: Tables, draws: Tables | None, nodes: str | Iterable[str], evidence: Levels | None,
    do: Levels | None,
) -> Distribution:  # fmt: skip
    """P(nodes | evidence, do), with its error where there are draws."""
    seen, fixed = conditions_of(structure, evidence, do)
    query = structure.numbers(nodes)
    if not query:
        raise DataError("`nodes` is empty; name the nodes whose distribution is wanted.")
    if both := [structure.names[node] for node in query if node in seen or node in fixed]:
        raise DataError(f"{', '.join(map(repr, both))} stands in `nodes` and is fixed by `evidence` or `do`; drop one.")
    cells = prod(len(structure.levels[node]) for node in query) * (1 if draws is None else len(draws[0]))
    if cells > MAX_CELLS:
        raise EstimationError(
            f"The joint distribution of {len(query)} nodes with its draws has {cells:,} cells, more than "
            f"{MAX_CELLS:,}. Ask for fewer nodes at once, or lower `n_draws`."
        )
    drawn = None if draws is None else conditional(structure, draws, query, seen, fixed, drawn=True)
    return Distribution(
        tuple(structure.names[node] for node in query),
        tuple(structure.levels[node] for node in query),
        conditional(structure, tables, query, seen, fixed),
        None if drawn is None else drawn.std(axis=0, ddof=1),
        named(structure, seen), named(structure, fixed), (), drawn,
    )  # fmt: skip


def effect(
    structure: Structure, tables: Tables, draws: Tables | None, n: float, treatment: str, outcome: str,
    levels: tuple[Level, Level] | None, evidence: Levels | None,
) -> NetworkEffect:  # fmt: skip
    """Difference of the outcome's mean between two levels that the treatment is set to."""
    (node,), (target,) = structure.numbers([treatment]), structure.numbers([outcome])
    pair = contrast(structure, node, levels)
    seen, _ = conditions_of(structure, evidence, None)
    refuse_effects(structure, node, target, seen)
    values = values_of(structure, target)
    ways = [{node: code} for code in pair]
    means = [float(conditional(structure, tables, (target,), seen, way) @ values) for way in ways]
    if draws is None:
        drawn, errors, spread = None, None, None
    else:
        each = [conditional(structure, draws, (target,), seen, way, drawn=True) @ values for way in ways]
        drawn, errors = each[1] - each[0], (float(each[0].std(ddof=1)), float(each[1].std(ddof=1)))
        spread = float(drawn.std(ddof=1))
    ends = (structure.levels[node][pair[0]], structure.levels[node][pair[1]])
    return NetworkEffect(
        means[1] - means[0], spread, treatment, outcome, ends, (means[0], means[1]), errors, n,
        named(structure, seen), drawn,
    )  # fmt: skip


def most_probable(
    structure: Structure, tables: Tables, draws: Tables | None, evidence: Levels | None, do: Levels | None
) -> MostProbable:
    """The most probable levels of all other nodes, their probability and its error."""
    seen, fixed = conditions_of(structure, evidence, do)
    log_chance = log_evidence(structure, tables, seen, fixed)
    found = maximal(structure, tables, seen, fixed)
    codes = {**seen, **fixed, **found}
    probability = float(np.exp(log_joint(structure, tables, codes, fixed) - log_chance))
    stderr = None
    if draws is not None:
        joint = log_joint(structure, draws, codes, fixed)
        stderr = float(np.exp(joint - log_evidence(structure, draws, seen, fixed, drawn=True)).std(ddof=1))
    return MostProbable(named(structure, found), probability, stderr, named(structure, seen), named(structure, fixed))


def table(structure: Structure, tables: Tables, draws: Tables | None, node: str) -> Distribution:
    """The conditional table of one node."""
    (number,) = structure.numbers([node])
    family = structure.family(number)
    names = tuple(structure.names[member] for member in family)
    drawn = None if draws is None else draws[number]
    stderr = None if drawn is None else drawn.std(axis=0, ddof=1)
    levels = tuple(structure.levels[member] for member in family)
    return Distribution(names, levels, tables[number], stderr, given=names[:-1], draws=drawn)


def conditions_of(
    structure: Structure, evidence: Levels | None, do: Levels | None
) -> tuple[dict[int, int], dict[int, int]]:
    """What was seen and what was set, in numbers; no node is both."""
    seen, fixed = structure.codes(evidence, "evidence"), structure.codes(do, "do")
    if both := [structure.names[node] for node in seen if node in fixed]:
        raise DataError(f"{', '.join(map(repr, both))} is both set by `do` and seen as `evidence`; drop one.")
    return seen, fixed


def contrast(structure: Structure, node: int, levels: tuple[Level, Level] | None) -> tuple[int, int]:
    """Two levels of the treatment."""
    name, own = structure.names[node], structure.levels[node]
    if levels is None and len(own) != 2:
        raise DataError(f"{name!r} has {len(own)} levels; say from which to which, such as levels={own[:2]!r}.")
    pair = own if levels is None else levels
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise DataError(f"`levels` is a pair of levels of {name!r}, from and to, not {levels!r}.")
    found = [structure.codes({name: level}, "levels")[node] for level in pair]
    if found[0] == found[1]:
        raise DataError(f"`levels` names {pair[0]!r} twice; an effect compares two levels of {name!r}.")
    return found[0], found[1]


def refuse_effects(structure: Structure, node: int, target: int, seen: Mapping[int, int]) -> None:
    """Refuse an outcome or evidence that makes the question none."""
    treatment, outcome = structure.names[node], structure.names[target]
    if node == target or target in seen:
        raise DataError(f"{outcome!r} is the outcome; it cannot be the treatment or `evidence` too.")
    below = structure.graph.descendants(treatment)
    if after := [structure.names[other] for other in seen if structure.names[other] in below]:
        raise DataError(
            f"`evidence` names {', '.join(map(repr, after))}, which {treatment!r} is or affects; an effect is asked "
            f"for among units that were told apart before. See query(..., do=...) for what is seen after."
        )


def values_of(structure: Structure, node: int) -> np.ndarray:
    """Levels of the outcome as numbers."""
    levels = structure.levels[node]
    if any(isinstance(level, str) for level in levels):
        raise DataError(
            f"{structure.names[node]!r} has the levels {list(levels)}, which are no numbers and have no mean. Code it "
            f"as 0 and 1, or compare query({structure.names[node]!r}, do=...)."
        )
    return np.array(levels, dtype=float)


def named(structure: Structure, codes: Mapping[int, int]) -> dict[str, Level]:
    """Names and levels of numbers."""
    return {structure.names[node]: structure.levels[node][code] for node, code in codes.items()}
