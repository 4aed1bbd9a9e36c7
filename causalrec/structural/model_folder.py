"""A structural model in a folder: graph, nodes and facts as JSON, arrays as safetensors. Never pickle."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.errors import DataError, MissingDataError, OutputError
from causalrec.files import replace_atomically
from causalrec.graph import CausalGraph, read_graph, write_graph
from causalrec.structural import mechanisms as known
from causalrec.structural.equations import Equations
from causalrec.structural.fitting import coding_of
from causalrec.structural.mechanisms.mechanism import Mechanism, State
from causalrec.structural.mechanisms.support import Support
from causalrec.structural.nodes import Node

if TYPE_CHECKING:
    from causalrec.structural.model import StructuralModel

__all__ = ["read", "write"]

ARRAYS, SETTINGS = "arrays.safetensors", "structural_model.json"
SUPPORT = ("cells", "low", "high", "centre", "precision")


def write(model: StructuralModel, folder: str | Path) -> Path:
    """Write a fitted model; the refits too, for they are its errors."""
    from safetensors.numpy import save_file

    arrays: dict[str, np.ndarray] = {}
    folder = Path(folder)
    facts = [_facts(one, number, arrays) for number, one in enumerate((model.equations_, *model.refits_))]
    for place, node in enumerate(model.equations_.parents):
        if node in model.supports_:
            support = model.supports_[node]
            arrays |= {f"support {place} {name}": getattr(support, name) for name in SUPPORT}
    content = {
        "model": "StructuralModel", "graph": write_graph(model.graph, "json"), "n_refits": int(model.n_refits),
        "random_state": int(model.random_state), "n": model.n_, "n_clusters": model.n_clusters_,
        "columns": {node: [names] if isinstance(names, str) else list(names) for node, names in model.columns_.items()},
        "parents": model.equations_.parents, "mechanisms": facts,
        "templates": {node: _template(node, one) for node, one in model.templates_.items()},
        "nodes": [[one.name, one.kind, list(one.levels), one.n_columns] for one in model.nodes_.values()],
        "largest": {node: support.largest for node, support in model.supports_.items()},
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False)
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot make the folder {str(folder)!r}: {error.strerror}.") from error
    replace_atomically(folder / ARRAYS, lambda path: save_file(whole, str(path)))
    replace_atomically(folder / SETTINGS, lambda path: path.write_text(text, encoding="utf-8"))
    return folder


def read(cls: type[StructuralModel], folder: str | Path) -> Any:
    """The model as it was written."""
    from safetensors.numpy import load_file

    folder = Path(folder)
    missing = [name for name in (SETTINGS, ARRAYS) if not (folder / name).is_file()]
    if missing:
        raise MissingDataError(f"{str(folder)!r} holds no structural model: {', '.join(missing)} is not there.")
    content = _content(folder / SETTINGS)
    arrays = load_file(folder / ARRAYS)
    graph = read_graph(content["graph"], format="json")
    assert isinstance(graph, CausalGraph)
    model = cls(graph, n_refits=content["n_refits"], random_state=content["random_state"])
    model.nodes_ = {name: Node(name, kind, tuple(levels), width) for name, kind, levels, width in content["nodes"]}
    model.n_, model.n_clusters_, model.columns_ = content["n"], content["n_clusters"], content["columns"]
    parents = {node: tuple(names) for node, names in content["parents"].items()}
    codings = {node: coding_of(node, parents, model.nodes_) for node in parents}
    model.templates_ = {node: _unfitted(one) for node, one in content["templates"].items()}
    model.equations_, *refits = [
        Equations(parents, {
            node: _unfitted(content["templates"][node]).restore(_state(facts, arrays, number, place), codings[node])
            for place, (node, facts) in enumerate(one.items())
        })
        for number, one in enumerate(content["mechanisms"])
    ]  # fmt: skip
    model.refits_ = tuple(refits)
    places = {node: place for place, node in enumerate(parents)}
    model.supports_ = {
        node: Support(
            codings[node], **{name: arrays[f"support {places[node]} {name}"] for name in SUPPORT}, largest=largest
        )
        for node, largest in content["largest"].items()
    }
    return model


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{str(path)!r} is not whole, or no JSON: {error}. Save the model again.") from error
    if not isinstance(content, dict) or content.get("model") != "StructuralModel":
        raise DataError(f"{str(path)!r} holds no structural model; give the folder that StructuralModel.save wrote.")
    return content


def _facts(equations: Equations, number: int, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Facts of each mechanism; its arrays go into `arrays`, by the number of the refit and the place of the node."""
    found = {}
    for place, (node, mechanism) in enumerate(equations.mechanisms.items()):
        try:
            state = mechanism.state()
        except OutputError as error:
            raise OutputError(f"The mechanism of {node!r} cannot be saved: {error}.") from error
        arrays |= {f"{number} {place} {name}": array for name, array in state.arrays.items()}
        found[node] = dict(state.facts)
    return found


def _state(facts: dict[str, Any], arrays: dict[str, np.ndarray], number: int, place: int) -> State:
    start = f"{number} {place} "
    return State(facts, {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)})


def _template(node: str, mechanism: Mechanism) -> dict[str, Any]:
    kind = type(mechanism).__name__
    if getattr(known, kind, None) is not type(mechanism):
        raise OutputError(f"The mechanism of {node!r} is {kind}, a class of your own, which cannot be saved here.")
    names = [name for name in inspect.signature(type(mechanism)).parameters if hasattr(mechanism, name)]
    return {"kind": kind, "parameters": {name: getattr(mechanism, name) for name in names}}


def _unfitted(template: dict[str, Any]) -> Mechanism:
    if template["kind"] not in known.__all__:
        raise DataError(f"The folder holds a mechanism {template['kind']!r}, which this version does not have.")
    return getattr(known, template["kind"])(**template["parameters"])
