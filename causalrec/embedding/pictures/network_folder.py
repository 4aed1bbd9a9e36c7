"""A network as the folder of an ordinary model of transformers."""

from __future__ import annotations

import json
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalrec.embedding.pictures.network import USUAL_MEAN, USUAL_SCALE, PictureNetwork
from causalrec.embedding.transformer import quiet
from causalrec.errors import DataError, MissingDataError
from causalrec.training.ranges import check_whole

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

__all__ = ["read_network", "write_network"]

_FACTS = "preprocessor_config.json"
_USUAL_SIZE, _LEAST_SIZE = 224, 8


def write_network(folder: Path, whole: torch.nn.Module, network: PictureNetwork) -> None:
    """Weights, configuration, and the pictures that it takes, as transformers has them."""
    with quiet():
        whole.save_pretrained(folder)
    facts = {
        "image_processor_type": "ViTImageProcessor", "do_resize": True, "do_rescale": True, "do_normalize": True,
        "rescale_factor": 1 / 255, "resample": 2, "size": {"height": network.size, "width": network.size},
        "image_mean": network.mean, "image_std": network.scale,
    }  # fmt: skip
    (folder / _FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def read_network(folder: Path) -> PictureNetwork:
    """The trunk of a ResNet that transformers wrote, with or without a head.

    Raises
    ------
    MissingDataError : no such folder, or one without configuration or weights.
    DataError : another kind of model, weights that only pickle can read, or broken files.
    """
    _check_files(folder)
    from safetensors import SafetensorError

    try:
        config = _json(folder / "config.json")
        if config.get("model_type") != "resnet":
            raise DataError(
                f"The model in {str(folder)!r} is a {config.get('model_type')!r}; only a 'resnet' reads pictures here."
            )
        return _described(_loaded(folder), folder)
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise DataError(f"The model in {str(folder)!r} cannot be loaded ({type(error).__name__}): {error}") from error


def _loaded(folder: Path) -> PreTrainedModel:
    from transformers import ResNetModel

    with quiet():
        trunk, report = ResNetModel.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    if report["missing_keys"]:
        raise DataError(f"The model in {str(folder)!r} lacks the weights {min(report['missing_keys'])!r}.")
    return trunk.float().eval()


def _described(trunk: PreTrainedModel, folder: Path) -> PictureNetwork:
    facts = _json(folder / _FACTS) if (folder / _FACTS).is_file() else {}
    size = facts.get("size", _USUAL_SIZE)
    if isinstance(size, dict):
        size = size.get("height", size.get("shortest_edge", _USUAL_SIZE))
    check_whole(f"size in {str(folder / _FACTS)!r}", size, _LEAST_SIZE)
    mean, scale = (
        _three(facts.get(name, usual)) for name, usual in (("image_mean", USUAL_MEAN), ("image_std", USUAL_SCALE))
    )
    return PictureNetwork(trunk, int(size), mean, scale)


def _three(values: Any) -> tuple[float, ...]:
    if len(values) != 3 or not all(isinstance(value, Real) for value in values):
        raise ValueError(f"{values!r} are not three numbers, one a channel")
    return tuple(float(value) for value in values)


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _check_files(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise MissingDataError(f"{str(folder)!r} is not the folder of a model: it has no config.json.")
    if any(folder.glob("*.safetensors")):
        return
    if pickled := sorted(path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pth", ".ckpt"}):
        raise DataError(
            f"{str(folder)!r} holds its weights as {', '.join(pickled)} only: pickle, which runs whatever code is in "
            "it. Only safetensors are loaded: get the model's model.safetensors from its source."
        )
    raise MissingDataError(f"{str(folder)!r} has a config.json but no *.safetensors: the weights are missing.")
