from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError, GraphError
from causalrec.estimation import OLS, estimate_effect
from causalrec.identification import Estimand
from causalrec.refutation import refute as made
from causalrec.refutation import refute_effect
from causalrec.refutation.asked import Asked
from causalrec.refutation.attack import Attack
from causalrec.refutation.attacks import ATTACKS
from causalrec.refutation.refutation import Refutation
from tests.refutation.refuter_worlds import controlled, plain, robust

OURS = (
    "negative control outcome", "negative control exposure", "lead", "shared groups", "placebo outcome",
    "placebo treatment", "bootstrap", "random subset", "dummy confounder",
)  # fmt: skip


def asked(world, estimator=None):
    return estimate_effect(world.estimand, world.data, estimator=estimator or world.estimator)


def kept(effect, data):
    """What must stay: the numbers of the effect, its influence, and the bytes of the table."""
    return effect.to_dict(), effect.influence.tobytes(), data.tables["interactions"].to_pandas().to_numpy().tobytes()


def _broken(attacked):
    raise ZeroDivisionError("no rows are left")


def _calm(attacked):
    return Refutation("calm", "Is it?", attacked.effect.value, 0.0, 0.1, "passed", "It is.")


def test_neither_effect_nor_data_are_changed():
    world = controlled(0)
    effect = asked(world)
    effect.influence.setflags(write=False)
    before = kept(effect, world.data)
    found = refute_effect(effect, world.data, graph=world.graph, attacks=OURS, n_draws=20)
    assert kept(effect, world.data) == before
    assert [one.name for one in found] == sorted(OURS, key=[a.name for a in ATTACKS].index)
    assert all(one.original == effect.value and one.sees for one in found)


def test_arrays_of_the_design_may_be_read_only(monkeypatch):
    seen = []

    def locked(attacked):
        design = attacked.design
        for array in (design.outcome, design.treatments, design.covariates, *design.clusters.values()):
            array.setflags(write=False)
        seen.append(design)
        return _calm(attacked)

    attacks = (Attack(Asked("locked", "Is it?", ""), locked, lambda _: 0.0), *(a for a in ATTACKS if a.name in OURS))
    monkeypatch.setattr(made, "ATTACKS", attacks)
    world = controlled(1)
    found = refute_effect(asked(world), world.data, graph=world.graph, n_draws=20)
    assert len(seen) == 1
    assert not [one.reason for one in found if "broke off" in one.reason]


def test_an_attack_that_breaks_off_is_reported_and_the_others_go_on(monkeypatch):
    attacks = (
        Attack(Asked("broken", "Is it?", "cracks"), _broken, lambda _: 0.0),
        Attack(Asked("calm", "Is it?", "waves"), _calm, lambda _: 0.0),
    )
    monkeypatch.setattr(made, "ATTACKS", attacks)
    world = plain(0)
    found = refute_effect(asked(world), world.data)
    assert [one.verdict for one in found] == ["not applicable", "passed"]
    assert found["broken"].reason == "It broke off: ZeroDivisionError: no rows are left"
    assert found["broken"].sees == "cracks"
    assert "passed: calm; not applicable: broken" in str(found)


def test_two_processes_give_the_answer_of_one():
    world = robust(0)
    effect, names = asked(world), ("placebo treatment", "bootstrap", "random subset", "dummy confounder")
    one, two = (
        refute_effect(effect, world.data, attacks=names, n_draws=20, n_jobs=n_jobs, random_state=5) for n_jobs in (1, 2)
    )
    assert len(one) == 4
    assert one.to_dict() == two.to_dict()
    other = refute_effect(effect, world.data, attacks=("bootstrap",), n_draws=20, random_state=6)
    assert other["bootstrap"].reference != one["bootstrap"].reference


def test_the_order_of_the_rows_does_not_matter():
    world = robust(2)
    table = world.data.tables["interactions"]
    shuffled = Dataset.from_frames(table.take(np.random.default_rng(0).permutation(table.num_rows)))
    names = ("placebo outcome", "placebo treatment", "bootstrap", "random subset", "dummy confounder")
    first, second = (
        refute_effect(asked(replace(world, data=data)), data, attacks=names, n_draws=20)
        for data in (world.data, shuffled)
    )
    for one, other in zip(first, second, strict=True):
        assert other.refuted == pytest.approx(one.refuted, rel=1e-9, abs=1e-12), one.name
        assert other.p_value == pytest.approx(one.p_value, rel=1e-6), one.name


def test_what_would_not_end_in_time_is_left_out_and_named(monkeypatch):
    attacks = (
        Attack(Asked("calm", "Is it?", "waves"), _calm, lambda _: 0.0),
        Attack(Asked("long", "Is it?", "all"), _broken, lambda _: 1e9),
    )
    monkeypatch.setattr(made, "ATTACKS", attacks)
    world = plain(0)
    found = refute_effect(asked(world), world.data, budget=30)
    assert [one.name for one in found] == ["calm"]
    assert "30 s were left" in found.left_out["long"] or "29 s were left" in found.left_out["long"]
    assert found.verdict == "passed: calm; left out: long"
    assert "LEFT OUT" in str(found)


def test_what_was_not_tested_never_passes():
    rng = np.random.default_rng(0)
    t = (rng.random(30) < 0.5).astype(float)
    data = Dataset.from_frames({"t": t, "y": t + rng.normal(size=30)})
    effect = estimate_effect(Estimand(("t",), "y", "adjustment"), data, estimator=OLS())
    names = ("negative control outcome", "negative control exposure", "lead", "shared groups", "placebo outcome")
    found = refute_effect(effect, data, attacks=names)
    assert all(one.verdict == "not applicable" for one in found)
    assert "passed" not in str(found).lower()
    assert "stands on its assumptions alone" in str(found)


def test_a_streamed_table_is_refused_with_the_reason(tmp_path):
    import pyarrow.parquet as pq

    world = plain(0)
    table = world.data.tables["interactions"]
    pq.write_table(pa.concat_tables([table] * 40), tmp_path / "rows.parquet")
    streamed = Dataset.from_parquet(tmp_path / "rows.parquet", memory_limit="100KB")
    effect = estimate_effect(world.estimand, streamed, estimator=OLS())
    with pytest.raises(DataError, match="streamed from disk"):
        refute_effect(effect, streamed)


def test_an_unknown_attack_is_refused_with_those_that_there_are():
    world = plain(0)
    with pytest.raises(DataError, match=r"no attack 'plasebo': choose among .*placebo treatment"):
        refute_effect(asked(world), world.data, attacks=("plasebo",))


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"attacks": 5}, DataError, "`attacks` is 5"), ({"attacks": [["bootstrap"]]}, DataError, "no attack"),
        ({"random_state": -1}, DataError, "random_state is -1"), ({"random_state": "a"}, DataError, "random_state is"),
        ({"graph": "x -> t"}, GraphError, "got str"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_before_anything_is_done(given, error, words):
    world = plain(0)
    with pytest.raises(error, match=words):
        refute_effect(asked(world), world.data, **given)
