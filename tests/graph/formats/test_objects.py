"""Graphs of networkx, DoWhy and pgmpy: pgmpy by objects that are built like its own."""

import networkx as nx
import pytest

from causalrec.errors import CycleError, GraphError
from causalrec.graph import CausalGraph
from causalrec.graph.formats import from_dowhy, from_networkx, from_pgmpy, to_dowhy, to_networkx, to_pgmpy

STUDY = CausalGraph(
    [("exposed", "watched"), ("taste", "exposed"), ("taste", "watched")],
    bidirected=[("exposed", "watched"), ("age", "watched")],
    latent=["taste"],
    nodes=["season"],
    roles={"exposed": ["treatment", "block"], "watched": "outcome"},
)


def test_networkx_keeps_all():
    made = to_networkx(STUDY)
    assert isinstance(made, nx.MultiDiGraph)
    assert made.nodes["taste"] == {"observed": "no"}
    assert from_networkx(made) == STUDY
    assert type(to_networkx(CausalGraph([("a", "b")]))) is nx.DiGraph


def test_other_objects_are_refused():
    with pytest.raises(GraphError, match="an undirected graph"):
        from_networkx(nx.Graph([("a", "b")]))
    with pytest.raises(GraphError, match="got list"):
        from_networkx([("a", "b")])
    with pytest.raises(GraphError, match="relabel_nodes"):
        from_networkx(nx.DiGraph([(1, 2)]))
    with pytest.raises(CycleError):
        from_networkx(nx.DiGraph([("a", "b"), ("b", "a")]))
    wrong = nx.DiGraph()
    wrong.add_node("a", roles=["tretment"])
    with pytest.raises(GraphError, match=r"'a' has a role .*did you mean 'treatment'"):
        from_networkx(wrong)
    with pytest.raises(GraphError, match="DoWhy"):
        from_dowhy(STUDY)
    with pytest.raises(GraphError, match="pgmpy"):
        from_pgmpy("a -> b")


@pytest.mark.filterwarnings("ignore")
def test_graphs_of_dowhy_are_read():
    from dowhy import gcm
    from dowhy.causal_graph import CausalGraph as DoWhyGraph

    measured = [node for node in STUDY.nodes if node not in STUDY.latent]
    made = DoWhyGraph("exposed", "watched", graph=to_dowhy(STUDY), observed_node_names=measured)
    assert from_dowhy(made) == STUDY
    assert set(made.get_unobserved_nodes() if hasattr(made, "get_unobserved_nodes") else []) <= set(to_dowhy(STUDY))
    built = DoWhyGraph(
        "t", "y", common_cause_names=["w"], instrument_names=["z"], observed_node_names=["t", "y", "w", "z"]
    )
    assert from_dowhy(built) == CausalGraph(
        [("t", "y"), ("w", "t"), ("w", "y"), ("z", "t")], roles={"t": "treatment", "y": "outcome"}
    )
    assert from_dowhy(gcm.StructuralCausalModel(nx.DiGraph([("a", "b")]))) == CausalGraph([("a", "b")])


@pytest.mark.filterwarnings("ignore")
def test_a_model_of_dowhy_is_read_and_agrees_on_what_to_adjust_for():
    import pandas
    from dowhy import CausalModel

    graph = CausalGraph(
        [("w", "t"), ("w", "y"), ("t", "y"), ("u", "z"), ("u", "t")],
        latent=["u"],
        roles={"t": "treatment", "y": "outcome"},
    )
    data = pandas.DataFrame({node: [0.0, 1.0, 2.0] for node in graph.nodes if node not in graph.latent})
    model = CausalModel(data, "t", "y", graph=to_dowhy(graph), proceed_when_unidentifiable=True)
    assert from_dowhy(model) == graph
    assert model.identify_effect(method_name="minimal-adjustment").get_backdoor_variables() == ["w"]


class DAG(nx.DiGraph):
    """As pgmpy's: latents are a set, roles are attributes in its own words."""

    latents: set[str]


def test_graphs_like_those_of_pgmpy_are_read():
    dag = DAG([("x", "y"), ("u", "x"), ("u", "y")])
    dag.latents = {"u"}
    nx.set_node_attributes(dag, {"x": {"exposures"}, "y": {"outcomes"}, "u": {"latents"}}, "roles")
    assert from_pgmpy(dag) == CausalGraph(
        [("x", "y"), ("u", "x"), ("u", "y")], latent=["u"], roles={"x": "treatment", "y": "outcome"}
    )
    admg = nx.MultiDiGraph([("x", "y")])
    admg.add_edge("x", "y", type="bidirected")
    admg.add_edge("y", "x", type="bidirected")
    assert from_pgmpy(admg) == CausalGraph([("x", "y")], bidirected=[("x", "y")])
    with pytest.raises(GraphError, match="several graphs"):
        from_pgmpy(type("PDAG", (nx.DiGraph,), {})())


def test_arguments_for_pgmpy_are_in_its_words():
    made = to_pgmpy(STUDY)
    assert set(made.directed) == set(STUDY.edges)
    assert made.latents == {"taste"}
    assert made.roles == {"block": ["exposed"], "exposures": ["exposed"], "outcomes": ["watched"]}
