import numpy as np
import pandas as pd
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, EstimationError, GraphError, MissingColumnsError, NotFittedError
from causalrec.graph import CausalGraph
from causalrec.structural.bayesian_network import BayesianNetwork
from causalrec.structural.bayesian_network.structure import structure_of
from tests.structural.bayesian_network.networks import SHOP, SHOP_LEVELS, rows_of, shop, with_gaps

LINE = CausalGraph([("shown", "bought")])
FEW = {"shown": [0, 0, 0, 1, 1, 1, 1], "bought": ["no", "no", "yes", "no", "yes", "yes", "yes"]}


def test_complete_rows_are_counted():
    network = BayesianNetwork(LINE, prior=0.5).fit(Dataset.from_frames(FEW))
    np.testing.assert_allclose(network.tables_["shown"], [3.5 / 8, 4.5 / 8])
    np.testing.assert_allclose(network.tables_["bought"], [[2.5 / 4, 1.5 / 4], [1.5 / 5, 3.5 / 5]])
    assert network.n_ == 7


def test_bdeu_spreads_its_units_over_each_table():
    network = BayesianNetwork(LINE, prior=4.0, prior_kind="bdeu").fit(Dataset.from_frames(FEW))
    np.testing.assert_allclose(network.tables_["shown"], [5 / 11, 6 / 11])
    np.testing.assert_allclose(network.tables_["bought"], [[3 / 5, 2 / 5], [2 / 6, 4 / 6]])


def test_a_weight_is_so_many_equal_rows():
    rows, times = rows_of(shop(), 150, 1), np.random.default_rng(0).integers(0, 4, 150)
    once = BayesianNetwork(SHOP).fit(Dataset.from_frames({**rows, "times": times}), weights="times")
    often = BayesianNetwork(SHOP).fit(Dataset.from_frames({k: np.repeat(v, times) for k, v in rows.items()}))
    for name in SHOP.nodes:
        np.testing.assert_allclose(once.tables_[name], often.tables_[name])
    assert once.effect("display", "purchase").stderr == often.effect("display", "purchase").stderr


@pytest.mark.parametrize("gaps", [False, True])
def test_permuted_rows_give_the_same_answer(gaps):
    rows = rows_of(shop(), 300, 2)
    rows = with_gaps(rows, 2).tables["interactions"].to_pydict() if gaps else rows
    order = np.random.default_rng(3).permutation(300)
    mixed = {name: [values[row] for row in order] for name, values in rows.items()}
    found = [
        BayesianNetwork(SHOP, n_draws=100).fit(Dataset.from_frames(data)).effect("display", "purchase")
        for data in (rows, mixed)
    ]
    assert found[0].value == pytest.approx(found[1].value, abs=1e-12)
    assert found[0].stderr == pytest.approx(found[1].stderr, abs=1e-12)


def test_inputs_are_untouched_and_seeds_decide():
    rows = rows_of(shop(), 100, 2)
    frame = pd.DataFrame(rows)
    kept = frame.copy(deep=True)
    effects = [
        BayesianNetwork(SHOP, random_state=seed).fit(Dataset.from_frames(frame)).effect("display", "purchase")
        for seed in (0, 0, 1)
    ]
    pd.testing.assert_frame_equal(frame, kept)
    assert effects[0].stderr == effects[1].stderr != effects[2].stderr


def test_columns_of_many_kinds():
    frame = pd.DataFrame({
        "flag": [True, False, True, False], "kind": pd.Categorical(["b", "a", None, "a"]),
        "size": [1.0, 2.0, np.nan, 3.0],
    })  # fmt: skip
    graph = CausalGraph([("flag", "kind"), ("flag", "size")])
    network = BayesianNetwork(graph).fit(Dataset.from_frames(frame))
    assert [network.table(name).levels[-1] for name in graph.nodes] == [(False, True), ("a", "b"), (1, 2, 3)]


def test_columns_may_have_other_names():
    frame = {"display_flag": FEW["shown"], "bought": FEW["bought"]}
    data = Dataset.from_frames(frame, columns={"shown": "display_flag"})
    assert BayesianNetwork(LINE).fit(data).n_ == 7


def test_sampling_and_learning_come_back():
    network = BayesianNetwork(SHOP, levels=SHOP_LEVELS).fit(shop().sample(60_000, random_state=5))
    for name in SHOP.nodes:
        error = np.abs(network.tables_[name] - shop().tables_[name]) / network.table(name).stderr
        assert error.max() < 4.5


