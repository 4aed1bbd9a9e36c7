"""Which columns of a design belong together as one benchmark, and the design without some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from causalrec.data.design import Design
from causalrec.errors import DataError, MissingColumnsError

__all__ = ["asked_groups", "covariate_groups", "without_columns"]

MISSING = " missing"  # what a column that says where a value was missing has after its name


def covariate_groups(design: Design) -> dict[str, tuple[str, ...]]:
    """Columns by what they stand for: a number, the indicators of a category, or a whole block such as text.

    Examples
    --------
    >>> names = ("age", "age missing", "brand=b", "brand=c")
    >>> covariate_groups(Design(np.zeros(3), np.zeros((3, 1)), np.zeros((3, 4)), (), {}, covariate_names=names))
    {'age': ('age', 'age missing'), 'brand': ('brand=b', 'brand=c')}
    """
    found: dict[str, list[str]] = {}
    for name in design.covariate_names:
        found.setdefault(_owner(name, design.covariate_names), []).append(name)
    groups = {name: tuple(columns) for name, columns in found.items()}
    return groups | {block.name: block.names for block in design.blocks}


def asked_groups(
    design: Design, groups: Mapping[str, Sequence[str]] | Sequence[str] | None
) -> dict[str, tuple[str, ...]]:
    """Benchmarks as columns: all groups of a design, some by name, or those that the caller puts together.

    Parameters
    ----------
    design : Design
    groups : mapping of str to sequence of str, sequence of str, or None
        Name to columns or names of groups; names of groups; None for every group.

    Raises
    ------
    MissingColumnsError : a name that is neither a column nor a group.
    DataError : a group without columns, or what is no name.
    """
    known = covariate_groups(design)
    if groups is None:
        return known
    wanted = groups if isinstance(groups, Mapping) else {name: (name,) for name in _names(groups)}
    columns = {name: (name,) for name in design.matrix_names} | known
    parts = {name: _names(part) for name, part in wanted.items()}
    if lost := [part for listed in parts.values() for part in listed if part not in columns]:
        raise MissingColumnsError(lost, "covariates", columns)
    if empty := [name for name, listed in parts.items() if not listed]:
        raise DataError(f"The benchmark {empty[0]!r} has no columns: name at least one of {', '.join(known)}.")
    return {
        name: tuple(dict.fromkeys(column for part in listed for column in columns[part]))
        for name, listed in parts.items()
    }


def without_columns(design: Design, names: Sequence[str]) -> Design:
    """The same rows and folds without some covariates; a block loses columns, or goes where none are left."""
    dropped = set(names)
    kept = np.array([name not in dropped for name in design.covariate_names], dtype=bool)
    blocks = []
    for block in design.blocks:
        stay = np.array([name not in dropped for name in block.names], dtype=bool)
        if stay.any():
            rest = tuple(name for name, stays in zip(block.names, stay, strict=True) if stays)
            blocks.append(replace(block, matrix=block.matrix[:, stay], names=rest))
    return replace(
        design,
        covariates=design.covariates[:, kept],
        covariate_names=tuple(name for name in design.covariate_names if name not in dropped),
        blocks=tuple(blocks),
        keys=design.row_keys(),
    )


def _names(given: Sequence[str]) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else None
    if names is None or not all(isinstance(name, str) for name in names):
        raise DataError(f"Benchmarks are names, or a name for each list of columns; got {given!r}.")
    return names


def _owner(name: str, names: tuple[str, ...]) -> str:
    own = name.removesuffix(MISSING)
    alone = own != name and own not in names and not any(other.startswith(f"{own}=") for other in names)
    return name if alone else own.split("=", 1)[0]
