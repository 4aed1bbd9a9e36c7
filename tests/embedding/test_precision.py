"""Which number format "auto" is: measured once for a model and a processor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import causalrec
from causalrec.embedding import TextEncoder, precision, probe
from causalrec.embedding.model_folder import find_model
from causalrec.embedding.probe import MeasuredPrecision, measured_precision
from causalrec.errors import DataError

ROOT = str(Path(causalrec.__file__).parents[1])


@pytest.fixture
def cpuinfo(monkeypatch):
    def pretend(text, system="Linux"):
        precision.processor.cache_clear()
        monkeypatch.setattr(Path, "read_text", lambda self: text)
        monkeypatch.setattr("platform.system", lambda: system)

    yield pretend
    precision.processor.cache_clear()


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """Nothing is remembered, and the processor has bf16; gives the folder of what will be."""
    monkeypatch.setenv("CAUSALREC_CACHE", str(tmp_path / "remembered"))
    monkeypatch.setattr(probe, "has_native_bf16", lambda: True)
    probe._remembered.cache_clear()
    yield tmp_path / "remembered" / "precision"
    probe._remembered.cache_clear()


def reading(folder, **options):
    return TextEncoder(folder, **options)._reading()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("processor : 0\nflags\t\t: fpu avx2 avx512f avx512_bf16\n", True),
        ("flags : amx_bf16 amx_tile\n", True),
        ("Features : fp asimd bf16\n", True),
        ("flags : fpu avx2 avx512f\n", False),
        ("model name : avx512_bf16\nflags : fpu\n", False),
        ("", False),
    ],
)
def test_the_processor_says_what_it_has(cpuinfo, text, expected):
    cpuinfo(text)
    assert precision.has_native_bf16() is expected


def test_only_linux_tells(cpuinfo):
    cpuinfo("flags : avx512_bf16", system="Darwin")
    assert not precision.has_native_bf16()


def test_clocks_are_no_property_of_the_processor(cpuinfo):
    cpuinfo("processor : 0\nmodel name : X\ncpu MHz : 2400\nflags : fpu\n\nprocessor : 1\nmodel name : X\n")
    assert precision.processor()[1:] == ("model name : X", "flags : fpu")


def test_without_bf16_nothing_is_measured(tiny, fresh, monkeypatch):
    monkeypatch.setattr(probe, "has_native_bf16", lambda: False)
    monkeypatch.setattr(probe, "measure_precision", lambda *_: pytest.fail("measured"))
    assert measured_precision(tiny, reading(tiny)).precision == "fp32"


@pytest.mark.parametrize(
    ("cosine", "seconds", "expected"),
    [(1.0, (2.0, 1.0), "bf16"), (1.0, (1.0, 1.0), "fp32"), (0.998, (2.0, 1.0), "fp32"), (0.9995, (1.2, 1.0), "bf16")],
)
def test_faster_and_near_enough(tiny, fresh, monkeypatch, cosine, seconds, expected):
    full, half = np.array([[1.0, 0.0]]), np.array([[cosine, (1 - cosine**2) ** 0.5]])
    is_half = lambda transformer: str(transformer.model.dtype) == "torch.bfloat16"  # noqa: E731
    monkeypatch.setattr(probe, "_vectors", lambda transformer, _: half if is_half(transformer) else full)
    monkeypatch.setattr(probe, "_seconds", lambda transformer, _: seconds[is_half(transformer)])
    measured = measured_precision(tiny, reading(tiny))
    assert measured.precision == expected
    assert measured.cosine == pytest.approx(cosine)
    assert measured.speedup == pytest.approx(seconds[0] / seconds[1])


def test_the_real_model_is_near(minilm, fresh):
    folder = find_model("minilm")
    measured = measured_precision(folder, reading("minilm"))
    assert 0.999 <= measured.cosine < 1
    assert measured.precision == ("bf16" if measured.speedup >= probe.LEAST_SPEEDUP else "fp32")


def test_bf16_that_overflows_is_not_taken(copied, fresh):
    from safetensors.numpy import load_file, save_file

    folder, _ = copied
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.1.output.LayerNorm.weight"][:] = 3.4e38  # rounds to infinity in bf16
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert measured_precision(folder, reading(folder, normalize=False)).precision == "fp32"


def test_it_is_measured_once(tiny, fresh, monkeypatch):
    calls = []
    monkeypatch.setattr(
        probe, "measure_precision", lambda *_: calls.append(1) or MeasuredPrecision("bf16", 0.9999, 1.8)
    )
    first = TextEncoder(tiny).encode(["salted butter"])
    np.testing.assert_array_equal(first, TextEncoder(tiny, precision="bf16").encode(["salted butter"]))
    probe._remembered.cache_clear()  # as a new process
    TextEncoder(tiny, max_tokens=9).encode(["milk"])
    assert len(calls) == 1
    (kept,) = fresh.iterdir()
    assert json.loads(kept.read_text()) == {"precision": "bf16", "cosine": 0.9999, "speedup": 1.8}
    TextEncoder(tiny, pooling="cls").encode(["milk"])
    assert len(calls) == 2


@pytest.mark.parametrize("content", ["", "{", '{"precision": "bf16"}', "[]"])
def test_what_cannot_be_read_is_measured_again(tiny, fresh, monkeypatch, content):
    monkeypatch.setattr(probe, "measure_precision", lambda *_: MeasuredPrecision("fp32", 0.9, 1.0))
    measured_precision(tiny, reading(tiny))
    (kept,) = fresh.iterdir()
    kept.write_text(content)
    probe._remembered.cache_clear()
    assert measured_precision(tiny, reading(tiny)).cosine == 0.9
    assert json.loads(kept.read_text())["cosine"] == 0.9


def test_a_home_that_cannot_be_written(tiny, fresh, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAUSALREC_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(probe, "measure_precision", lambda *_: MeasuredPrecision("fp32", 0.9, 1.0))
    assert measured_precision(tiny, reading(tiny)).precision == "fp32"


def test_the_second_process_measures_nothing_and_loads_nothing(tiny, tmp_path):
    code = """
import sys
from causalrec.embedding import TextEncoder
vectors = TextEncoder(sys.argv[1], cache=sys.argv[2]).encode(["milk", None, "salted butter"])
print(vectors.tobytes().hex(), {"torch", "transformers"} & set(sys.modules) or "light")
"""
    run = [sys.executable, "-c", code, str(tiny), str(tmp_path / "cache")]
    env = os.environ | {"CAUSALREC_CACHE": str(tmp_path / "remembered")}
    first, second = (
        subprocess.run(run, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.split()
        for _ in range(2)
    )
    assert first[0] == second[0]
    assert first[1] != "light"
    assert second[1:] == ["light"]


def test_named_formats_are_kept(tiny):
    expected = {name: TextEncoder(tiny, precision=name).encode(["salted butter"]) for name in ("fp32", "bf16")}
    assert not np.array_equal(*expected.values())
    auto = TextEncoder(tiny).encode(["salted butter"])
    assert any(np.array_equal(auto, vectors) for vectors in expected.values())


def test_other_names_are_refused(tiny):
    with pytest.raises(DataError, match="precision is 'fp16'; it is one of 'auto', 'fp32', 'bf16'"):
        TextEncoder(tiny, precision="fp16").encode([])
