import importlib.util
import re
from pathlib import Path

import pytest

from causalrec.graph import list_graphs, load_graph, read_header
from causalrec.graph.drawing import style
from causalrec.graph.drawing.marks import marks_of

SCRIPT = Path(__file__).parents[3] / "docs" / "graphs.py"


def script():
    spec = importlib.util.spec_from_file_location("docs_graphs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = script()


@pytest.mark.parametrize("name", list_graphs())
def test_picture_shows_what_the_header_says(name):
    graph, header = load_graph(name), read_header(name)
    drawing = PAGE.picture(graph, header)
    titles = re.findall(r"<g><title>([^<]*)</title>", drawing.svg)
    marked = {title.split(": ")[0]: title.split(": ")[1] for title in titles if ": " in title}
    for role in ("treatment", "outcome"):
        assert {node for node, roles in marked.items() if role in roles.split(", ")} == set(PAGE.names(header[role]))
    ringed = {node for node, roles in marked.items() if "adjusted" in roles.split(", ")}
    if header["expected"].startswith("adjustment"):
        assert ringed - set(graph.nodes_with("adjusted")) == set(PAGE.names(header["expected"].partition(" ")[2]))
    if header["expected"].startswith("none"):
        assert style.ALARM in drawing.svg


@pytest.mark.parametrize("name", [name for name in list_graphs() if "adjustment" in read_header(name)["expected"][:10]])
def test_an_adjustment_set_leaves_no_path_in_red(name):
    header = read_header(name)
    adjustment = PAGE.names(header["expected"].partition(" ")[2])
    treatment, outcome = PAGE.names(header["treatment"]), PAGE.names(header["outcome"])
    marks = marks_of(load_graph(name), treatment=treatment, outcome=outcome, adjustment=adjustment)
    assert marks.biasing == frozenset()


@pytest.mark.parametrize("name", list_graphs())
def test_section_says_all_of_the_header_in_words(name):
    header = read_header(name)
    text = PAGE.section(name, header)
    assert PAGE.in_words(header["expected"]) != f"`{header['expected']}`"
    assert header["source"] in text
    assert f"_static/graphs/{name}.svg" in text
    assert "{" not in text
