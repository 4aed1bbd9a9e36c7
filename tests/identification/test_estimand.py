import dataclasses
import json

import pytest

from causalrec.errors import IdentificationError
from causalrec.graph import load_graph
from causalrec.identification import Estimand, identify


@pytest.fixture
def estimand():
    return identify(load_graph("promotion"), "display", "purchased")


def test_it_survives_json(estimand):
    assert Estimand.from_dict(json.loads(json.dumps(estimand.to_dict()))) == estimand


def test_it_is_a_value(estimand):
    again = dataclasses.replace(estimand, adjustment=estimand.adjustment[::-1])
    assert again == estimand
    assert hash(again) == hash(estimand)
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimand.outcome = "visit"


def test_it_prints_in_one_block(estimand):
    lines = str(estimand).splitlines()
    assert lines[0] == "Effect of display on purchased among visit (ATE, by adjustment)"
    assert lines[1] == "  adjust for   item_store_availability, item_week_demand, mailer"
    z = "item_store_availability, item_week_demand, mailer"
    assert lines[2] == f"  expression   Σ_{{{z}}} P(purchased | display, {z}, visit) P({z} | visit)"
    assert [line[:15] for line in lines[3:]] == ["  assuming     "] + [" " * 15] * 3
    assert all(sentence in str(estimand) for sentence in estimand.assumptions)


BAD = {
    "missing": ({"treatment": ["a"], "outcome": "b"}, r"no field \['strategy'\]"),
    "unknown": ({"treatment": ["a"], "outcome": "b", "strategy": "c", "effect": 1}, r"unknown fields \['effect'\]"),
    "text for texts": ({"treatment": "a", "outcome": "b", "strategy": "c"}, "'treatment' must be a list of texts"),
    "texts for text": ({"treatment": ["a"], "outcome": ["b"], "strategy": "c"}, "'outcome' must be a text"),
    "numbers": ({"treatment": [1], "outcome": "b", "strategy": "c"}, r"got \[1\]"),
    "a list": ([], "must be a mapping"),
}


@pytest.mark.parametrize(("values", "match"), BAD.values(), ids=BAD)
def test_what_is_no_estimand_is_refused(values, match):
    with pytest.raises(IdentificationError, match=match):
        Estimand.from_dict(values)
