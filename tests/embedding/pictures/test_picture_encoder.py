"""A vector depends on its picture alone, and is what transformers computes."""

import json

import numpy as np
import pytest
import torch

from causalrec.embedding import Encoder
from causalrec.embedding.encoder import encoded
from causalrec.embedding.pictures import PictureEncoder, ResNetShape
from causalrec.embedding.pictures.network_building import build_network, with_head
from causalrec.embedding.pictures.network_folder import write_network
from causalrec.errors import DataError, MissingDataError, ShapeError

TINY = ResNetShape(size=16, widths=(4, 8))


@pytest.fixture(scope="module")
def encoder():
    return PictureEncoder(TINY, n_threads=1)


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).integers(0, 256, (70, 16, 16, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    network = build_network(TINY, 0)
    write_network(tmp_path, with_head(network, ["a", "b"], 0), network)
    return tmp_path


def test_it_is_an_encoder(encoder, pictures):
    assert isinstance(encoder, Encoder)
    found = encoded(encoder, pictures)
    assert (found.shape, found.dtype) == ((70, 8), np.float32)


def test_the_same_each_time_and_in_any_company(encoder, pictures):
    together = encoder.encode(pictures)
    assert np.array_equal(together, encoder.encode(pictures))
    order = np.random.default_rng(0).permutation(70)
    assert np.array_equal(together[order], encoder.encode(pictures[order]))
    for row in (0, 33, 69):
        assert np.array_equal(together[row : row + 1], encoder.encode([pictures[row]]))


def test_different_pictures_have_different_vectors(encoder, pictures):
    assert len(np.unique(encoder.encode(pictures), axis=0)) == 70


def test_it_is_what_transformers_computes(folder, pictures):
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder).eval()
    shares = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    mean, scale = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.inference_mode():
        expected = model((shares - mean[:, None, None]) / scale[:, None, None]).pooler_output.flatten(1)
    assert np.allclose(PictureEncoder(folder, n_threads=1).encode(pictures), expected.numpy(), atol=1e-5)


def test_a_folder_that_transformers_wrote(tmp_path, pictures):
    from transformers import ResNetConfig, ResNetModel

    torch.manual_seed(0)
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 2], layer_type="bottleneck")
    model = ResNetModel(config).eval()
    model.save_pretrained(tmp_path)
    facts = {"size": {"shortest_edge": 16}, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.2, 0.2, 0.2]}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(facts))
    shares = torch.from_numpy(pictures[:3]).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        expected = model((shares - 0.5) / 0.2).pooler_output.flatten(1).numpy()
    assert np.allclose(PictureEncoder(tmp_path, n_threads=1).encode(pictures[:3]), expected, atol=1e-5)
    facts["image_mean"] = 0.5
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(facts))
    with pytest.raises(DataError, match="cannot be loaded"):
        PictureEncoder(tmp_path).encode([])


def test_null_is_zeros_and_nothing_is_nothing(encoder, pictures):
    found = encoder.encode([pictures[0], None, pictures[1]])
    assert (found[1] == 0).all()
    assert (found[[0, 2]] != 0).any(axis=1).all()
    assert encoder.encode([]).shape == (0, 8)
    assert encoder.encode([None]).tolist() == [[0.0] * 8]


def test_the_seed_draws_the_weights(encoder, pictures):
    other = PictureEncoder(TINY, n_threads=1, random_state=1)
    assert not np.allclose(encoder.encode(pictures[:2]), other.encode(pictures[:2]))


def test_a_file_in_a_later_block_is_counted_right(encoder, pictures):
    with pytest.raises(DataError, match="Row 1030 is a int"):
        encoder.encode([*[pictures[0]] * 1030, 5])


def test_the_callers_random_numbers_stay(pictures):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    PictureEncoder(TINY, n_threads=1).encode(pictures[:1])
    assert torch.equal(torch.rand(3), expected)


def test_parameters_are_kept(encoder):
    assert repr(encoder) == f"PictureEncoder(model={TINY!r}, n_threads=1)"


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (None, DataError, "model is None"),
        ("nowhere", MissingDataError, "has no config.json"),
    ],
)
def test_no_model_is_refused(model, error, message):
    with pytest.raises(error, match=message):
        PictureEncoder(model).encode([])


def test_folders_that_hold_no_resnet_are_refused(folder, tiny):
    with pytest.raises(DataError, match="is a 'bert'; only a 'resnet' reads pictures"):
        PictureEncoder(tiny).encode([])
    (folder / "preprocessor_config.json").write_text('{"size": 0}')
    with pytest.raises(DataError, match="size in"):
        PictureEncoder(folder).encode([])
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(DataError, match="cannot be loaded"):
        PictureEncoder(folder).encode([])
    weights.rename(folder / "pytorch_model.bin")
    with pytest.raises(DataError, match=r"pytorch_model\.bin only: pickle"):
        PictureEncoder(folder).encode([])
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(MissingDataError, match="the weights are missing"):
        PictureEncoder(folder).encode([])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 8, "widths": (4,), "depths": (1, 1)}, "1 widths and 2 depths"),
        ({"size": 16, "widths": (4, 8, 8)}, "size, with 3 stages, is 16; give a whole number of 32 or more"),
        ({"widths": ()}, "widths is"),
        ({"widths": 8}, "widths is 8"),
        ({"widths": (4, 0.5)}, "widths is 0.5"),
        ({"size": "64"}, "size, with 3 stages, is '64'"),
    ],
)
def test_shapes_out_of_range_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        ResNetShape(**change)


def test_arrays_of_another_shape_are_refused(encoder):
    with pytest.raises(ShapeError, match="one picture alone"):
        encoder.encode(np.zeros((16, 16, 3), dtype=np.uint8))
