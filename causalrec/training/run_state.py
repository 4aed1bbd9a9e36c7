"""A run's state as tensors and JSON, and back: what makes a resumed run end with the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from causalrec.training.checkpoints import Checkpoint
from causalrec.training.run_record import Epoch

if TYPE_CHECKING:
    import torch

__all__ = ["Position", "learned_weights", "packed", "restore_weights", "unpack"]

Tensors = dict[str, "torch.Tensor"]


@dataclass(slots=True)
class Position:
    """How far a run is; `loss_sum` over `n_rows` rows, `seconds` and `cpu_seconds` are of the running epoch."""

    step: int = 0
    n_batches: int = 0
    loss_sum: float = 0.0
    n_rows: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    epochs: list[Epoch] = field(default_factory=list)
    best: float | None = None
    best_epoch: int = 0
    over: bool = False
    resumed: list[int] = field(default_factory=list)


def learned_weights(module: torch.nn.Module) -> Tensors:
    """Copies of what a run changes: weights that learn, and buffers such as running means."""
    kept = set(module.state_dict(keep_vars=True))
    weights = {name: weight for name, weight in module.named_parameters() if weight.requires_grad}
    buffers = {name: buffer for name, buffer in module.named_buffers() if name in kept}
    return {name: tensor.detach().cpu().clone() for name, tensor in {**weights, **buffers}.items()}


def restore_weights(module: torch.nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Put copies back in place."""
    import torch

    places = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    with torch.no_grad():
        for name, tensor in weights.items():
            places[name].copy_(tensor)


def packed(
    module: torch.nn.Module, optimizer: torch.optim.Optimizer, best: Tensors, position: Position,
    identity: Mapping[str, object],
) -> Checkpoint:  # fmt: skip
    """Everything that the next step depends on."""
    tensors = {
        **_named("weights", learned_weights(module)), **_named("best", best),
        **_named("random", _random_states(module)),
    }  # fmt: skip
    state = optimizer.state_dict()
    for number, values in state["state"].items():
        tensors |= _named(f"optimizer.{number}", {name: value for name, value in values.items() if value is not None})
    facts = {"identity": dict(identity), "groups": state["param_groups"], "position": asdict(position)}
    return Checkpoint(tensors, facts)


def unpack(
    checkpoint: Checkpoint, module: torch.nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[Position, Tensors]:
    """Set module, optimizer and random numbers to where they were; the position and the best weights so far."""
    tensors = checkpoint.tensors
    restore_weights(module, _part("weights", tensors))
    states: dict[int, Tensors] = {}
    for name, tensor in _part("optimizer", tensors).items():
        number, _, key = name.partition(".")
        states.setdefault(int(number), {})[key] = tensor
    optimizer.load_state_dict({"state": states, "param_groups": checkpoint.facts["groups"]})
    _set_random_states(module, _part("random", tensors))
    position = Position(**checkpoint.facts["position"])
    position.epochs = [Epoch(**epoch) for epoch in checkpoint.facts["position"]["epochs"]]
    return position, _part("best", tensors)


def _named(prefix: str, tensors: Mapping[str, torch.Tensor]) -> Tensors:
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def _part(prefix: str, tensors: Mapping[str, torch.Tensor]) -> Tensors:
    return {name[len(prefix) + 1 :]: tensor for name, tensor in tensors.items() if name.startswith(f"{prefix}.")}


def _random_states(module: torch.nn.Module) -> Tensors:
    import torch

    device = next(module.parameters()).device
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def _set_random_states(module: torch.nn.Module, states: Mapping[str, torch.Tensor]) -> None:
    import torch

    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"], next(module.parameters()).device)
