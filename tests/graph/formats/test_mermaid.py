import pytest

from causalrec.errors import CycleError, GraphSyntaxError
from causalrec.graph import CausalGraph
from causalrec.graph.formats import read_mermaid, write_mermaid

# From Mermaid's own documentation of flowcharts, "A fancier example"; its edges read off the picture.
DOCUMENTED = """flowchart TD
    A[Christmas] -->|Get money| B(Go shopping)
    B --> C{Let me think}
    C -->|One| D[Laptop]
    C -->|Two| E[iPhone]
    C -->|Three| F[fa:fa-car Car]
"""

NAMED = {  # name: (text, edges, bidirected)
    "one line": ("graph TD; a-->b; b-->c", "ab bc", ""),
    "no direction": ("flowchart\na --> b", "ab", ""),
    "chain": ("flowchart LR\na --> b --> c", "ab bc", ""),
    "groups": ("flowchart LR\na & b --> c & d", "ac ad bc bd", ""),
    "dotted, thick, long": ("flowchart LR\na -.-> b ==> c ----> d -..-> e ====> f", "ab bc cd de ef", ""),
    "two heads": ("flowchart LR\na <--> b\nb <-.-> c\nc <==> d", "", "ab bc cd"),
    "words on edges": (
        'flowchart LR\na -- to --> b\nb -. to .-> c\nc == to ==> d\nd -->|to| e\ne -->|"a | b"| f',
        "ab bc cd de ef",
        "",
    ),
    "forms": (
        "flowchart LR\na(a) --> b([b]) --> c[[c]] --> d[(d)] --> e((e)) --> f>f] --> g{g} --> h{{h}} --> i[/i/]"
        " --> j[\\j\\] --> k[/k\\] --> l[\\l/] --> m(((m)))",
        "ab bc cd de ef fg gh hi ij jk kl lm",
        "",
    ),
    "labels name": ('flowchart LR\nx["a"] --> y\ny[b]', "ab", ""),
    "comments": ("%% a\nflowchart LR\n%% b --> c\na --> b %% --> c", "ab", ""),
    "front matter": ("---\ntitle: x --> y\n---\nflowchart LR\na --> b", "ab", ""),
    "looks": (
        "flowchart LR\na --> b\nstyle a fill:#f9f\nlinkStyle 0 stroke:red\nclassDef x y"
        '\nclass a x\nclick a "x"\ndirection TB',
        "ab",
        "",
    ),
    "subgraphs": (
        "flowchart LR\nsubgraph one [x]\ndirection TB\na --> b\nsubgraph two\nc\nend\nend\nb --> c",
        "ab bc",
        "",
    ),
    "codes": ('flowchart LR\nx["#35;#quot;#233;"] --> b', [('#"é', "b")], ""),
    "hyphens and dots": ("flowchart LR\na-b-->c.d", [("a-b", "c.d")], ""),
}


@pytest.mark.parametrize(("text", "edges", "bidirected"), NAMED.values(), ids=NAMED)
def test_named_text(text, edges, bidirected):
    edges, bidirected = (
        [tuple(pair) for pair in (pairs.split() if isinstance(pairs, str) else pairs)] for pairs in (edges, bidirected)
    )
    assert read_mermaid(text) == CausalGraph(edges, bidirected=bidirected)


def test_the_documented_example_is_read():
    assert read_mermaid(DOCUMENTED).edges == (
        ("Christmas", "Go shopping"),
        ("Go shopping", "Let me think"),
        ("Let me think", "Laptop"),
        ("Let me think", "iPhone"),
        ("Let me think", "fa:fa-car Car"),
    )


def test_classes_are_roles():
    graph = read_mermaid("flowchart LR\nclass u,v latent\nu --> a:::treatment:::block --> b:::bold\nv\nclass b outcome")
    assert graph.latent == {"u", "v"}
    assert graph.roles == {"a": {"treatment", "block"}, "b": {"outcome"}}


BAD = {  # name: (text, line, column, found, expected)
    "nothing": ("", 1, 1, "the end of the text", "flowchart LR"),
    "another diagram": ("\nsequenceDiagram\na->>b: x", 2, 1, "'sequenceDiagram'", "flowchart LR"),
    "undirected": ("flowchart LR\na --- b", 2, 3, "'---'", "arrows"),
    "undirected after words": ("flowchart LR\na -- x --- b --> c", 2, 3, "'--'", "arrows"),
    "a circle": ("flowchart LR\na --o b", 2, 3, "'--o'", "arrows"),
    "invisible": ("flowchart LR\na ~~~ b", 2, 3, "'~~~'", "arrows"),
    "arrow to nothing": ("flowchart LR\na -->\nb", 2, 6, r"'\n'", "a node after -->"),
    "brackets that differ": ("flowchart LR\na[x) --> b", 2, 2, "'[x)'", "brackets that close"),
    "empty label": ('flowchart LR\na[""] --> b', 2, 2, "'[\"\"]'", "a label"),
    "not closed": ("flowchart LR\nsubgraph x\na --> b", 3, 8, "the end of the text", "'end'"),
    "end of nothing": ("flowchart LR\nend", 2, 1, "'end'", "a node"),
    "edge of a subgraph": ("flowchart LR\nsubgraph x\na\nend\nx --> b", 5, 1, "'x'", "a subgraph has no causes"),
    "one label twice": ("flowchart LR\na[x] --> b[x]", 2, 10, "'b'", "a label of its own"),
    "class of nothing": ("flowchart LR\na\nclass q latent", 3, 7, "'q'", "a node that the flowchart has"),
    "keyword as a node": ("flowchart LR\nstyle --> b", 2, 1, "'style'", "a node"),
    "two nodes": ("flowchart LR\na b", 2, 3, "'b'", "an arrow"),
}


@pytest.mark.parametrize(("text", "line", "column", "found", "expected"), BAD.values(), ids=BAD)
def test_malformed_text_is_refused_where_it_is_wrong(text, line, column, found, expected):
    with pytest.raises(GraphSyntaxError) as caught:
        read_mermaid(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert found in str(caught.value)
    assert expected in str(caught.value)


def test_a_cycle_is_named():
    with pytest.raises(CycleError, match="a -> b -> a"):
        read_mermaid("flowchart LR\na --> b --> a")


def test_names_become_labels_where_ids_cannot_say_them():
    text = write_mermaid(CausalGraph([("unit price", "end"), ("n0", "plain")]))
    assert text.splitlines() == [
        "flowchart LR", 'n0["unit price"]', 'n1["end"]', 'n2["n0"]', "plain", "n0 --> n1", "n2 --> plain",
    ]  # fmt: skip
