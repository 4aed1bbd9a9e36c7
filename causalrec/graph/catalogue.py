"""Graphs that come with causalrec, found by name, and graphs of your own, found by path."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from causalrec.errors import GraphError, nearest
from causalrec.graph.causal_graph import CausalGraph
from causalrec.graph.formats.detection import detect_format
from causalrec.graph.formats.document import GraphDocument
from causalrec.graph.formats.parquet import MAGIC, read_parquet
from causalrec.graph.formats.registry import FORMATS, read_document

__all__ = ["list_graphs", "load_document", "load_graph", "read_header"]

_HEADER_KEYS = ("bias", "source", "treatment", "outcome", "selected", "expected")
_SUFFIXES = (".parquet", *(suffix for made in FORMATS.values() for suffix in made.suffixes))
_HEADER_LINE = re.compile(rf"(?://|#)\s*({'|'.join(_HEADER_KEYS)})\s*:\s*(.*?)\s*")


def load_graph(name_or_path: str | os.PathLike[str]) -> CausalGraph:
    """Graph of that name among those shipped, or read from a file in any format.

    The content of a file tells its format; the ending of its name is asked only where the content
    may be of several.

    Parameters
    ----------
    name_or_path : str or path
        A name of `list_graphs`, or the path of a file: what ends like a file of some format
        (``.dag``, ``.json``, ``.csv``), holds a separator or is a path object is always a path.

    Raises
    ------
    GraphError : there is no such graph or file, or it is empty, or of no known format.
    GraphSyntaxError : the file is not what it begins like; says line, column, what was found and expected.

    Examples
    --------
    >>> load_graph("promotion").nodes_with("treatment")
    ('display',)
    """
    return load_document(name_or_path).graph


def load_document(name_or_path: str | os.PathLike[str]) -> GraphDocument:
    """As `load_graph`, with where nodes are drawn, and the name of the format.

    >>> load_document("promotion").format
    'dagitty'
    """
    path = _locate(name_or_path)
    try:
        return _read(path)
    except GraphError as error:
        error.args = (f"{error} This is in {str(path)!r}.",)
        raise


def _read(path: Path) -> GraphDocument:
    content = _bytes(path)
    if content.startswith(MAGIC):
        return GraphDocument(read_parquet(content), format="parquet")
    text = _decoded(content)
    try:
        format = detect_format(text)
    except GraphError:
        format = next((name for name, made in FORMATS.items() if path.suffix.lower() in made.suffixes), "")
        if not format or not text.strip() or "\0" in text:
            raise
    return read_document(text, format)


def list_graphs() -> Mapping[str, str]:
    """Names of the shipped graphs, each with the bias that it shows in one line."""
    return {path.stem: read_header(path).get("bias", "") for path in sorted(_folder().glob("*.dag"))}


def read_header(name_or_path: str | os.PathLike[str]) -> Mapping[str, str]:
    """What the comments above a graph say: bias, source, treatment, outcome, selected, expected.

    >>> read_header("promotion")["outcome"]
    'purchased'
    """
    header: dict[str, str] = {}
    for line in _decoded(_bytes(_locate(name_or_path))).splitlines():
        if line.strip() and not line.lstrip().startswith(("#", "//")):
            break
        if match := _HEADER_LINE.fullmatch(line.strip()):
            header.setdefault(match[1], match[2])
    return header


def _folder() -> Path:
    # In a wheel the graphs lie inside the package; in an editable install they lie beside it.
    package = Path(__file__).resolve().parents[1]
    shipped = package / "graphs"
    return shipped if shipped.is_dir() else package.parent / "graphs"


def _locate(name_or_path: str | os.PathLike[str]) -> Path:
    name = os.fspath(name_or_path)
    if not isinstance(name, str) or not name:
        raise GraphError(f"Expected a graph's name or a path, got {name_or_path!r}.")
    shipped = {path.stem: path for path in _folder().glob("*.dag")}
    is_path = name is not name_or_path or name.endswith(_SUFFIXES) or os.path.basename(name) != name
    if not is_path and name in shipped:
        return shipped[name]
    path = Path(name)
    if os.path.isdir(name):
        raise GraphError(f"There is no file {name!r}: it is a folder. Name one of the files in it.")
    if not os.path.isfile(name):
        what = "file" if is_path else f"shipped graph {nearest([name], shipped)}, and no file"
        raise GraphError(f"There is no {what} {name!r}.")
    return path


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraphError(f"{str(path)!r} cannot be read: {error.strerror}.") from error


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise GraphError(f"It is not text in UTF-8: byte {error.start} cannot be read.") from error