def test_setting_a_node_changes_only_what_comes_after():
    free, fixed = (shop().sample(500, do=do, random_state=1).tables["interactions"] for do in (None, {"display": 1}))
    assert set(fixed["display"].to_pylist()) == {1}
    assert fixed["season"].equals(free["season"])


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"prior": 0}, DataError, "`prior` is 0; it is a positive number"),
        ({"prior": "much"}, DataError, "`prior` is 'much'"),
        ({"prior_kind": "jeffreys"}, DataError, "choose 'cell' or 'bdeu'"),
        ({"n_draws": 1}, DataError, "`n_draws` is 1; it is a whole number, 100 or more"),
        ({"levels": {"bougth": ("no", "yes")}}, DataError, "did you mean 'bought'"),
        ({"levels": {"bought": ("no", "yess")}}, DataError, "did you mean 'yess'"),
        ({"levels": {"bought": "no"}}, DataError, "are a sequence such as"),
        ({"levels": {"bought": ("no", "yes", "no")}}, DataError, "they are distinct"),
    ],
)  # fmt: skip
def test_settings_are_checked(change, error, said):
    with pytest.raises(error, match=said):
        BayesianNetwork(LINE, **change).fit(Dataset.from_frames(FEW))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"shown": [0.5, 1.0], "bought": [0, 1]}, "'shown' holds numbers with decimals; cut it into levels"),
        ({"shown": [None, None], "bought": [0, 1]}, "'shown' has no value in any row"),
        ({"shown": [], "bought": []}, "'shown' has no value in any row"),
        ({"shown": list(range(2000)), "bought": [0, 1] * 1000}, "2,000 levels, more than 1,000"),
        ({"shown": pd.to_datetime(["2024-01-01", "2024-01-02"]), "bought": [0, 1]}, "holds timestamp"),
    ],
)
def test_columns_that_are_no_levels_are_refused(frame, said):
    with pytest.raises(DataError, match=said):
        BayesianNetwork(LINE).fit(Dataset.from_frames(frame))


def test_what_is_no_table_or_no_network_is_refused():
    with pytest.raises(MissingColumnsError, match="did you mean 'shwn'"):
        BayesianNetwork(LINE).fit(Dataset.from_frames({"shwn": [0], "bought": [1]}))
    with pytest.raises(DataError, match="`data` is a Dataset, not dict"):
        BayesianNetwork(LINE).fit(FEW)
    for graph in ("shown->bought", None, LINE.edges):
        with pytest.raises(GraphError, match="`graph` is a CausalGraph, not"):
            BayesianNetwork(graph).fit(Dataset.from_frames(FEW))
    with pytest.raises(GraphError, match="no hidden common causes"):
        BayesianNetwork(CausalGraph(LINE.edges, bidirected=LINE.edges)).fit(Dataset.from_frames(FEW))
    with pytest.raises(DataError, match="'taste' cannot be learned"):
        BayesianNetwork(CausalGraph([("taste", "bought")], latent=["taste"])).fit(Dataset.from_frames(FEW))
    with pytest.raises(NotFittedError, match="no tables yet"):
        BayesianNetwork(LINE).query("bought")
    with pytest.raises(DataError, match=r"\d,\d{3},\d{3} draws|numbers, more than"):
        BayesianNetwork(LINE, n_draws=50_000_000).fit(Dataset.from_frames(FEW))
    with pytest.raises(DataError, match="weights 'bought' are"):
        BayesianNetwork(LINE).fit(Dataset.from_frames(FEW), weights="bought")


def test_a_node_that_is_never_seen_is_refused_even_with_its_levels():
    for gone in ([None] * 7, np.full(7, np.nan)):
        with pytest.raises(DataError, match="'shown' has no value in any row"):
            BayesianNetwork(LINE, levels={"shown": (0, 1)}).fit(Dataset.from_frames({**FEW, "shown": gone}))
    with pytest.raises(DataError, match="has no rows"):
        BayesianNetwork(LINE, levels={"shown": (0, 1), "bought": (0, 1)}).fit(
            Dataset.from_frames({"shown": np.zeros(0), "bought": np.zeros(0)})
        )


def test_a_table_that_is_too_large_is_refused_with_its_size():
    causes = [f"cause {k}" for k in range(8)]
    graph = CausalGraph([(cause, "bought") for cause in causes])
    with pytest.raises(DataError, match="'bought' given its 8 causes would have 200,000,000 cells"):
        structure_of(graph, {**{cause: range(10) for cause in causes}, "bought": (0, 1)})


def test_no_limit_in_few_steps_is_an_error():
    with pytest.raises(EstimationError, match="after 2 steps over the missing values"):
        BayesianNetwork(SHOP, max_iter=2).fit(with_gaps(rows_of(shop(), 200, 0), 0))
