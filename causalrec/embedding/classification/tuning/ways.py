"""Ways to tune a network, each with its few parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from causalrec.errors import DataError
from causalrec.training.ranges import check_number, check_whole
from causalrec.training.run_record import plain_values

__all__ = [
    "BottleneckAdapters", "LoRA", "PrefixTuning", "PromptTuning", "Tuning", "check_tuning", "n_virtual_tokens",
    "named_tuning", "told_tuning", "tuning_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoRA:
    """Low-rank adapters beside weights W of the trunk: W + scale * B A (Hu et al. 2022, ICLR); needs `peft`.

    Attributes
    ----------
    rank : int
        Rows of A, columns of B.
    scale : float
        peft's alpha / rank.
    dropout : float
        Of what goes into the adapters, in [0, 1).
    modules : tuple of str, optional
        Last names of the linear maps that get one. Default: queries and values, where peft knows the model.

    Raises
    ------
    DataError : a value out of its range.

    Examples
    --------
    >>> LoRA(rank=4)
    LoRA(rank=4, scale=2.0, dropout=0.0, modules=None)
    """

    rank: int = 8
    scale: float = 2.0
    dropout: float = 0.0
    modules: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_whole("rank", self.rank)
        check_number("scale", self.scale, above=0)
        check_number("dropout", self.dropout, below=1)
        _check_modules(self.modules)


@dataclass(frozen=True, slots=True)
class PromptTuning:
    """Vectors before those of the text, as if they were tokens (Lester et al. 2021, EMNLP); needs `peft` to learn.

    They begin as the vectors of random tokens. The model reads so many tokens less of a text. A model whose head
    reads the first token (BERT's) reads the first of these.

    Attributes
    ----------
    n_tokens : int

    Raises
    ------
    DataError : no whole number of 1 or more.
    """

    n_tokens: int = 16

    def __post_init__(self) -> None:
        check_whole("n_tokens", self.n_tokens)


@dataclass(frozen=True, slots=True)
class PrefixTuning:
    """Keys and values before those of the text, in each layer (Li, Liang 2021, ACL); needs `peft` to learn.

    The model must be one that takes a cache of keys and values. It reads so many tokens less of a text.

    Attributes
    ----------
    n_tokens : int

    Raises
    ------
    DataError : no whole number of 1 or more.
    """

    n_tokens: int = 16

    def __post_init__(self) -> None:
        check_whole("n_tokens", self.n_tokens)


@dataclass(frozen=True, slots=True)
class BottleneckAdapters:
    """h + U gelu(D h + a) + b behind the last linear map of each attention and feed-forward block.

    After Houlsby et al. 2019 (ICML); the trunk's normalisations stay as they are. Needs no other package.

    Attributes
    ----------
    size : int
        Rows of D, columns of U.
    modules : tuple of str, optional
        Last names of the linear maps to follow. Default: those of BERT, its kin, and common decoders.

    Raises
    ------
    DataError : a value out of its range.
    """

    size: int = 16
    modules: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_whole("size", self.size)
        _check_modules(self.modules)


Tuning: TypeAlias = Literal["full", "frozen"] | LoRA | PromptTuning | PrefixTuning | BottleneckAdapters

_PLAIN = ("full", "frozen")
_WAYS: dict[str, Any] = {
    "lora": LoRA,
    "prompts": PromptTuning,
    "prefixes": PrefixTuning,
    "adapters": BottleneckAdapters,
}


def check_tuning(tuning: object) -> None:
    """Refuse what is no way to tune.

    Raises
    ------
    DataError : it is none.
    """
    if not isinstance(tuning, tuple(_WAYS.values())) and not (isinstance(tuning, str) and tuning in _PLAIN):
        ways = ", ".join(f"{way.__name__}(...)" for way in _WAYS.values())
        raise DataError(f"tuning is {tuning!r}; it is one of 'full', 'frozen', {ways}.")


def n_virtual_tokens(tuning: Tuning) -> int:
    """How many tokens stand before each text."""
    return int(tuning.n_tokens) if isinstance(tuning, PromptTuning | PrefixTuning) else 0


def named_tuning(name: str) -> Tuning:
    """The way that a command line names: "full", "frozen", or "lora", "prompts", "prefixes", "adapters" with a size.

    Raises
    ------
    DataError : another name, or a size that is no whole number of 1 or more.

    Examples
    --------
    >>> named_tuning("lora:4").rank, named_tuning("prompts").n_tokens
    (4, 16)
    """
    way, colon, size = name.partition(":")
    if way in _PLAIN and not colon:
        return way  # type: ignore[return-value]
    if way not in _WAYS or (colon and not (size.isdecimal() and int(size))):
        sized = ", ".join(f"{known} or {known}:8" for known in _WAYS)
        raise DataError(f"tuning is {name!r}; give full, frozen, {sized}.")
    found: Tuning = _WAYS[way](int(size)) if colon else _WAYS[way]()
    return found


def told_tuning(tuning: Tuning) -> str | dict[str, Any]:
    """The way as JSON values.

    Examples
    --------
    >>> told_tuning(PromptTuning(8))
    {'way': 'PromptTuning', 'n_tokens': 8}
    """
    if isinstance(tuning, str):
        return tuning
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(tuning).items()}
    return {"way": type(tuning).__name__, **plain_values(values)}


def tuning_of(told: str | Mapping[str, Any]) -> Tuning:
    """The way that `told_tuning` told.

    Raises
    ------
    DataError, KeyError, TypeError : it told none.
    """
    if isinstance(told, str):
        check_tuning(told)
        return told  # type: ignore[return-value]
    ways: dict[str, Any] = {way.__name__: way for way in _WAYS.values()}
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    found: Tuning = ways[values.pop("way")](**values)
    return found


def _check_modules(modules: object) -> None:
    if modules is None:
        return
    if not isinstance(modules, tuple) or not modules or not all(isinstance(name, str) and name for name in modules):
        raise DataError(f'modules is {modules!r}; give a tuple of names, such as ("query", "value").')
