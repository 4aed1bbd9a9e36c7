import numpy as np
import pyarrow as pa
import pytest

from causalrec.data import Dataset, design
from causalrec.errors import DataError, MissingColumnsError
from tests.data.design_tables import effect, frame


def timed(late=3):
    day = np.datetime64("2026-01-01")
    shown_at = day + np.arange(200)
    asked_at = shown_at - 5
    asked_at[:late] = shown_at[:late] + 1
    return frame() | {"shown_at": shown_at, "asked_at": asked_at, "clicked_at": shown_at + 2}


TIMES = {"shown": "shown_at", "age": "asked_at", "clicked": "clicked_at"}


def test_a_covariate_measured_after_the_treatment_is_refused_with_the_count():
    with pytest.raises(DataError, match="Of 200 rows: 'age' was measured after 'shown' in 3 rows"):
        design(effect("age"), Dataset.from_frames(timed(), times=TIMES))
    assert design(effect("age"), Dataset.from_frames(timed(0), times=TIMES)).n == 200
    assert design(effect("lot"), Dataset.from_frames(timed(), times=TIMES)).n == 200


def test_an_outcome_before_the_treatment_is_refused():
    with pytest.raises(DataError, match="'clicked' was measured before 'shown' in 200 rows"):
        design(effect("age"), Dataset.from_frames(timed(0), times=TIMES | {"clicked": "asked_at"}))


def test_times_that_cannot_be_compared_are_refused():
    zoned = pa.array(timed(0)["asked_at"].astype("datetime64[us]"), pa.timestamp("us", "UTC"))
    seconds = np.arange(200)
    for strange, words in ((np.full(200, "2026-01-01"), "is text"), (zoned, "cannot"), (seconds, "cannot be compared")):
        with pytest.raises(DataError, match=words):
            design(effect("age"), Dataset.from_frames(timed(0) | {"asked_at": strange}, times=TIMES))
    with pytest.raises(MissingColumnsError, match="'seen_at'"):
        Dataset.from_frames(timed(), times={"shown": "seen_at"})
