"""One root; each error is also the builtin that a caller would expect."""

import pickle

import pytest

from causalrec import errors
from causalrec.errors import CausalrecError, nearest

BUILTIN = {
    "GraphError": ValueError, "GraphSyntaxError": ValueError, "CycleError": ValueError, "UnknownNodeError": KeyError,
    "IdentificationError": ValueError, "NotIdentifiableError": ValueError, "AdjustmentError": ValueError,
    "ImpossibleEvidenceError": ValueError,
    "UndecidedError": TimeoutError,
    "DataError": ValueError, "MissingColumnsError": KeyError, "MissingDataError": FileNotFoundError,
    "ShapeError": ValueError, "EstimationError": ValueError, "OutputError": OSError, "NotFittedError": AttributeError,
    "MissingExtraError": ImportError,
}  # fmt: skip
MADE = {
    "UnknownNodeError": errors.UnknownNodeError(["pricee"], ["price", "taste"]),
    "MissingColumnsError": errors.MissingColumnsError(["usr", "zz"], "visits", ["user", "week"]),
    "GraphSyntaxError": errors.GraphSyntaxError("found ';', expected a name", line=3, column=7),
    "CycleError": errors.CycleError(["a", "b"]),
    "MissingExtraError": errors.MissingExtraError("polars", "bench"),
    "NotIdentifiableError": errors.NotIdentifiableError(
        "no", treatment=["a"], outcome=["b"], open_path="acb", latent="c"
    ),
    "MissingDataError": errors.MissingDataError("'folder' lacks a file."),
    "OutputError": errors.OutputError("Cannot write 'x'."),
}  # fmt: skip


def test_every_error_is_listed_here():
    assert set(errors.__all__) == {*BUILTIN, "CausalrecError"}


@pytest.mark.parametrize("name", BUILTIN)
def test_every_error_has_the_root_and_its_builtin(name):
    kind = getattr(errors, name)
    assert issubclass(kind, CausalrecError)
    assert issubclass(kind, BUILTIN[name])
    assert name in errors.__doc__


@pytest.mark.parametrize("name", MADE)
def test_the_message_is_shown_as_it_is(name):
    text = str(MADE[name])
    assert text == MADE[name].args[0]
    assert not text.startswith(("'", '"')) or name == "MissingExtraError" or name == "MissingDataError"


def test_messages_name_what_failed_and_the_nearest():
    assert str(MADE["UnknownNodeError"]).startswith("The graph has no node 'pricee' (did you mean 'price'?)")
    assert str(MADE["MissingColumnsError"]) == (
        "Table 'visits' has no column 'usr' (did you mean 'user'?), nor 'zz'; it has 'user', 'week'."
    )
    assert str(MADE["GraphSyntaxError"]) == "line 3, column 7: found ';', expected a name"
    assert "a -> b -> a" in str(MADE["CycleError"])
    assert "pip install 'causalrec-toolkit[bench]'" in str(MADE["MissingExtraError"])


def test_evidence_is_kept_as_attributes():
    assert MADE["UnknownNodeError"].unknown == ("pricee",)
    assert MADE["MissingColumnsError"].missing == ("usr", "zz")
    assert (MADE["GraphSyntaxError"].line, MADE["GraphSyntaxError"].column) == (3, 7)
    assert MADE["CycleError"].cycle == ("a", "b")
    assert (MADE["MissingExtraError"].package, MADE["MissingExtraError"].extra) == ("polars", "bench")
    refused = MADE["NotIdentifiableError"]
    assert (refused.treatment, refused.outcome, refused.open_path) == (("a",), ("b",), ("a", "c", "b"))
    assert refused.latent == {"c"}


@pytest.mark.parametrize("name", ["MissingDataError", "OutputError"])
def test_plain_errors_survive_a_process_border(name):
    found = pickle.loads(pickle.dumps(MADE[name]))
    assert (type(found), str(found)) == (type(MADE[name]), str(MADE[name]))


def test_a_long_list_of_names_is_not_spelled_out():
    many = [f"column {k}" for k in range(31)]
    assert nearest(["column"], many).count("column") < 8
    assert nearest(["zz"], many[:30]).count("column") == 30


def test_a_name_that_is_like_none_gets_no_hint():
    assert nearest(["zz"], ["user"]) == "'zz'; it has 'user'"
