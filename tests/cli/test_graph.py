"""`causalrec graph check`, `convert` and `draw`: what they print, write and refuse."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from causalrec.cli.main import app
from causalrec.errors import CausalrecError
from causalrec.graph import load_graph, read_dagitty
from causalrec.graph.formats import FORMATS, read_document, read_parquet

CORPUS = Path(__file__).parents[1] / "graph" / "formats" / "corpus"


def run(*words: str):
    return CliRunner().invoke(app, ["graph", *words])


def process(*words: str) -> subprocess.CompletedProcess:
    command = (sys.executable, "-c", "from causalrec.cli import main; main()", "graph", *words)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_check_says_what_a_graph_holds():
    lines = run("check", "promotion").stdout.splitlines()
    assert lines[:3] == ["format       dagitty", "nodes        14", "edges        28 directed, 0 bidirected"]
    assert "treatment    display" in lines
    assert "latent       household_taste" in lines


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_check_tells_the_format_from_the_content(path, tmp_path):
    unnamed = tmp_path / "graph"
    unnamed.write_bytes(path.read_bytes())
    expected = next(name for name, made in FORMATS.items() if path.suffix in made.suffixes)
    assert run("check", str(unnamed)).stdout.startswith(f"format       {expected}\n")


@pytest.mark.parametrize("name", FORMATS)
def test_convert_prints_and_writes_the_same_text(name, tmp_path):
    out = tmp_path / "out.txt"
    printed, written = (
        run("convert", "promotion", "--to", name),
        run("convert", "promotion", "--to", name, "-o", str(out)),
    )
    assert printed.exit_code == written.exit_code == 0
    assert written.stdout == ""
    assert out.read_text(encoding="utf-8") == printed.stdout
    graph = load_graph("promotion")
    read = read_document(printed.stdout).graph
    assert set(read.edges) == set(graph.edges)
    lost = FORMATS[name].loses
    assert (read == graph) is not bool(lost & {"latent", "roles"})
    assert ("Lost:" in printed.stderr) is bool(lost & {"latent", "roles"})


def test_convert_keeps_positions(tmp_path):
    path = CORPUS / "exported.dag"
    document = read_document(path.read_text())
    for name in ("dagitty", "json", "dot", "gml"):
        done = run("convert", str(path), "--to", name)
        assert done.stderr == ""
        assert read_document(done.stdout).positions == document.positions
    assert "positions of 'unit price', 'U'" in run("convert", str(path), "--to", "mermaid").stderr


def test_convert_writes_parquet(tmp_path):
    out = tmp_path / "edges.parquet"
    assert run("convert", "promotion", "--to", "parquet", "-o", str(out)).exit_code == 0
    assert set(read_parquet(out.read_bytes()).edges) == set(load_graph("promotion").edges)
    assert run("check", str(out)).stdout.startswith("format       parquet\n")


def test_draw_writes_a_picture(tmp_path):
    out = tmp_path / "graph.svg"
    assert run("draw", "promotion", "-o", str(out), "--treatment", "mailer").exit_code == 0
    assert out.read_text(encoding="utf-8").startswith("<svg")
    placed = tmp_path / "placed.dag"
    placed.write_text('dag { a [pos="0,0"] b [pos="1,2"] a -> b }')
    assert run("draw", str(placed), "-o", str(out), "--in-place").exit_code == 0


def refused(tmp_path: Path) -> dict[str, tuple[tuple[str, ...], str]]:
    contents = {
        "empty.dag": b"", "blank.txt": b" \n\t\n", "binary.dag": b"\x89PNG\r\n\x1a\n\0\0\xff", "null.csv": b"a,\0b",
        "utf16.dag": "dag { a -> b }".encode("utf-16"), "parquet": b"PAR1 and nothing behind it",
        "prose.txt": b"once upon a time", "cycle.dot": b"digraph { a -> b -> a }",
        "half.gml": b"graph [ directed 1 node [", "arrow.txt": b"a -> b",
        "xml.txt": b"<graphml/>", "both.txt": b"a ~ b, c", "deep.json": b"[" * 100_000,
        "deep.dot": b"digraph {" + b"{" * 100_000,
    }  # fmt: skip
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {
        "empty": (("check", "empty.dag"), "empty"),
        "blank": (("check", "blank.txt"), "empty"),
        "binary": (("check", "binary.dag"), "not text in UTF-8"),
        "null": (("check", "null.csv"), "null character"),
        "utf16": (("check", "utf16.dag"), "not text in UTF-8"),
        "broken parquet": (("check", "parquet"), "Parquet"),
        "prose": (("check", "prose.txt"), "no format"),
        "cycle": (("check", "cycle.dot"), "a -> b -> a"),
        "half": (("convert", "half.gml", "--to", "dot"), "line 1, column 26"),
        "arrow alone": (("check", "arrow.txt"), "dag {"),
        "xml": (("check", "xml.txt"), "XML"),
        "of two formats": (("check", "both.txt"), "lavaan or csv"),
        "deep json": (("check", "deep.json"), "deep"),
        "deep dot": (("check", "deep.dot"), "at most 50"),
        "folder": (("check", "."), "folder"),
        "missing": (("draw", "absent.dag", "-o", "x.svg"), "no file 'absent.dag'"),
        "unknown name": (("check", "promotoin"), "did you mean 'promotion'"),
        "null in the name": (("check", "a\0b.dag"), "There is no file"),
        "long name": (("check", "x" * 5000 + ".dag"), "There is no file"),
        "unknown format": (("convert", "promotion", "--to", "dto"), "did you mean 'dot'"),
        "parquet on the screen": (("convert", "promotion", "--to", "parquet"), "-o"),
        "no such folder": (("convert", "promotion", "--to", "dot", "-o", "absent/x.dot"), "Cannot write"),
        "unknown picture": (("draw", "promotion", "-o", "x.gif"), ".svg"),
        "unknown treatment": (("draw", "promotion", "-o", "x.svg", "--treatment", "dsplay"), "display"),
    }


def test_mistakes_are_refused_with_a_message(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, (words, said) in refused(tmp_path).items():
        done = run(*words)
        assert isinstance(done.exception, CausalrecError), (name, done)
        assert said in str(done.exception), name


@pytest.mark.parametrize("name", ["empty", "binary", "folder", "missing", "half"])
def test_mistakes_end_with_exit_code_1_and_no_traceback(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words, said = refused(tmp_path)[name]
    done = process(*words)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_name_that_would_move_the_cursor_is_written_out(tmp_path):
    path = tmp_path / "graph.dag"
    path.write_text('dag { "a\x1b[2J" [latent] }', encoding="utf-8")
    assert "'a\\x1b[2J'" in run("check", str(path)).stdout
    assert len(read_dagitty(path.read_text())) == 1
