"""Which number format "auto" is."""

from pathlib import Path

import pytest

from causalrec.embedding import precision
from causalrec.errors import DataError


@pytest.fixture
def cpuinfo(monkeypatch):
    def pretend(text, system="Linux"):
        precision.has_native_bf16.cache_clear()
        monkeypatch.setattr(Path, "read_text", lambda self: text)
        monkeypatch.setattr("platform.system", lambda: system)

    yield pretend
    precision.has_native_bf16.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("processor : 0\nflags\t\t: fpu avx2 avx512f avx512_bf16\n", "bf16"),
        ("flags : amx_bf16 amx_tile\n", "bf16"),
        ("Features : fp asimd bf16\n", "bf16"),
        ("flags : fpu avx2 avx512f\n", "fp32"),
        ("model name : avx512_bf16\nflags : fpu\n", "fp32"),
        ("", "fp32"),
    ],
)
def test_auto_follows_the_processor(cpuinfo, text, expected):
    cpuinfo(text)
    assert precision.resolve_precision("auto") == expected


def test_only_linux_tells(cpuinfo):
    cpuinfo("flags : avx512_bf16", system="Darwin")
    assert precision.resolve_precision("auto") == "fp32"


def test_named_formats_are_kept():
    assert [precision.resolve_precision(name) for name in ("fp32", "bf16")] == ["fp32", "bf16"]


def test_other_names_are_refused():
    with pytest.raises(DataError, match="precision is 'fp16'"):
        precision.resolve_precision("fp16")
