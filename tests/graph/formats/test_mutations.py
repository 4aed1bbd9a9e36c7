"""Ten thousand spoilt texts a format: refused with a place, or read as what they would be written as."""

import random
import re
import time
import warnings
from pathlib import Path

import pytest

from causalrec.errors import GraphError, GraphSyntaxError
from causalrec.graph.formats import FORMATS, detect_format, read_document, write_graph

N_TEXTS = 10_000
SLOWEST = 1.0
CORPUS = Path(__file__).with_name("corpus")
PIECES = (
    "", "", "", "{", "}", "[", "]", "(", ")", '"', '""', "'", "`", "\\", "\\\\", "->", "<-", "<->", "--", "-->",
    "<-->", "-.->", "==>", "-", "=", "~", "~~", "=~", "*", "+", "&", "&amp;", "&#0;", "#", "#35;", "%%", "//", "/*",
    "*/", ":", ":::", ";", ",", "|", ".", "@", "\n", "\r\n", "\t", " ", "\x00", "\ufeff", "\u2028", "é", "価", "😀",
    "0", "1", "-1e9", "NaN", "null", "true", "dag", "graph", "digraph", "subgraph", "node", "edge", "end", "class",
    "latent", "treatment", "roles", "observed", "no", "dir=both", "label", "id", "source", "target", "x", "a b",
)  # fmt: skip


def seeds() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in FORMATS}
    for path in sorted(CORPUS.iterdir()):
        name = next(name for name, made in FORMATS.items() if path.suffix in made.suffixes)
        found[name].append(path.read_text(encoding="utf-8"))
    return found


def mutant(rng: random.Random, texts: list[str], words: list[str]) -> str:
    text = rng.choice(texts)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        start = rng.randrange(len(text) + 1)
        stop = min(len(text), start + rng.choice((0, 0, 1, 1, 2, 5, 20)))
        kind = rng.randrange(5)
        piece = rng.choice(PIECES) if kind < 2 else rng.choice(words) if kind < 4 else text[start:stop] * 2
        text = text[:start] + piece + text[stop:]
    return text[: rng.randrange(len(text) + 1)] if rng.random() < 0.05 else text


def is_placed(error: GraphError, text: str) -> bool:
    """Whether a syntax error says a place in `text`, what is there and what is not."""
    if not isinstance(error, GraphSyntaxError):
        return True
    lines = text.removeprefix("\ufeff").split("\n")
    is_there = 1 <= error.line <= len(lines) and 1 <= error.column <= len(lines[error.line - 1]) + 1
    return is_there and "found" in str(error) and "expected" in str(error)


@pytest.mark.parametrize("name", FORMATS)
def test_spoilt_text_is_refused_with_a_place_or_means_what_it_is_written_as(name):
    rng, texts = random.Random(f"causalrec {name}"), seeds()[name]
    words = [word for text in texts for word in re.findall(r'\w+|"[^"]*"|[^\w\s]+|\s+', text)]
    accepted = 0
    for _ in range(N_TEXTS):
        text = mutant(rng, texts, words)
        started = time.perf_counter()
        try:
            document = read_document(text, name)
        except GraphError as error:
            assert is_placed(error, text)  # noqa: PT017
        else:
            accepted += 1
            with warnings.catch_warnings():
                warnings.simplefilter("ignore" if name in {"mermaid", "csv", "lavaan"} else "error")
                written = write_graph(document, name)
            again = read_document(written, name)
            assert again == document
        assert time.perf_counter() - started < SLOWEST, text
    # Neither all refused nor all taken: the mutations reach both sides of the grammar.
    assert N_TEXTS / 50 < accepted < N_TEXTS * 19 / 20


@pytest.mark.parametrize("name", FORMATS)
def test_the_corpus_is_read_and_told_apart(name):
    for text in seeds()[name]:
        assert detect_format(text) == name
        assert len(read_document(text).graph.edges) > 0


def test_any_spoilt_text_is_told_apart_or_refused():
    rng = random.Random(4)
    texts = [text for kind in seeds().values() for text in kind]
    for _ in range(N_TEXTS):
        try:
            read_document(mutant(rng, texts, list(PIECES)))
        except GraphError:
            continue
