"""A network as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from causalrec.errors import DataError, MissingDataError
from causalrec.files import replace_atomically
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network.stated_tables import checked_table
from causalrec.structural.bayesian_network.structure import Structure, structure_of

__all__ = ["arrays", "history_from", "read", "structure_from", "tables_from", "write"]

FORMAT = "causalrec Bayesian network, version 1"


def write(path: str | Path, structure: Structure, parts: Mapping[str, Any]) -> Path:
    """Write the structure and further parts; a reader never sees half a file."""
    document = {
        "format": FORMAT,
        "nodes": list(structure.names),
        "edges": [list(edge) for edge in structure.graph.edges],
        "latent": sorted(structure.graph.latent),
        "levels": {name: list(own) for name, own in zip(structure.names, structure.levels, strict=True)},
        **parts,
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return replace_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def read(path: str | Path) -> dict[str, Any]:
    """The document of a file.

    Raises
    ------
    MissingDataError : no such file.
    DataError : another format.
    """
    if not Path(path).is_file():
        raise MissingDataError(f"There is no file {str(path)!r}.")
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{str(path)!r} is no JSON: {error}.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DataError(f"{str(path)!r} holds no network that `save` wrote: its format is not {FORMAT!r}.")
    return document


def structure_from(document: Mapping[str, Any]) -> Structure:
    """The structure of a document."""
    try:
        edges = [(cause, effect) for cause, effect in document["edges"]]
        graph = CausalGraph(edges, nodes=document["nodes"], latent=document["latent"])
        levels = {name: tuple(document["levels"][name]) for name in graph.nodes}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"The saved network is damaged: {error!r}.") from error
    return structure_of(graph, levels)


def tables_from(structure: Structure, document: Mapping[str, Any]) -> list[np.ndarray]:
    """The tables of a document, checked."""
    tables = arrays(structure, document.get("tables"), ())
    return [checked_table(name, table) for name, table in zip(structure.names, tables, strict=True)]


def history_from(document: Mapping[str, Any]) -> tuple[float, float | None, tuple[float, ...]]:
    """Units, log likelihood and the objective of each step, as far as the document has them."""
    n, likelihood, objective = (document.get(name) for name in ("n", "log_likelihood", "objective"))
    try:
        return float(n or 0.0), None if likelihood is None else float(likelihood), tuple(map(float, objective or ()))
    except (TypeError, ValueError) as error:
        raise DataError(f"The saved network is damaged: {error!r}.") from error


def arrays(structure: Structure, lists: Any, leading: tuple[int, ...]) -> list[np.ndarray]:
    """One array a node, of the shape of its table behind `leading` axes."""
    shapes = [(*leading, *structure.shape(node)) for node in range(len(structure.levels))]
    try:
        found = [np.array(values, dtype=float).reshape(shape) for values, shape in zip(lists, shapes, strict=True)]
    except (TypeError, ValueError) as error:
        raise DataError(f"The saved network is damaged: its tables do not fit its levels ({error}).") from error
    return found
