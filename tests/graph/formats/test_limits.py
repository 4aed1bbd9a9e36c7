"""Time and memory of texts made to take much of both."""

import itertools
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from causalrec.errors import GraphError
from causalrec.graph.formats import FORMATS, detect_format, read_graph

LENGTH = 500_000
LARGEST = 512  # MB, of the whole process
SLOWEST = 1.0  # seconds of processor time


def group(letter: str, n_nodes: int, between: str = " ") -> str:
    return between.join(f"{letter}{number}" for number in range(n_nodes))


def chain(n_groups: int, n_nodes: int, opening: str, closing: str, arrow: str, between: str = " ") -> str:
    names = map("".join, itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=2))
    return arrow.join(opening + group(next(names), n_nodes, between) + closing for _ in range(n_groups))


DEEP, LONG = 60_000, "x" * LENGTH
NASTY = {  # format: texts; each is about half a megabyte or less
    "dagitty": [
        "dag " + "{" * DEEP, "dag {" + "{" * DEEP, "dag { a " + "[" * DEEP, "dag {" + "a -> {" * DEEP, 'dag { "' + LONG,
        "dag {" + '"\\' * 250_000, f"dag {{ {LONG} -> {LONG}y {LONG} }}"[:LENGTH],
        "dag { a [" + "block " * DEEP + "] }",
        f"dag {{ {{{group('a', 1000)}}} -> {{{group('b', 1000)}}} }}",
        "dag { " + chain(200, 100, "{", "}", " -> ") + " }",
        "dag {" + "#" * LENGTH, "dag {" + "#\n" * 250_000, "dag {" + " " * LENGTH + "!",
        "dag { a [pos=\"" + "1" * 450_000 + ',2"] }',
        "dag {" + "a " * 200_000 + "}", "dag {" + "a;" * 200_000 + "-> }", "dag { a [" + LONG + "] }",
        "dag {" + "1" * LENGTH + "}",
        "dag {" + "a ->" * 125_000, "dag { a [" + "k=1," * 100_000,
    ],
    "json": [
        "[" * DEEP, '{"a":' * DEEP, "1" * LENGTH, '{"format": "causalrec-graph", "version": ' + "9" * LENGTH + "}",
        '"' + "\\" * LENGTH,
        '{"format": "causalrec-graph", "version": 1, "nodes": ' + "[" * 900 + "]" * 900 + "}", "-1e" + "9" * LENGTH,
        "[" + "1," * 250_000,
        '{"format": "causalrec-graph", "version": 1, "nodes": [' + '{"name": "a", "latent": true},' * 15_000,
        json.dumps({"format": "causalrec-graph", "version": 1, "nodes": [
            {"name": f"{n}"} for n in range(40_000)], "edges": [["0", LONG]]}),
        '{"' + LONG + '": 1}',
    ],
    "dot": [
        "digraph {" + "{" * DEEP, "digraph {" + "subgraph a {" * DEEP, "digraph { <" + "<" * LENGTH,
        "digraph { a " + "[" * DEEP,
        f"digraph {{ {{{group('a', 1000)}}} -> {{{group('b', 1000)}}} }}",
        "digraph { " + chain(200, 100, "{", "}", " -> ") + " }",
        "digraph { /*" + "*" * LENGTH, 'digraph { "' + "\\" * LENGTH, "digraph {" + '"a"+' * 100_000,
        "digraph { <" + "&" * LENGTH + "> }",
        "digraph {" + "a:b" * 125_000, "digraph { a [" + "observed=no," * 40_000 + "] }",
        "digraph {" + "a->" * 150_000, "digraph {" + "{a}->" * 75_000,
        "digraph {" + "{" * 50 + group("a", 100_000) + "}" * 51, f"digraph {{ a [roles=\"{'block ' * 75_000}\"] }}",
        "digraph { 1" + "." * LENGTH,
        "digraph {" + "node [observed=no] {" * 50 + group("a", 50_000) + "}" * 51,
    ],
    "gml": [
        "graph " + "[" * DEEP, "graph [" + " a [" * DEEP, "graph [ node [" + " a [" * DEEP, 'graph [ a "' + LONG,
        "a " * 250_000,
        "graph [ directed 1 node [ id 1" + ' roles "block"' * 30_000 + " ] ]",
        "graph [ " + "edge [ source 1 target 2 ] " * 17_500 + "]",
        "graph [ directed 1 " + "edge [ source 1 target 2 ] " * 17_500 + "]",
        'graph [ directed 1 node [ id 1 label "' + "&#" * 200_000 + '" ] ]',
        "graph [ a " + "1" * LENGTH, "graph [ directed 1 " + "node [ id 1 ] " * 35_000 + "]", "a 1 " * 125_000,
    ],
    "mermaid": [
        "flowchart LR\n" + "subgraph\n" * DEEP, "flowchart LR\n" + "subgraph a\n" * 45_000,
        "flowchart LR\na" + "[" * LENGTH, 'flowchart LR\na["' + LONG,
        "flowchart LR\n" + group("a", 1000, " & ") + " --> " + group("b", 1000, " & "),
        "flowchart LR\n" + chain(200, 100, "", "", " --> ", " & "),
        "flowchart LR\na " + "-" * LENGTH, "flowchart LR\n" + "a -- " * 100_000, "flowchart LR\n" + "a -. " * 100_000,
        "flowchart LR\na -->|" + LONG,
        "flowchart LR\n" + "a" + ":::latent" * 50_000, "flowchart LR\nclass " + "a," * 200_000,
        "flowchart LR\na\nclass " + "a," * 200_000 + "a latent",
        "---\n" * 125_000, "%%" * 250_000, "flowchart LR\n" + "style a b\n" * 50_000,
        "flowchart LR\n" + "style a " * 60_000, "flowchart LR\n" + "a-" * 250_000,
        "flowchart LR\n" + 'a["' + "#" * LENGTH + '"]', "flowchart LR\n" + "subgraph a\nend\n" * 30_000,
    ],
    "lavaan": [
        "y ~ c" + "(" * LENGTH, "y ~ " + "a*" * 250_000, "y ~ " + "a+" * 250_000, "y ~ `" + "\\" * LENGTH,
        "y\n" * 250_000, "y ~ x\n" * 80_000,
        group("a", 1000, "+") + " ~ " + group("b", 1000, "+"), group("a", 1000, "+") + " ~~ " + group("b", 1000, "+"),
        "y ~ " + "0*" * 200_000 + "x",
        "\n".join(group(letter, 100, "+") + "~" + group("z" + letter, 100, "+")
                  for letter in "abcdefghijklmnopqrstuvw"),
        "y ~ x" + "\n" * LENGTH, "y ~ x -" + "1" * LENGTH,
        "a > 0\n" * 80_000,
    ],
    "csv": [
        '"' * LENGTH, '"' * (LENGTH + 1), "," * LENGTH, "a,b\n" * 125_000, '"a' + "\n" * LENGTH,
        "a,b," + "," * LENGTH, "\n" * LENGTH + "a,b",
        "a;b\n" + '"' + "," * LENGTH, "a, " + " " * LENGTH + '"', (" " * 1000 + '"a"x,b\n') * 900,
        "a," + '""' * 250_000,
    ],
}  # fmt: skip


