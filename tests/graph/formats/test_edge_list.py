import pytest

from causalrec.errors import CycleError, GraphError, GraphSyntaxError
from causalrec.graph import CausalGraph
from causalrec.graph.formats import edge_columns, from_edge_table, read_edge_list, read_parquet, write_parquet
from causalrec.graph.formats.parquet import MAGIC

NAMED = {  # name: (text, edges, bidirected, nodes)
    "no header": ("a,b\nb,c", "ab bc", "", ""),
    "header": ("cause,effect\na,b", "ab", "", ""),
    "header of other words": ("Target,Source\na,b", "ba", "", ""),
    "header with a kind": ("from,to,type\na,b,->\na,c,<->\nc,d,<-\nb,c,", "ab dc bc", "ac", ""),
    "kinds without a header": ("a,b,directed\nb,c,bidirected\nc,d,-->", "ab cd", "bc", ""),
    "semicolons": ("a;b\nb;c", "ab bc", "", ""),
    "tabs": ("a\tb\r\nb\tc\r\n", "ab bc", "", ""),
    "blanks": (" a , b \n\n\tb ,c\n", "ab bc", "", ""),
    "quotes": ('"a, b","say ""hi"""\n"two\nlines",a', [("a, b", 'say "hi"'), ("two\nlines", "a")], "", ""),
    "nodes alone": ("a,b\nc,\nd", "ab", "", "cd"),
    "kind in the middle": ("type,cause,effect\n<->,a,b\n->,b,c\n,,d".replace(",,d", "->,c,d"), "bc cd", "ab", ""),
    "no edge of the header's words": ("cause,effect", "", "", ""),
}


@pytest.mark.parametrize(("text", "edges", "bidirected", "nodes"), NAMED.values(), ids=NAMED)
def test_named_text(text, edges, bidirected, nodes):
    edges, bidirected = (
        [tuple(pair) for pair in (pairs.split() if isinstance(pairs, str) else pairs)] for pairs in (edges, bidirected)
    )
    assert read_edge_list(text) == CausalGraph(edges, bidirected=bidirected, nodes=list(nodes))


BAD = {  # name: (text, line, column, found, expected)
    "four cells": ("a,b\na,b,->,c", 2, 8, "4 cells", "two or three"),
    "unknown kind": ("a,b\nb,c,o->", 2, 5, "'o->'", "a kind of edge"),
    "no cause": ("a,b\n,c", 2, 1, "an empty cell", "the name of a node"),
    "kind of nothing": ("a,b\nc,,<->", 2, 3, "an empty cell", "the name of a node"),
    "quote not closed": ('a,b\n"c,d', 2, 1, '"c,d', "closed by another"),
    "text behind a quote": ('a,b\n"c"d,e', 2, 4, "'d'", "after a cell in quotes"),
    "quote within": ('a,b\nc"d",e', 2, 2, '"d"', "a cell closed"),
}


@pytest.mark.parametrize(("text", "line", "column", "found", "expected"), BAD.values(), ids=BAD)
def test_malformed_text_is_refused_where_it_is_wrong(text, line, column, found, expected):
    with pytest.raises(GraphSyntaxError) as caught:
        read_edge_list(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert found in str(caught.value)
    assert expected in str(caught.value)


def tables() -> dict[str, object]:
    import pandas
    import pyarrow

    columns = {"type": ["->", "<->", None], "effect": ["b", "c", None], "cause": ["a", "b", "d"]}
    frame = pandas.DataFrame(columns)
    return {
        "mapping": columns,
        "pandas": frame,
        "pandas, with an index": frame.set_index(pandas.Index([7, 8, 9])),
        "pandas, of objects": frame.astype(object),
        "pandas, of categories": frame.astype("category"),
        "arrow": pyarrow.table(columns),
        "arrow, of dictionaries": pyarrow.table(
            {key: pyarrow.array(c).dictionary_encode() for key, c in columns.items()}
        ),
    }


@pytest.mark.parametrize("kind", tables())
def test_tables_are_read_by_the_names_of_their_columns(kind):
    expected = CausalGraph([("a", "b")], bidirected=[("b", "c")], nodes=["d"])
    assert from_edge_table(tables()[kind]) == expected


def test_columns_make_tables_of_each_kind():
    import pandas
    import pyarrow

    graph = CausalGraph([("a", "b")], bidirected=[("b", "c")], nodes=["d"])
    for table in (pandas.DataFrame(edge_columns(graph)), pyarrow.table(edge_columns(graph))):
        assert from_edge_table(table) == graph
    assert from_edge_table({"x": ["a"], "y": ["b"]}) == CausalGraph([("a", "b")])


def test_other_tables_are_refused():
    for table, said in (
        ([("a", "b")], "Expected a frame"),
        ({"a": ["x"]}, "two or three columns"),
        ({"a": ["x"], "b": ["y"], "c": ["->"], "d": ["z"]}, "this one has 4"),
        ({"a": ["x"], "b": ["y", "z"]}, "differ in length"),
        ({"a": ["x", 1], "b": ["y", "z"]}, "Row 1 of the table holds 1; names are texts"),
        ({"a": ["x"], "b": ["y"], "c": ["--"]}, "Row 0 .*kind of edge '--'"),
        ({"a": [None], "b": ["y"]}, "Row 0 .*lacks the name"),
    ):
        with pytest.raises(GraphError, match=said):
            from_edge_table(table)
    with pytest.raises(CycleError):
        from_edge_table({"a": ["x", "y"], "b": ["y", "x"]})


def test_parquet_of_another_writer_is_read():
    import io

    import pyarrow
    import pyarrow.parquet

    written = io.BytesIO()
    table = pyarrow.table({"source": ["a"], "target": ["größe"]}).replace_schema_metadata({"pandas": "not json"})
    pyarrow.parquet.write_table(table, written, compression="zstd")
    assert read_parquet(written.getvalue()) == CausalGraph([("a", "größe")])


def test_spoilt_parquet_is_refused():
    import random

    rng, content = random.Random(0), write_parquet(CausalGraph([("a", "b"), ("b", "c")], bidirected=[("a", "c")]))
    assert content.startswith(MAGIC)
    for _ in range(500):
        spoilt = bytearray(content)
        for _ in range(rng.choice((1, 2, 5))):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        try:
            read_parquet(bytes(spoilt))
        except GraphError:
            continue
    for spoilt in (b"", MAGIC, content[:-1], content[: len(content) // 2]):
        with pytest.raises(GraphError, match="cannot be read"):
            read_parquet(spoilt)


def test_parquet_that_unpacks_into_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("causalrec.graph.formats.parquet.LARGEST", 100)
    with pytest.raises(GraphError, match="more than the 100"):
        read_parquet(write_parquet(CausalGraph([(f"a{number}", "b") for number in range(1000)])))
