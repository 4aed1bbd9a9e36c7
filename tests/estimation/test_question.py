"""Arguments of the wrong kind end at the door, with the fix."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from causalrec.data import Dataset, StreamedDesign, absorbed
from causalrec.errors import CausalrecError, DataError, EstimationError
from causalrec.estimation import AIPW, OLS, TMLE, InteractiveDML, PartiallyLinearDML
from causalrec.estimation.estimator import estimate_effect
from causalrec.graph import CausalGraph
from causalrec.identification import Estimand

ESTIMAND = Estimand(("shown",), "clicked", "adjustment", ("taste",))


def frame(n=400, seed=0):
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=n)
    shown = (rng.random(n) < 1 / (1 + np.exp(-taste))).astype(int)
    return {
        "shown": shown, "taste": taste, "user": np.arange(n) // 4, "clicked": shown + taste + rng.normal(size=n),
    }  # fmt: skip


def data():
    return Dataset.from_frames(frame())


WRONG = {  # name: (arguments, word of the message)
    "clusters a number": ({"clusters": 5}, r"`clusters` is 5; name columns"),
    "clusters numbers": ({"clusters": [1, 2]}, "`clusters` is a list; name columns"),
    "clusters None": ({"clusters": None}, "`clusters` is None"),
    "clusters the treatment": ({"clusters": "shown"}, "'shown', the treatment or the outcome itself"),
    "clusters unknown": ({"clusters": "usr"}, "did you mean 'user'"),
    "weights a number": ({"weights": 3}, "`weights` is 3; name the column"),
    "weights an array": ({"weights": np.ones(400)}, "`weights` is a ndarray; name the column"),
    "a name": ({"estimator": "dml"}, r"got 'dml': estimator=causalrec.estimation.PartiallyLinearDML\(\)"),
    "an unknown name": ({"estimator": "magic"}, r"got 'magic': estimator=causalrec.estimation.OLS\(\)"),
    "a class": ({"estimator": OLS}, r"the class OLS: call it, OLS\(\)"),
    "a model": ({"estimator": object()}, "Expected an estimator object"),
    "target None": ({"target": None}, "There is no target None: choose 'ATE'"),
    "target a list": ({"target": ["ATT"]}, "There is no target"),
    "target unknown": ({"target": "LATE"}, "There is no target 'LATE'"),
    "two targets": ({"target": "ATT", "estimator": AIPW()}, "the AIPW that was given has its own target"),
    "missing None": ({"missing": None}, "`missing` is None; choose"),
    "threads none": ({"n_threads": 0}, "n_threads is 0"),
    "threads text": ({"n_threads": "2"}, "n_threads is '2'"),
    "folds a text": ({"estimator": AIPW(n_folds="x")}, "AIPW got n_folds='x'; it is a whole number"),
    "folds a fraction": ({"estimator": PartiallyLinearDML(2.5)}, "got n_folds=2.5; it is a whole number"),
    "folds true": ({"estimator": TMLE(n_folds=True)}, "got n_folds=True; it is a whole number"),
    "clip a text": ({"estimator": AIPW(clip="1%")}, "got clip='1%'; it is a number"),
    "penalty a text": ({"estimator": PartiallyLinearDML(l2="cv")}, "got l2='cv'; it is a number or None"),
    "outcome a number": ({"estimator": InteractiveDML(3)}, "got outcome=3; it is a text"),
    "covariance a number": ({"estimator": OLS(1)}, "OLS got covariance=1; it is a text"),
    "a model's name": ({"estimator": AIPW("ridge")}, "AIPW got outcome_model='ridge'; it is an object with fit"),
    "a model's class": ({"estimator": AIPW(propensity_model=OLS)}, r"such as OLS\(\)"),
}


@pytest.mark.parametrize(("given", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_named(given, message):
    with pytest.raises(CausalrecError, match=message):
        estimate_effect(ESTIMAND, data(), **given)


@pytest.mark.parametrize(
    ("estimand", "message"),
    [
        (None, "`estimand` is None; ask for one first"),
        ("shown", "`estimand` is 'shown'"),
        (CausalGraph([("shown", "clicked")]), "`estimand` is a CausalGraph"),
    ],
)
def test_what_is_no_estimand_is_refused(estimand, message):
    with pytest.raises(DataError, match=message):
        estimate_effect(estimand, data())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (frame(), r"`data` is a dict; make a Dataset of it first: Dataset.from_frames\(data\)"),
        (pd.DataFrame(frame()), r"`data` is a DataFrame; .* Dataset.from_frames\(data\)"),
        ("log.parquet", "`data` is 'log.parquet'; .* from_parquet"),
        (None, "`data` is None"),
    ],
    ids=["mapping", "pandas", "path", "nothing"],
)
def test_what_is_no_dataset_is_refused(given, message):
    with pytest.raises(DataError, match=message):
        estimate_effect(ESTIMAND, given)


@pytest.mark.parametrize("given", [None, frame(), Dataset, StreamedDesign], ids=["nothing", "mapping", "class", "type"])
def test_fit_takes_a_design(given):
    with pytest.raises(DataError, match=r"OLS.fit takes a design, not .* causalrec.data.design\(estimand"):
        OLS().fit(given)


def test_one_name_is_one_cluster_and_names_count_once():
    one = estimate_effect(ESTIMAND, data(), clusters="user")
    several = estimate_effect(ESTIMAND, data(), clusters=["user", "user"])
    assert one.n_clusters == several.n_clusters == {"user": 100}
    assert one.stderr == several.stderr


def test_an_estimator_with_the_target_that_is_asked_for_is_taken():
    assert estimate_effect(ESTIMAND, data(), estimator=AIPW(target="ATT"), target="ATT").target == "ATT"


@pytest.mark.parametrize("estimator", [None, OLS(), AIPW(), PartiallyLinearDML()])
def test_the_number_of_threads_changes_nothing_but_rounding(estimator):
    one, two, free = (estimate_effect(ESTIMAND, data(), estimator=estimator, n_threads=k) for k in (1, 2, None))
    for other in (two, free):
        assert other.value == pytest.approx(one.value, rel=1e-9)
        assert other.stderr == pytest.approx(one.stderr, rel=1e-9)


def test_threads_hold_inside_and_end_with_the_estimate():
    from causalrec.threads import thread_count

    seen, before = [], thread_count()

    class Asks(OLS):
        def fit(self, design):
            seen.append(thread_count())
            return super().fit(design)

    estimate_effect(ESTIMAND, data(), estimator=Asks(), n_threads=3)
    assert seen == [3]
    assert thread_count() == before


POOLS = """
import numpy as np
from threadpoolctl import threadpool_info
from causalrec.data import Dataset
from causalrec.estimation import AIPW, estimate_effect
from causalrec.identification import Estimand
from sklearn.base import BaseEstimator, ClassifierMixin

