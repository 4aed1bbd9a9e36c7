import json

import numpy as np
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, GraphSyntaxError, MissingDataError, OutputError
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network import BayesianNetwork
from causalrec.structural.bayesian_network.bif import read_bif
from tests.structural.bayesian_network.networks import ALARM, SHOP, asia, rows_of, shop, with_gaps

SMALL = """network "two words" { property author someone ; }
// a comment
variable "item shown" { type discrete [ 2 ] { no, "yes, big" }; property position = (1, 2) ; }
variable bought { type discrete [ 3 ] { none, one, many }; }
variable week /* of the year */ { type discrete [ 2 ] { odd, even }; }
probability ( "item shown" ) { table 0.25 0.75; }
probability ( week ) { table 0.5, 0.5; }
probability ( bought | "item shown", week ) {
  default 0.5, 0.3, 0.2;
  ("yes, big", odd) 1e-1, .4, 0.5;
}
"""


ONE = "variable a { type discrete [ 2 ] { x, y }; }"


def test_bif_with_quotes_comments_defaults_and_properties(tmp_path):
    (tmp_path / "small.bif").write_text(SMALL)
    network = BayesianNetwork.from_bif(tmp_path / "small.bif")
    assert network.graph.parents("bought") == {"item shown", "week"}
    np.testing.assert_allclose(network.tables_["bought"][1], [[0.1, 0.4, 0.5], [0.5, 0.3, 0.2]])
    assert network.query("item shown").probability({"item shown": "yes, big"}) == 0.75


def test_a_table_with_causes_lists_the_variable_slowest():
    text = "variable a { type discrete [ 2 ] { x, y }; } variable b { type discrete [ 2 ] { u, v }; }"
    text += "probability ( a ) { table 0.5, 0.5; } probability ( b | a ) { table 0.1, 0.2, 0.9, 0.8; }"
    assert read_bif(text).tables["b"].rows == {("x",): [0.1, 0.9], ("y",): [0.2, 0.8]}


@pytest.mark.parametrize("network", [asia, shop], ids=["asia", "shop"])
def test_bif_gives_the_tables_back_exactly(network, tmp_path):
    given = network()
    found = BayesianNetwork.from_bif(given.to_bif(tmp_path / "network.bif"))
    assert set(found.graph.edges) == set(given.graph.edges)
    for name in given.graph.nodes:
        np.testing.assert_array_equal(found.tables_[name], given.tables_[name])


@pytest.mark.parametrize("levels", [("", "b"), (",", "|"), ("http://a", "http://b"), ("/* a", "b */"), ('"//', "\\")])
def test_bif_gives_levels_with_any_sign_back(levels, tmp_path):
    given = BayesianNetwork.from_tables(CausalGraph([], nodes=["a"]), {"a": (0.3, 0.7)}, levels={"a": levels})
    assert BayesianNetwork.from_bif(given.to_bif(tmp_path / "network.bif")).table("a").levels == (levels,)


def test_alarm_has_its_published_size():
    network = BayesianNetwork.from_bif(ALARM)
    assert (len(network.graph), len(network.graph.edges), network._fitted.n_parameters) == (37, 46, 509)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("nonsense", 1, "expected network, variable or probability"),
        ("variable a {\n  type discrete [ 3 ] { x, y };\n}", 3, "announces 3 levels and has 2"),
        ("variable a { type discrete [ 2 ] { x, y }; }\nprobability ( b ) { table 1; }", 2, "no variable above it"),
        ("variable a { type discrete [ 2 ] { x, y }; }\nprobability ( a ) { table 0.5, oops; }", 2, "oops"),
        ("variable a { type discrete [ 2 ] { x, y }; }\nprobability ( a ) { table 0.5; }", 2, "1 numbers instead of 2"),
        ("variable a { type continuous; }", 1, "expected 'discrete'"),
        ("variable a { type discrete [ 2 ] { x,", 1, "the end"),
        ("network x", 1, "the end"),
        (f"{ONE}\n{ONE}", 2, "'a' has a second block"),
        (
            f"{ONE}\nprobability ( a ) {{ table 1, 0; }}\nprobability ( a ) {{ table 0, 1; }}",
            3,
            "'a' has a second block",
        ),
        (f"{ONE}\nprobability ( ) {{ table 1, 0; }}", 2, "expected a variable"),
    ],
)
def test_text_that_is_no_bif_is_refused_with_its_line(text, line, said):
    with pytest.raises(GraphSyntaxError, match=said) as found:
        read_bif(text)
    assert found.value.line == line


def test_a_table_that_bif_lacks_is_named(tmp_path):
    (tmp_path / "half.bif").write_text("variable a { type discrete [ 2 ] { x, y }; }")
    with pytest.raises(DataError, match="no table of 'a'"):
        BayesianNetwork.from_bif(tmp_path / "half.bif")


@pytest.mark.parametrize("gaps", [False, True])
def test_a_saved_network_answers_as_before(gaps, tmp_path):
    rows = rows_of(shop(), 200, 0)
    data = with_gaps(rows, 0) if gaps else Dataset.from_frames(rows)
    network = BayesianNetwork(SHOP, n_draws=100, prior=0.7).fit(data)
    found = BayesianNetwork.load(network.save(tmp_path / "network.json"))
    before, after = (each.effect("display", "purchase") for each in (network, found))
    assert before.to_dict() == after.to_dict()
    assert (found.prior, found.n_, found.objective_) == (0.7, 200, network.objective_)
    assert found.graph == SHOP
    assert found.log_likelihood(data) == pytest.approx(network.log_likelihood_)


def test_a_saved_network_keeps_the_types_of_levels_and_hidden_nodes(tmp_path):
    graph = CausalGraph([("taste", "flag")], latent=["taste"])
    tables = {"taste": (0.5, 0.5), "flag": [0.1, 0.9]}
    with pytest.raises(DataError, match="but its causes are"):
        BayesianNetwork.from_tables(graph, tables, levels={"taste": ("a", "b"), "flag": (False, True)})
    network = shop()
    found = BayesianNetwork.load(network.save(tmp_path / "network.json"))
    assert found.table("purchase").levels == network.table("purchase").levels
    assert found.query("purchase").stderr is None


def test_files_that_are_no_network_are_refused(tmp_path):
    with pytest.raises(MissingDataError, match="no file"):
        BayesianNetwork.load(tmp_path / "none.json")
    with pytest.raises(MissingDataError, match="no file"):
        BayesianNetwork.from_bif(tmp_path / "none.bif")
    with pytest.raises(OutputError, match="Cannot write"):
        shop().save(tmp_path / "no folder" / "network.json")
    path = tmp_path / "network.json"
    for text, said in (("{", "no JSON"), ("[]", "holds no network")):
        path.write_text(text)
        with pytest.raises(DataError, match=said):
            BayesianNetwork.load(path)
    shop().save(path)
    document = json.loads(path.read_text())
    for key in ("n", "log_likelihood", "objective"):
        path.write_text(json.dumps({**document, key: "much"}))
        with pytest.raises(DataError, match="damaged"):
            BayesianNetwork.load(path)
    for key in ("levels", "tables", "settings", "edges"):
        path.write_text(json.dumps({name: value for name, value in document.items() if name != key}))
        with pytest.raises(DataError, match="damaged"):
            BayesianNetwork.load(path)
