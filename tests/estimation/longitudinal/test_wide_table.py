import numpy as np
import pytest

import causalrec as cr
from causalrec.errors import DataError, MissingColumnsError
from causalrec.estimation.longitudinal import widen

ROWS = {
    "user": ["b", "a", "a", "b", "c", "c"], "week": [3, 3, 5, 5, 5, 3], "mail": [0, 1, 1, 0, 1, 1],
    "spent": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "age": [30, 50, 50, 30, 20, 20],
}  # fmt: skip
KEYS = {"unit": "user", "time": "week"}


def table(rows=ROWS, **asked):
    return widen(cr.Dataset.from_frames(rows), **KEYS | asked).tables["interactions"].to_pydict()


def some(kept):
    return {name: [column[at] for at in kept] for name, column in ROWS.items()}


def test_one_row_a_unit_whatever_the_order_of_the_rows():
    expected = {"user": ["a", "b", "c"], "age": [50, 30, 20], "mail_3": [1, 0, 1], "mail_5": [1, 0, 1],
                "spent_3": [2.0, 1.0, 6.0], "spent_5": [3.0, 4.0, 5.0]}  # fmt: skip
    assert table(changing=["mail", "spent"], baseline=["age"]) == expected
    order = np.random.default_rng(0).permutation(6)
    assert table(some(order), changing=["mail", "spent"], baseline=["age"]) == expected


def test_a_unit_with_a_gap_is_refused_or_dropped():
    with pytest.raises(DataError, match="1 of 3 values of 'user' were not seen in every one of 2 weeks"):
        table(some([0, 1, 2, 3, 4]), changing=["mail"])
    assert table(some([0, 1, 2, 3, 4]), changing=["mail"], incomplete="drop")["user"] == ["a", "b"]
    with pytest.raises(DataError, match="No user was seen"):
        table(some([0, 2]), changing=["mail"], incomplete="drop")


@pytest.mark.parametrize(
    ("rows", "asked", "error", "said"),
    [
        (some([0, 0, 3]), {"changing": ["mail"]}, DataError, "1 pairs of user and week have more than one row"),
        (ROWS, {"changing": ["mail"], "baseline": ["spent"]}, DataError, "'spent' changes within 3 values of 'user'"),
        (ROWS, {"changing": ["mial"]}, MissingColumnsError, "mail"),
        (ROWS | {"mail_3": [0] * 6}, {"changing": ["mail"], "baseline": ["mail_3"]}, DataError, "also the name"),
        (ROWS, {"changing": ["mail"], "incomplete": "keep"}, DataError, "choose 'refuse' or 'drop'"),
        (ROWS, {"changing": [3]}, DataError, "names of columns"),
        (ROWS, {"changing": ["mail"], "baseline": None}, DataError, "`baseline` is None"),
        (ROWS, {"changing": ["mail"], "unit": 3}, DataError, "`unit` is 3"),
        (ROWS | {"week": list("xxyyyx")}, {"changing": ["mail"]}, DataError, "is text"),
    ],
)
def test_what_cannot_be_made_wide_is_refused(rows, asked, error, said):
    with pytest.raises(error, match=said):
        table(rows, **asked)