class Asks(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        from sklearn.ensemble import HistGradientBoostingClassifier  # its pool is loaded here
        self.inner_ = HistGradientBoostingClassifier(max_iter=5).fit(X, y)
        self.classes_ = self.inner_.classes_
        print(*{pool["num_threads"] for pool in threadpool_info()})
        return self
    def predict_proba(self, X):
        return self.inner_.predict_proba(X)

rng = np.random.default_rng(0)
x, t = rng.normal(size=400), rng.integers(0, 2, 400)
data = Dataset.from_frames({"x": x, "t": t, "y": x + t})
estimate_effect(Estimand(("t",), "y", "adjustment", ("x",)), data, estimator=AIPW(propensity_model=Asks()), n_threads=1)
"""


def test_pools_that_are_loaded_inside_are_held_too():
    """In a fresh interpreter that may use all cores."""
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", POOLS], capture_output=True, text=True, check=True, env=free)
    assert set(done.stdout.split()) == {"1"}


def test_the_treatment_of_groups_is_warned_of_and_noted():
    from causalrec.data.shared_treatment import SharedTreatmentWarning

    shared = frame()
    shared["shown"] = np.repeat(np.random.default_rng(0).integers(0, 2, 100), 4)
    with pytest.warns(SharedTreatmentWarning, match=r"'shown' varies in 0 of 100 groups of 'user'"):
        effect = estimate_effect(ESTIMAND, Dataset.from_frames(shared))
    assert "note: 'shown' varies in 0 of 100 groups of 'user'" in str(effect)
    assert estimate_effect(ESTIMAND, Dataset.from_frames(shared), clusters="user").notes == ()


def test_an_expression_drops_nothing_silently():
    columns = {"shown": [0, 1] * 50, "seen": [0, 1, 1, 0] * 25, "clicked": [0, 1, 1, 1, 0] * 20}
    graph = CausalGraph([("shown", "seen"), ("seen", "clicked")], bidirected=[("shown", "clicked")])
    from causalrec.identification import identify

    estimand = identify(graph, "shown", "clicked", strategy="id")
    with pytest.raises(DataError, match="fills nothing in and drops no rows"):
        estimate_effect(estimand, Dataset.from_frames(columns), missing="drop")


def test_a_given_class_is_told_apart_from_its_error():
    with pytest.raises(EstimationError, match="AIPW"):
        estimate_effect(ESTIMAND, data(), estimator="aipw")


def test_a_file_is_estimated_and_noted_as_the_table_is(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from causalrec.data.shared_treatment import SharedTreatmentWarning

    shared = frame() | {"day": np.arange(400) % 12}
    shared["shown"] = np.repeat(np.random.default_rng(0).integers(0, 2, 100), 4)
    pq.write_table(pa.table(shared), tmp_path / "log.parquet")
    file = Dataset.from_parquet(tmp_path / "log.parquet", memory_limit=1)
    with pytest.warns(SharedTreatmentWarning):
        noted = estimate_effect(ESTIMAND, file, estimator=OLS())
    with pytest.warns(SharedTreatmentWarning):
        expected = estimate_effect(ESTIMAND, Dataset.from_frames(shared), estimator=OLS())
    assert noted.notes == expected.notes
    assert noted.value == pytest.approx(expected.value)
    absorbed_days = Estimand(("shown",), "clicked", "adjustment", ("day", "taste"))
    bound = file.with_columns({"day": absorbed(common=("day",))})
    effect = estimate_effect(absorbed_days, bound, clusters="user", n_threads=1)
    assert "12 effects absorbed" in effect.method
    assert effect.reason == "effects of groups are held fixed"
