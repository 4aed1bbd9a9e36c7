import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causalrec.data import EffectScores, Predictions, Ranking
from causalrec.errors import MissingColumnsError, OutputError, ShapeError

USER, ITEM = np.array(["a", "a", "b", "ü"]), np.array(["x", "y", "x", "'z'"])
SCORE = np.array([0.1, -2.5, 1e-300, 3.0])
TABLES = {
    "effect scores": EffectScores(
        USER, ITEM, value=SCORE, stderr=np.abs(SCORE), propensity=np.array([0, 0.5, 1, 0.25]), treatment="display",
        unit="probability of purchase", reason="constant: no difference was found (p = 0.3 > 0.05)",
    ),
    "effect scores with a base": EffectScores(
        USER, ITEM, value=SCORE, stderr=np.abs(SCORE), propensity=np.array([0, 0.5, 1, 0.25]), base=SCORE**2,
    ),
    "predictions": Predictions(USER, ITEM, score=SCORE),
    "ranking": Ranking(USER, ITEM, rank=np.array([1, 2, 1, 1]), score=SCORE),
}  # fmt: skip
FIELDS = "user", "item", "value", "stderr", "propensity", "treatment", "unit", "base", "reason", "score", "rank"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_what_is_saved_is_what_is_loaded(table, tmp_path):
    path = table.save(tmp_path / "table.parquet")
    found = type(table).load(path)
    for name in (name for name in FIELDS if hasattr(table, name)):
        saved, loaded = getattr(table, name), getattr(found, name)
        if isinstance(saved, np.ndarray):
            np.testing.assert_array_equal(loaded, saved)
            assert loaded.dtype.kind == saved.dtype.kind or saved.dtype.kind == "U"
        else:
            assert loaded == saved
    assert len(found) == 4
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.parquet"]


def test_scores_of_an_older_version_have_no_reason(tmp_path):
    table = TABLES["effect scores"].to_arrow()
    old = table.replace_schema_metadata({"treatment": "display", "unit": "clicks"})
    pq.write_table(old, tmp_path / "old.parquet")
    found = EffectScores.load(tmp_path / "old.parquet")
    assert (found.treatment, found.unit, found.reason) == ("display", "clicks", "")


def test_scores_say_what_they_are():
    text = str(TABLES["effect scores"])
    assert text.startswith("Effect of display on 4 users and items: -2.5000 to +3.0000, median")
    assert text.endswith("constant: no difference was found (p = 0.3 > 0.05)")
    same = EffectScores(USER, ITEM, value=np.full(4, 0.5), stderr=np.full(4, 0.1), propensity=np.ones(4))
    assert str(same) == "Effect of the treatment on 4 users and items: +0.5000 ± 0.1000 for all"
    empty = EffectScores(*(np.array([]) for _ in range(5)))
    assert str(empty) == "no effect scores"


def test_saving_again_gives_the_same_bytes(tmp_path):
    one, other = (TABLES["ranking"].save(tmp_path / name).read_bytes() for name in ("one", "other"))
    assert one == other


def test_saving_replaces_the_file_as_a_whole(tmp_path):
    path = tmp_path / "scores.parquet"
    TABLES["predictions"].save(path)
    shorter = Predictions(USER[:1], ITEM[:1], score=SCORE[:1])
    shorter.save(path)
    assert len(Predictions.load(path)) == 1


def test_dense_puts_pairs_in_their_place_and_leaves_gaps():
    found = TABLES["predictions"].dense("score", np.array(["b", "a", "nobody"]), np.array(["y", "x"]))
    np.testing.assert_array_equal(found, [[np.nan, 1e-300], [-2.5, 0.1], [np.nan, np.nan]])


def test_a_ranking_lists_one_users_items_best_first():
    assert TABLES["ranking"].of("a") == ["x", "y"]
    assert TABLES["ranking"].of("nobody") == []


def test_columns_of_two_lengths_are_refused():
    with pytest.raises(ShapeError, match=r"The columns of predictions must be vectors of one length"):
        Predictions(USER, ITEM, score=SCORE[:2])
    with pytest.raises(ShapeError):
        Predictions(USER[:, None], ITEM[:, None], score=SCORE[:, None])


def test_another_table_is_refused_with_what_it_lacks(tmp_path):
    path = TABLES["predictions"].save(tmp_path / "predictions.parquet")
    with pytest.raises(MissingColumnsError) as caught:
        EffectScores.load(path)
    assert caught.value.missing == ("value", "stderr", "propensity")
    with pytest.raises(MissingColumnsError, match="'rank'"):
        Ranking.load(path)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(OutputError, match="No such file or directory"):
        TABLES["ranking"].save(tmp_path / "nowhere" / "ranking.parquet")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        TABLES["ranking"].save(tmp_path / "ranking.parquet")


def test_a_write_that_fails_leaves_the_old_table(tmp_path, monkeypatch):
    path = TABLES["ranking"].save(tmp_path / "ranking.parquet")
    before = path.read_bytes()

    def full(table, where):
        where.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OutputError, match="No space left on device"):
        TABLES["ranking"].save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_metadata_of_other_programs_does_not_matter(tmp_path):
    table = TABLES["predictions"].to_arrow().replace_schema_metadata({"pandas": "{}", "unit": "clicks"})
    pq.write_table(table.append_column("extra", pa.array([1, 2, 3, 4])), tmp_path / "p.parquet")
    np.testing.assert_array_equal(Predictions.load(tmp_path / "p.parquet").score, SCORE)
