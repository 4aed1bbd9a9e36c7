import pytest

from causalrec.data import Dataset, absorbed, text
from causalrec.errors import DataError
from causalrec.graph import CausalGraph

GRAPH = CausalGraph(
    [("taste", "shown"), ("taste", "clicked"), ("age", "shown"), ("age", "clicked"), ("shown", "clicked")],
    latent=["taste"],
)
TABLE = {"on_display": [0, 1], "clicked": [0, 1], "age": [30, 40]}


def test_bindings_that_match_give_the_dataset():
    data = Dataset.from_frames(TABLE, columns={"shown": "on_display"})
    assert data.check(GRAPH) is data
    words = CausalGraph([("title", "shown"), ("week", "shown")])
    beside = Dataset.from_frames(
        {"item": [1], "month": [1], "on_display": [1]}, items={"item": [1], "name": ["tea"]},
        columns={"shown": "on_display", "title": text("name"), "week": absorbed(common=("month",))},
    )  # fmt: skip
    assert beside.check(words) is beside


def test_all_names_that_do_not_match_are_listed_at_once_with_the_nearest():
    data = Dataset.from_frames(TABLE, columns={"shwon": "on_display", "shown": "on_displai"}, times={"clickd": "age"})
    with pytest.raises(DataError) as caught:
        data.check(CausalGraph([*GRAPH.edges, ("agee", "shown")], latent=["taste"]))
    said = str(caught.value)
    for wrong, right in (("shwon", "shown"), ("clickd", "clicked"), ("on_displai", "on_display"), ("agee", "age")):
        assert f"'{wrong}' (did you mean '{right}'" in said
    assert "declare it latent" in said
    assert "taste" not in said.split("it has")[1].split("No table")[1]


def test_a_log_of_visits_is_checked_over_all_its_tables():
    tables = {"visits": {"user": [1], "week": [1]}, "purchases": {"user": [1], "item": [1], "week": [1]}}
    tables |= {"treatments": {"item": [1], "week": [1], "display": [1]}, "items": {"item": [1], "kind": ["tea"]}}
    data = Dataset.from_visits(**tables, users={"user": [1]})
    assert data.check(CausalGraph([("kind", "display")])) is data
    with pytest.raises(DataError, match="'kinds'"):
        data.check(CausalGraph([("kinds", "display")]))
