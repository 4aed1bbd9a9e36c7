"""Expressions over labels, such as ``a * b``, and their gradients."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalrec.errors import GraphError, nearest
from causalrec.structural.linear_sem.derivative import jacobian

__all__ = ["Expression", "parse_expression"]

OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.Pow: lambda left, right: left**right,
}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}


@dataclass(frozen=True, slots=True)
class Expression:
    """A sum, product, quotient or power of labels and numbers.

    Attributes
    ----------
    text : str
    names : tuple of str
        Labels in it, each once.
    tree : ast.AST

    Examples
    --------
    >>> parse_expression("a * b + 1").value({"a": 2.0, "b": 3.0})
    7.0
    """

    text: str
    names: tuple[str, ...]
    tree: ast.AST

    def value(self, values: Mapping[str, Any]) -> Any:
        """Its value where each label has the value given, real or complex; not finite where there is none."""
        try:
            with np.errstate(all="ignore"):
                return _value(self.tree, values)
        except ArithmeticError:  # of Python's own numbers; numpy's go on with NaN
            return float("nan")

    def gradient(self, values: Mapping[str, float]) -> dict[str, float]:
        """Derivative with respect to each label, exact to rounding."""

        def value(theta: np.ndarray) -> np.ndarray:
            return np.array([self.value(dict(zip(self.names, theta, strict=True)))])

        slopes = jacobian(value, np.array([values[name] for name in self.names], dtype=complex))
        return dict(zip(self.names, slopes[0].tolist(), strict=True))


def parse_expression(text: str) -> Expression:
    """Read an expression of labels, numbers, + - * / ^, brackets, exp, log and sqrt.

    Raises
    ------
    GraphError : anything else.
    """
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
        names = dict.fromkeys(_names(tree, text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, GraphError):
            raise
        raise _refusal(text) from error
    return Expression(text.strip(), tuple(names), tree)


def _names(tree: ast.AST, text: str) -> list[str]:
    match tree:
        case ast.Name(id=name):
            return [name]
        case ast.Attribute():
            return [_dotted(tree, text)]
        case ast.Constant(value=int() | float()):
            return []
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            return [*_names(left, text), *_names(right, text)]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            return _names(inner, text)
        case ast.Call(func=ast.Name(id=function), args=[inner], keywords=[]):
            if function not in FUNCTIONS:
                raise GraphError(f"{text.strip()!r} has no function {nearest([function], FUNCTIONS)}.")
            return _names(inner, text)
    raise _refusal(text)


def _dotted(tree: ast.AST, text: str) -> str:
    """A label with dots, which is one name in R."""
    match tree:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_dotted(value, text)}.{name}"
    raise _refusal(text)


def _value(tree: Any, values: Mapping[str, Any]) -> Any:
    match tree:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name() | ast.Attribute():
            return values[_dotted(tree, "")]
        case ast.BinOp(left=left, op=sign, right=right):
            return OPERATORS[type(sign)](_value(left, values), _value(right, values))
        case ast.UnaryOp(op=sign, operand=inner):
            found = _value(inner, values)
            return -found if isinstance(sign, ast.USub) else found
        case ast.Call(func=ast.Name(id=function), args=[inner]):
            return FUNCTIONS[function](_value(inner, values))
    raise AssertionError(ast.dump(tree))


def _refusal(text: str) -> GraphError:
    return GraphError(
        f"{text.strip()!r} is no expression of labels: it may hold labels, numbers, + - * / ^, brackets, exp, log and "
        f"sqrt, as in a * b."
    )
