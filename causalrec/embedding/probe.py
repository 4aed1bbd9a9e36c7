"""Whether bf16 is faster for a model on this machine, and near enough: measured once, then remembered."""

from __future__ import annotations

import copy
import json
import logging
import os
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from causalrec.embedding.encoding import computed_vectors
from causalrec.embedding.fingerprint import model_fingerprint
from causalrec.embedding.precision import has_native_bf16, processor
from causalrec.embedding.reading import Reading
from causalrec.embedding.transformer import Transformer, load_transformer
from causalrec.errors import EstimationError, OutputError
from causalrec.files import replace_atomically
from causalrec.threads import limit_threads

__all__ = ["MeasuredPrecision", "measured_precision"]

LEAST_COSINE = 0.999
LEAST_SPEEDUP = 1.1  # less is not worth other numbers
_REPEATS, _SECONDS = 3, 2.0

_SENTENCES = (
    "salted butter, 16 oz", "Frozen pizza with four cheeses, family size", "motor oil 10W-40",
    "A red cotton dress with long sleeves and a belt, machine washable, sizes 34 to 46.",
    "Oil prices rose on Tuesday after a storm closed two refineries on the coast.",
    "The striker scored twice in the last ten minutes, and the visitors left without a point.",
    "New phones get a faster chip, a better camera and a battery that lasts two days.",
    "Never buy this again!!! It broke after 3 days :-(", "Beurre demi-sel de Bretagne, 250 g",
    "Die Bahn fährt heute wegen des Sturms nicht.", "新鲜牛奶 一升装", "無塩バター 200グラム",
    "زبدة غير مملحة", "חמאה מלוחה", "масло сливочное 82,5 %", "🥐 croissant ☕ + coffee",
)  # fmt: skip

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MeasuredPrecision:
    """What "auto" is for one model on one machine.

    Attributes
    ----------
    precision : {"fp32", "bf16"}
    cosine : float
        Least cosine of a vector in bf16 to the one in fp32, over texts in eight languages.
    speedup : float
        Time in fp32 over time in bf16, on one thread.
    """

    precision: str
    cosine: float
    speedup: float


def measured_precision(folder: Path, reading: Reading) -> MeasuredPrecision:
    """What is remembered, or else a measurement of a few seconds; without instructions for bf16 it is fp32 at once."""
    if not has_native_bf16():
        return MeasuredPrecision("fp32", 1.0, 1.0)
    options = {"pooling": asdict(reading.pooling), "processor": processor()}
    return _remembered(folder, model_fingerprint(folder, options), reading)


@lru_cache(maxsize=64)
def _remembered(folder: Path, key: str, reading: Reading) -> MeasuredPrecision:
    path = _memory() / f"{key}.json"
    if (known := _read(path)) is None:
        measured = measure_precision(folder, reading)
        # Of two processes that measured at once both go by the first one's.
        known = _read(path) or measured
        if known is measured:
            _write(path, measured)
    return known


def measure_precision(folder: Path, reading: Reading) -> MeasuredPrecision:
    """Encode sentences in both formats, in turns, and compare vectors and processor time."""
    full = load_transformer(folder, "fp32")
    half = Transformer(copy.deepcopy(full.model).bfloat16(), full.tokenizer)
    with limit_threads(1):
        try:
            cosine = float((_vectors(full, reading) * _vectors(half, reading)).sum(axis=1).min())
        except EstimationError:  # out of the range of bf16, or broken: the run in fp32 says which
            return MeasuredPrecision("fp32", 0.0, 1.0)
        speedup = _speedup(full, half, reading)
    wanted = "bf16" if cosine >= LEAST_COSINE and speedup >= LEAST_SPEEDUP else "fp32"
    log.info("%s: bf16 is %.2f times as fast as fp32, least cosine %.5f: %s.", folder, speedup, cosine, wanted)
    return MeasuredPrecision(wanted, cosine, speedup)


def _speedup(full: Transformer, half: Transformer, reading: Reading) -> float:
    seconds: list[tuple[float, float]] = []
    while len(seconds) < _REPEATS and sum(map(sum, seconds)) < _SECONDS:
        seconds.append((_seconds(full, reading), _seconds(half, reading)))
    return min(first for first, _ in seconds) / min(second for _, second in seconds)


def _seconds(transformer: Transformer, reading: Reading) -> float:
    start = time.process_time()  # not disturbed by others who want the processor
    _vectors(transformer, reading)
    return time.process_time() - start


def _vectors(transformer: Transformer, reading: Reading) -> np.ndarray:
    texts = [*_SENTENCES, *(" ".join(_SENTENCES[k : k + 4]) for k in range(len(_SENTENCES)))]
    wanted = Reading(reading.pooling, True, reading.max_tokens, "cut", reading.batch_tokens)
    pieces = list(computed_vectors(transformer, texts, wanted, 1))
    return np.concatenate([rows for _, rows in pieces])[np.argsort(np.concatenate([where for where, _ in pieces]))]


def _memory() -> Path:
    given = os.environ.get("CAUSALREC_CACHE")
    base = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "causalrec"
    return base.expanduser() / "precision"


def _read(path: Path) -> MeasuredPrecision | None:
    try:
        return MeasuredPrecision(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _write(path: Path, measured: MeasuredPrecision) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_atomically(path, lambda temporary: temporary.write_text(json.dumps(asdict(measured))))
    except (OSError, OutputError):  # a home that cannot be written: each process measures
        log.info("%s cannot be written; the next process measures again.", path)
