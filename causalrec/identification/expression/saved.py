"""Expressions from the values that `to_dict` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causalrec.errors import IdentificationError
from causalrec.identification.expression.tree import Expression, Probability, Product, Quotient, Sum

__all__ = ["read"]

MAX_DEPTH = 200
"""Parts within parts that a saved expression may have: more would end Python's stack."""

FIELDS = {
    "probability": {"kind", "variables", "given"},
    "product": {"kind", "factors"},
    "sum": {"kind", "over", "term"},
    "quotient": {"kind", "numerator", "denominator"},
}


def read(values: Mapping[str, Any], where: str = "the expression", depth: int = 0) -> Expression:
    """Expression that `to_dict` wrote; `where` names the part for errors."""
    kind = _kind(values, where, depth)
    try:
        if kind == "probability":
            return Probability(_listed(values["variables"]), _listed(values["given"]))
        if kind == "sum":
            return Sum(_listed(values["over"]), read(values["term"], f"the term of {where}", depth + 1))
        if kind == "quotient":
            parts = (read(values[part], f"the {part} of {where}", depth + 1) for part in ("numerator", "denominator"))
            return Quotient(*parts)
        factors = enumerate(_listed(values["factors"]), start=1)
        return Product(tuple(read(factor, f"factor {number} of {where}", depth + 1) for number, factor in factors))
    except _NotSavedError:
        raise
    except IdentificationError as error:
        raise _refused(where, str(error)) from None


class _NotSavedError(IdentificationError):
    pass


def _kind(values: Any, where: str, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise _NotSavedError(f"This is not a saved expression: it has more than {MAX_DEPTH} parts within parts.")
    if not isinstance(values, Mapping):
        raise _refused(where, f"it must be a mapping with a kind, got {type(values).__name__}.")
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in FIELDS:
        raise _refused(where, f"its kind must be one of {', '.join(FIELDS)}, got {kind!r}.")
    if set(values) != FIELDS[kind]:
        raise _refused(where, f"a {kind} has the fields {sorted(FIELDS[kind])}, got {sorted(map(str, values))}.")
    return kind


def _listed(values: Any) -> tuple:
    if not isinstance(values, list | tuple):
        raise IdentificationError(f"expected a list, got {values!r}.")
    return tuple(values)


def _refused(where: str, reason: str) -> IdentificationError:
    where = where if len(where) < 200 else f"{where[:200]}..."
    return _NotSavedError(f"This is not a saved expression; {where}: {reason}")
