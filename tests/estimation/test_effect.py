"""What an estimate says of itself: the error, the rows, the notes, in every format."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from causalrec.data import Dataset
from causalrec.errors import DataError
from causalrec.estimation.effect import EffectEstimate
from causalrec.estimation.estimator import estimate_effect
from causalrec.identification import Estimand

ESTIMAND = Estimand(("shown",), "clicked", "adjustment", ("taste",))
HARMFUL = r"a|b_<script>alert(1)</script>&%$#{}~^\ *x* `y`"


def made(**changed):
    given = {
        "value": 0.5, "stderr": 0.125, "n": 1_000, "dof": float("inf"), "method": "least squares",
        "estimand": ESTIMAND, "n_clusters": {"user": 50}, "notes": ("few clusters",), "n_dropped": 7,
        "dropped": {"taste": 7}, "filled": {"age": 3},
    }  # fmt: skip
    return EffectEstimate(**given | changed)


FORMATS = {
    "text": str, "json": EffectEstimate.to_json, "markdown": EffectEstimate.to_markdown,
    "latex": EffectEstimate.to_latex, "html": EffectEstimate._repr_html_,
    "frame": lambda effect: effect.to_frame().to_string(),
}  # fmt: skip


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_no_format_has_a_value_without_its_error_its_rows_and_its_notes(write):
    text = write(made())
    for word in ("0.5", "0.125", "0.25", "0.74", "few clusters", "taste", "50", "7", "shown", "clicked"):
        assert word in text


def test_the_block_on_a_terminal():
    assert str(made(reason="it was asked for")).splitlines() == [
        "Effect of shown on clicked: +0.5000 ± 0.1250 (95% +0.2550 to +0.7450), outcome",
        "  adjusted for taste",
        "  least squares; 1,000 units; errors clustered by 50 user; chosen because it was asked for",
        "  7 rows dropped for missing values: taste 7",
        "  missing values filled in: age 3",
        "  note: few clusters",
    ]


def test_a_small_error_keeps_two_digits():
    assert "+0.0000012 ± 0.0000034" in str(made(value=1.2e-6, stderr=3.4e-6))
    assert "+1794.0000 ± 671.0000" in str(made(value=1794, stderr=671))
    assert "+0.5000 ± 0.0000" in str(made(stderr=0.0))


def test_a_frame_has_one_row_of_plain_values():
    frame = made().to_frame(level=0.9)
    assert frame.shape[0] == 1
    row = frame.iloc[0]
    assert (row["treatment"], row["outcome"], row["adjustment"]) == ("shown", "clicked", "taste")
    assert (row["value"], row["stderr"], row["level"], row["n"]) == (0.5, 0.125, 0.9, 1_000)
    assert row["lower"] == pytest.approx(0.5 - 1.6448536 * 0.125)
    assert (row["n_clusters"], row["dropped"], row["filled"]) == ("user 50", "taste 7", "age 3")
    assert len(pd.concat([made().to_frame(), made().to_frame()])) == 2


def test_json_is_json_even_where_an_end_is_infinite():
    saved = json.loads(made(diagnostics={"condition": float("inf"), "share": 0.5}).to_json())
    assert saved["diagnostics"] == {"condition": None, "share": 0.5}
    assert (saved["dropped"], saved["n_dropped"], saved["notes"]) == ({"taste": 7}, 7, ["few clusters"])
    assert Estimand.from_dict(saved["estimand"]) == ESTIMAND


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


def harmful():
    return made(estimand=Estimand((HARMFUL,), "clicked", "adjustment"), notes=(HARMFUL,), unit=HARMFUL)


def test_html_holds_names_as_text_alone():
    page = Reader(harmful()._repr_html_())
    assert set(page.tags) == {"div", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert f"{HARMFUL} on clicked" in page.words
    assert f"note: {HARMFUL}" in page.words


def test_markdown_keeps_its_columns():
    lines = harmful().to_markdown().splitlines()
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in lines[:3]}
    assert widths == {10}
    assert "<script>" not in "\n".join(lines)
    assert r"\*x\*" in lines[2]
    assert lines[4].startswith("- 7 rows dropped")


def test_latex_escapes_every_sign():
    text = harmful().to_latex()
    head, row = text.splitlines()[2], text.splitlines()[4]
    assert len(re.findall(r"(?<!\\)&", head)) == len(re.findall(r"(?<!\\)&", row)) == 8
    assert r"\textless{}script\textgreater{}" in row
    assert r"\&\%\$\#\{\}\textasciitilde{}\textasciicircum{}\textbackslash{}" in row
    assert r"\begin{tabular}{lllllllll}" in text
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule") == 1


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, "95%", None])
def test_what_is_no_level_is_refused(level):
    with pytest.raises(DataError, match="`level` is"):
        made().interval(level)
    with pytest.raises(DataError, match=r"such as 0\.95"):
        made().to_frame(level)


# Rows that are not there


def holes(n=500):
    rng = np.random.default_rng(0)
    taste = rng.normal(size=n)
    shown = (rng.random(n) < 1 / (1 + np.exp(-taste))).astype(float)
    clicked = shown + taste + rng.normal(size=n)
    taste[:20], clicked[15:25] = np.nan, np.nan
    return {"shown": shown, "taste": taste, "clicked": clicked}


def test_dropped_rows_are_counted_and_printed():
    effect = estimate_effect(ESTIMAND, Dataset.from_frames(holes()), missing="drop")
    assert effect.n == 475
    assert effect.n_dropped == 25
    assert effect.dropped == {"clicked": 10, "taste": 20}
    assert "25 rows dropped for missing values: clicked 10, taste 20" in str(effect)


@pytest.mark.parametrize("missing", ["indicator", "impute"])
def test_filled_values_are_counted_and_printed(missing):
    columns = holes()
    columns["clicked"] = np.nan_to_num(columns["clicked"])
    effect = estimate_effect(ESTIMAND, Dataset.from_frames(columns), missing=missing)
    assert effect.filled == {"taste": 20}
    assert effect.n_dropped == 0
    assert "missing values filled in: taste 20" in str(effect)


def test_side_tables_are_counted_by_their_own_rows(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = holes()
    columns["clicked"] = np.nan_to_num(columns["clicked"])
    columns["taste"] = np.nan_to_num(columns["taste"])
    columns["item"] = np.arange(500) % 50
    items = {"item": np.arange(50), "price": [None] * 3 + list(range(47))}
    estimand = Estimand(("shown",), "clicked", "adjustment", ("taste", "price"))
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")
    memory = Dataset.from_frames(columns, items=items)
    file = Dataset.from_parquet(tmp_path / "log.parquet", items=items, memory_limit=1)
    for data in (memory, file):
        effect = estimate_effect(estimand, data, missing="indicator")
        assert effect.filled == {"price": 3}


def test_nothing_is_said_where_nothing_is_missing():
    columns = {name: np.nan_to_num(values) for name, values in holes().items()}
    effect = estimate_effect(ESTIMAND, Dataset.from_frames(columns), missing="drop")
    assert (effect.n_dropped, effect.dropped, effect.filled, effect.notes) == (0, {}, {}, ())
    assert "missing" not in str(effect)
