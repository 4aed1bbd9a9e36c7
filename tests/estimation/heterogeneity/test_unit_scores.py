"""Scores of users and items from a flat table, in memory and streamed, through the public door."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

import causalrec as cr
from causalrec.data import Dataset, EffectScores
from causalrec.errors import DataError, EstimationError, MissingColumnsError, OutputError
from causalrec.estimation.heterogeneity.learners import DRLearner, TLearner
from causalrec.estimation.heterogeneity.linear_learners import LinearRLearner
from causalrec.estimation.heterogeneity.unit_scores import write_scores
from causalrec.identification import Estimand
from tests.estimation.planted import exact_interval

LEARNER = DRLearner(LinearRegression(), LogisticRegression())
ESTIMAND = Estimand(("shown",), "bought", "adjustment", adjustment=("taste",), conditional=("age",))
N_WORLDS = 40


def rows(seed=0, slope=1.0, n_users=60, n_items=20, n_rows=3000):
    """Users see items; an item shown is bought more by 1 + slope * age of the user."""
    import pyarrow as pa

    rng = np.random.default_rng(seed)
    user, item = rng.integers(0, n_users, n_rows), rng.integers(0, n_items, n_rows)
    age, taste = rng.normal(size=n_users)[user], rng.normal(size=(n_users, n_items))[user, item]
    shown = (rng.random(n_rows) < 1 / (1 + np.exp(-taste))).astype(int)
    bought = taste + shown * (1 + slope * age) + rng.normal(size=n_rows)
    names = {"user": np.array([f"u{k:02d}" for k in user]), "item": np.array([f"i{k:02d}" for k in item])}
    columns = {"shown": shown, "bought": bought, "taste": taste, "age": age, "w": rng.random(n_rows)}
    return pa.table({**names, **columns}), age


def log(seed=0, **options):
    table, age = rows(seed, **options)
    return Dataset.from_frames(table), age


def streamed(table, folder, **options):
    import pyarrow.parquet as pq

    pq.write_table(table, folder / "rows.parquet", row_group_size=700)
    return Dataset.from_parquet(folder / "rows.parquet", memory_limit=8, **options)


def same(first, second, digits=1e-8):
    assert first.user.tolist() == second.user.tolist()
    assert first.item.tolist() == second.item.tolist()
    for name in ("value", "stderr", "propensity", "base"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=digits, atol=digits)
    assert (first.reason, first.treatment, first.unit) == (second.reason, second.treatment, second.unit)


@pytest.mark.parametrize("learner", [None, LEARNER], ids=["linear in passes", "any models"])
def test_each_user_and_item_has_its_own_effect(learner):
    data, age = log()
    found = cr.score(ESTIMAND, data, modifiers=["age"], learner=learner)
    table = data.tables["interactions"]
    seen = {(u, i) for u, i in zip(table["user"].to_pylist(), table["item"].to_pylist(), strict=True)}
    assert found.reason.startswith("personal: effects differ by age on held-out units (p < 0.0001")
    assert found.reason in str(found)
    assert list(zip(found.user, found.item, strict=True)) == sorted(seen)
    truth = dict(zip(table["user"].to_pylist(), 1 + age, strict=True))
    error = found.value - np.array([truth[user] for user in found.user])
    assert (np.abs(error) < 4.5 * found.stderr).all()
    assert found.treatment == "shown"
    assert ((found.propensity >= 0) & (found.propensity <= 1)).all()


def test_a_pair_has_the_means_of_its_rows():
    data, _ = log(n_rows=900)
    found = cr.score(ESTIMAND, data, modifiers=["age"], weights="w", learner=LEARNER)
    table = data.tables["interactions"].to_pandas()
    table["shown"] *= table["w"]
    sums = table.groupby(["user", "item"])[["shown", "w"]].sum()
    assert sums.index.tolist() == list(zip(found.user, found.item, strict=True))
    np.testing.assert_allclose(found.propensity, sums["shown"] / sums["w"])


def test_a_constant_effect_is_not_spread_out():
    constant = 0
    for seed in range(N_WORLDS):
        found = cr.score(ESTIMAND, log(seed, slope=0.0, n_rows=600)[0], modifiers=["age"])
        if found.reason.startswith("constant"):
            constant += 1
            assert len(np.unique(found.value)) == 1
            assert (found.stderr > 0).all()
            assert "average effect and its error" in str(found)
    low, high = exact_interval(constant, N_WORLDS)
    assert low <= 0.95 <= high


def test_the_test_can_be_left_out():
    data, _ = log(0, slope=0.0, n_rows=600)
    found = cr.score(ESTIMAND, data, modifiers=["age"], level=1)
    assert len(np.unique(found.value)) > 1
    assert "no test was to decide" in found.reason
    assert len(np.unique(cr.score(ESTIMAND, log()[0], modifiers=["age"], level=0).value)) == 1


@pytest.mark.parametrize("options", [
    {}, {"clusters": ["user"]}, {"clusters": ["user", "item"], "weights": "w"}, {"level": 0},
    {"learner": LinearRLearner()},
], ids=["robust", "clustered", "two ways, weighted", "constant", "R learner"])  # fmt: skip
def test_a_file_gives_the_scores_of_the_table(options, tmp_path):
    table, _ = rows(3)
    kept = cr.score(ESTIMAND, Dataset.from_frames(table), modifiers=["age"], **options)
    data = streamed(table, tmp_path)
    same(cr.score(ESTIMAND, data, modifiers=["age"], **options), kept)


def test_scores_are_written_without_being_held(tmp_path, monkeypatch):
    table, _ = rows(3)
    data = streamed(table, tmp_path)
    kept = cr.score(ESTIMAND, data, modifiers=["age"])
    monkeypatch.setattr("causalrec.estimation.heterogeneity.pair_means.N_PAIRS", 100)
    monkeypatch.setattr("causalrec.estimation.heterogeneity.unit_scores.N_BATCH", 400)
    path = write_scores(tmp_path / "scores.parquet", ESTIMAND, data, ["age"])
    same(EffectScores.load(path), kept, digits=1e-12)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["rows.parquet", "scores.parquet"]
    in_memory = write_scores(tmp_path / "kept.parquet", ESTIMAND, Dataset.from_frames(table), ["age"])
    same(EffectScores.load(in_memory), kept)
    with pytest.raises(OutputError):
        write_scores(tmp_path / "nowhere" / "scores.parquet", ESTIMAND, data, ["age"])


def test_a_longer_stream_deals_its_own_folds_and_finds_the_same(tmp_path, monkeypatch):
    table, _ = rows(3)
    kept = cr.score(ESTIMAND, Dataset.from_frames(table), modifiers=["age"])
    monkeypatch.setattr("causalrec.data.streamed_design.N_DEALT", 100)
    found = cr.score(ESTIMAND, streamed(table, tmp_path), modifiers=["age"])
    assert (found.value != kept.value).any()
    assert (np.abs(found.value - kept.value) < kept.stderr).all()
    np.testing.assert_allclose(found.stderr, kept.stderr, rtol=0.1)


def test_missing_values_and_side_tables_stream_too(tmp_path):
    import pyarrow as pa

    table, age = rows(5)
    holes = pa.array([None if k % 50 == 0 else value for k, value in enumerate(table["taste"].to_pylist())])
    table = table.set_column(table.column_names.index("taste"), "taste", holes)
    first = dict(zip(table["user"].to_pylist(), age, strict=True))
    users = pa.table({"user": list(first), "age": list(first.values())})
    table = table.drop_columns(["age"])
    for missing in ("drop", "indicator"):
        kept = cr.score(ESTIMAND, Dataset.from_frames(table, users=users), modifiers=["age"], missing=missing)
        data = streamed(table, tmp_path, users=users)
        same(cr.score(ESTIMAND, data, modifiers=["age"], missing=missing), kept)
    with pytest.raises(DataError, match="'taste' 60"):
        cr.score(ESTIMAND, data, modifiers=["age"])


def test_the_datasets_keys_are_the_columns_of_users_and_items():
    table, _ = rows(n_rows=600)
    renamed = table.rename_columns(["who", "what", *table.column_names[2:]])
    keys = {"users": "who", "items": "what"}
    found = cr.score(ESTIMAND, Dataset.from_frames(renamed, keys=keys), modifiers=["age"])
    same(found, cr.score(ESTIMAND, Dataset.from_frames(table), modifiers=["age"]))
    named = cr.score(ESTIMAND, Dataset.from_frames(renamed), modifiers=["age"], user="who", item="what")
    same(found, named)


def test_rows_in_another_order_give_the_same():
    import pyarrow as pa

    data, _ = log(n_rows=800)
    table = data.tables["interactions"]
    again = Dataset.from_frames(table.take(pa.array(np.random.default_rng(0).permutation(table.num_rows))))
    for learner in (None, LEARNER):
        first, second = (cr.score(ESTIMAND, part, modifiers=["age"], learner=learner) for part in (data, again))
        assert first.user.tolist() == second.user.tolist()
        assert first.value == pytest.approx(second.value, abs=1e-9)
        assert first.stderr == pytest.approx(second.stderr, rel=1e-6)


def test_errors_are_clustered_by_three_columns_in_memory(tmp_path):
    table, _ = rows(0)
    table = table.append_column("shop", [[f"s{k % 30}" for k in range(3000)]])
    clusters = ["user", "item", "shop"]
    found = cr.score(ESTIMAND, Dataset.from_frames(table), modifiers="age", clusters=clusters)
    assert found.reason.startswith("personal")
    with pytest.raises(DataError, match="two columns of clusters at most"):
        cr.score(ESTIMAND, streamed(table, tmp_path), modifiers="age", clusters=clusters)


def test_ids_of_any_type_become_texts_in_order():
    table, _ = rows(n_rows=600)
    numbers = [int(name[1:]) for name in table["user"].to_pylist()]
    found = cr.score(ESTIMAND, Dataset.from_frames(table.set_column(0, "user", [numbers])), modifiers=["age"])
    assert list(dict.fromkeys(found.user)) == sorted({str(number) for number in numbers})


def test_what_scores_refuse(tmp_path, world):
    data, _ = log(n_rows=300)
    table = data.tables["interactions"]
    with pytest.raises(DataError, match=r"conditional=\['price'\]"):
        cr.score(ESTIMAND, data, modifiers=["price"])
    with pytest.raises(DataError, match="Name the modifiers"):
        cr.score(ESTIMAND, data, modifiers=[])
    with pytest.raises(DataError, match="between 0 and 1"):
        cr.score(ESTIMAND, data, modifiers=["age"], level=5)
    with pytest.raises(MissingColumnsError, match="customer"):
        cr.score(ESTIMAND, data, modifiers=["age"], user="customer")
    with pytest.raises(EstimationError, match="not all of them"):
        cr.score(ESTIMAND, data, modifiers=["age"], learner=TLearner(LinearRegression()))
    with pytest.raises(EstimationError, match="no learner"):
        cr.score(ESTIMAND, data, modifiers=["age"], learner=LinearRegression())
    with pytest.raises(DataError, match="larger than memory, and DRLearner needs"):
        cr.score(ESTIMAND, streamed(table, tmp_path), modifiers=["age"], learner=LEARNER)
    with pytest.raises(DataError, match="user, weights belong to flat tables"):
        cr.score(ESTIMAND, world.data, modifiers=["age"], user="user", weights="w")
    without = table.set_column(0, "user", [[None, *table["user"].to_pylist()[1:]]])
    with pytest.raises(DataError, match="1 of 300 rows name no user"):
        cr.score(ESTIMAND, Dataset.from_frames(without), modifiers=["age"])


def test_scores_of_a_log_say_how_they_are_personal(lifted_world):
    estimand = Estimand(("display",), "purchased", "adjustment", adjustment=("item_week_demand",))
    found = cr.score(estimand, lifted_world.data, modifiers=["department", "bought_before"])
    assert "the lift differs by item, what the user bought before, department, as far" in found.reason