def measured(name: str, text: str) -> tuple[float, str]:
    started = time.process_time()
    try:
        read_graph(text, name)
        said = ""
    except GraphError as error:
        said = str(error)
    return time.process_time() - started, said


@pytest.mark.parametrize("name", FORMATS)
def test_nasty_text_ends_soon_and_takes_little_memory(name):
    command = "import sys; from test_limits import report; report(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", command, name], capture_output=True, text=True, timeout=120, check=False,
        cwd=Path(__file__).parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    seconds, longest, megabytes = json.loads(done.stdout)
    assert max(seconds) < SLOWEST, [round(value, 2) for value in seconds]
    assert megabytes < LARGEST
    assert longest < 1000  # characters of a message, whatever the text


def report(name: str) -> None:
    """Print the seconds of each text, the length of the longest message and the peak memory of this process."""
    done = [measured(name, text) for text in NASTY[name]]
    seconds, longest = [time for time, _ in done], max(len(said) for _, said in done)
    print(json.dumps([seconds, longest, peak_megabytes()]))


def peak_megabytes() -> float:
    """Peak memory of this program alone: ru_maxrss would count what the process was before it ran this."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in NASTY.items() for text in texts[:6]])
def test_telling_the_format_is_linear(name, text):
    started = time.process_time()
    try:
        detect_format(text)
    except GraphError as error:
        assert len(str(error)) < 500  # noqa: PT017
    assert time.process_time() - started < SLOWEST


@pytest.mark.parametrize(("name", "text"), [
    ("dagitty", f"dag {{ {{{group('a', 1000)}}} -> {{{group('b', 1000)}}} }}"),
    ("dot", f"digraph {{ {{{group('a', 1000)}}} -> {{{group('b', 1000)}}} }}"),
    ("mermaid", f"flowchart LR\n{group('a', 1000, ' & ')} --> {group('b', 1000, ' & ')}"),
    ("lavaan", f"{group('a', 1000, '+')} ~ {group('b', 1000, '+')}"),
])  # fmt: skip
def test_groups_stand_for_no_more_edges_than_is_stated(name, text):
    with pytest.raises(GraphError, match="these groups stand for 1,000 x 1,000"):
        read_graph(text, name)


def test_groups_of_a_hundred_are_read():
    assert len(read_graph(f"dag {{ {{{group('a', 100)}}} -> {{{group('b', 100)}}} }}").edges) == 10_000


@pytest.mark.parametrize("name", ["dagitty", "dot", "gml", "mermaid", "lavaan", "csv", "json"])
def test_twice_the_text_takes_no_more_than_thrice_the_time(name):
    from causalrec.graph import CausalGraph
    from causalrec.graph.formats import write_graph

    def seconds(n_edges: int) -> float:
        text = write_graph(CausalGraph([(f"a {number}", f"b {number % 100}") for number in range(n_edges)]), name)
        return min(measured(name, text)[0] for _ in range(3))

    assert seconds(20_000) < 3 * seconds(10_000) + 0.1
