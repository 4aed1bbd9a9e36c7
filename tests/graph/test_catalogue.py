from pathlib import Path

import pytest

import causalrec.graph.catalogue as catalogue
from causalrec.errors import GraphError, GraphSyntaxError
from causalrec.graph import list_graphs, load_graph, read_dagitty, read_header, write_dagitty


def test_the_promotion_graph_is_the_one_drawn():
    graph = load_graph("promotion")
    assert len(graph) == 14
    assert len(graph.edges) == 28
    assert not graph.bidirected
    assert graph.latent == {"household_taste"}
    assert {node: set(roles) for node, roles in graph.roles.items()} == {
        "item_text": {"block"},
        "item_week_demand": {"absorbed"},
        "item_store_availability": {"absorbed"},
        "display": {"treatment"},
        "visit": {"selected"},
        "purchased": {"outcome"},
    }
    assert graph.children("mailer") == {"display", "price", "visit", "purchased"}
    assert graph.parents("display") == {"item_week_demand", "item_store_availability", "mailer"}
    assert graph.children("household_taste") == {"bought_before", "visit", "purchased"}


@pytest.mark.parametrize("name", list_graphs())
def test_each_shipped_graph_says_what_its_header_says(name):
    graph, header = load_graph(name), read_header(name)
    assert set(header) >= {"bias", "source", "treatment", "outcome", "expected"}
    assert list_graphs()[name] == header["bias"] != ""
    for role in ("treatment", "outcome", "selected"):
        assert ", ".join(graph.nodes_with(role)) == header.get(role, "")


def test_a_path_is_read(tmp_path, monkeypatch):
    path = tmp_path / "mine.dag"
    path.write_text("# bias: none\ndag { a -> größe }", encoding="utf-8")
    expected = read_dagitty("dag { a -> größe }")
    monkeypatch.chdir(tmp_path)
    for way in (path, str(path), "mine.dag", "./mine.dag"):
        assert load_graph(way) == expected
    assert read_header(path) == {"bias": "none"}


def test_a_shipped_name_wins_over_a_file_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "promotion").write_text("dag { a -> b }", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert len(load_graph("promotion")) == 14
    assert len(load_graph("./promotion")) == len(load_graph(Path("promotion"))) == 2


def test_header_ends_where_the_graph_starts(tmp_path):
    path = tmp_path / "mine.dag"
    path.write_text(
        "// outcome: b\n\n# Prose: with a colon\n#treatment:a\ndag { a -> b }\n# bias: late\n", encoding="utf-8"
    )
    assert read_header(path) == {"outcome": "b", "treatment": "a"}


def test_the_wheel_folder_is_found_before_the_one_beside_the_package(tmp_path, monkeypatch):
    module = tmp_path / "causalrec" / "graph" / "catalogue.py"
    monkeypatch.setattr(catalogue, "__file__", str(module))
    for folder, name in ((tmp_path / "graphs", "beside"), (tmp_path / "causalrec" / "graphs", "inside")):
        folder.mkdir(parents=True)
        (folder / f"{name}.dag").write_text(f"# bias: {name}\ndag {{ a -> b }}", encoding="utf-8")
        assert list_graphs() == {name: name}


def test_an_unknown_name_lists_the_nearest():
    with pytest.raises(GraphError, match=r"no shipped graph 'promotoin'.*did you mean 'promotion'"):
        load_graph("promotoin")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(GraphError, match=r"no file .*absent\.dag"):
        load_graph(tmp_path / "absent.dag")
    with pytest.raises(GraphError, match="no file"):
        load_graph(tmp_path)
    with pytest.raises(GraphError, match="There is no file 'graphs/promotoin'"):
        load_graph("graphs/promotoin")
    with pytest.raises(GraphError, match="name or a path"):
        load_graph("")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "mine.dag"
    path.write_bytes(b"dag { a\xff }")
    with pytest.raises(GraphError, match="UTF-8: byte 7"):
        load_graph(path)


def test_a_malformed_file_is_named(tmp_path):
    path = tmp_path / "mine.dag"
    path.write_text("dag { a ->", encoding="utf-8")
    with pytest.raises(GraphSyntaxError, match=r"line 1, column 11.*mine\.dag"):
        load_graph(path)


def test_the_promotion_graph_survives_writing():
    graph = load_graph("promotion")
    assert read_dagitty(write_dagitty(graph)) == graph
