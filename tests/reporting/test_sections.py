import html
import re
from dataclasses import replace

import numpy as np
import pytest

import causalrec.reporting as reporting
from causalrec.errors import DataError
from causalrec.reporting import Section, effect_headline, explanation_section, ranking_section, report


def test_headline_says_the_number_its_interval_and_its_meaning(parts):
    found = effect_headline(parts.effect)
    assert found.number == "+0.0063"
    assert found.interval == "probability of purchase; 95% interval +0.0059 to +0.0067"
    assert found.meaning == (
        "Setting display raises the probability of purchase by 6.3 in a thousand on average (5.9 to 6.7)."
    )


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (-0.0063, "probability of purchase", r"lowers the probability of purchase by 6\.3 .*\(5\.9 to 6\.7\)"),
        (0.0001, "probability of purchase", "the interval holds zero"),
        (0.5, "minutes", r"raises purchased by 0\.5 \(minutes\)"),
    ],
)
def test_meaning_follows_sign_and_unit(parts, value, unit, said):
    assert re.search(said, effect_headline(replace(parts.effect, value=value, unit=unit)).meaning)


def test_parts_in_any_order_make_one_report_in_reading_order(parts):
    own = Section("By adjustment")
    found = report(parts.explanations, parts.ranking, parts.gains, own, parts.battery, parts.effect, title="T")
    assert [section.title for section in found.sections] == [
        "Effect of display on purchased", "Doubts", "Which ranking gains most", "By adjustment", "Recommendations",
        "Why these items", "How it was made",
    ]  # fmt: skip
    assert found.headline == effect_headline(parts.effect)


def test_no_name_from_data_becomes_markup(parts):
    found = report(parts.effect, parts.battery, parts.gains, parts.ranking, parts.explanations)
    page = found.html()
    assert "<script" not in page.lower()
    assert page.count(html.escape(parts.name)) >= 10
    assert len(page.encode()) < 200_000


def test_doubts_keep_their_verdicts_and_what_was_not_tested_is_not_passed(parts):
    found = reporting.refutation_section(parts.battery)
    assert found.paragraphs == ("Attacks on the effect: 1 passed, 1 failed, 1 not applicable.",)
    assert [row[1] for row in found.tables[0].rows] == ["passed", "failed", "not applicable"]
    assert [len(part.pictures) for part in found.sections] == [1, 0, 0]  # the placebo has draws
    assert "nan" not in report(parts.battery).html()


def test_comparison_says_what_may_be_said(parts):
    found = reporting.comparison_section(parts.gains)
    assert found.items[0].startswith(f"uplift and {parts.name} cannot be told apart at k = 10")
    assert found.items[1].startswith(f"uplift beats {parts.name} at k = 50 by 2.0 purchases per thousand")
    assert found.tables[0].rows[0][:3] == (10, "uplift", 51.2)


def test_lists_hold_names_and_only_the_first_users(parts):
    found = ranking_section(parts.ranking, {"milk": "Milk, 1 l"}, n_users=1)
    assert [section.title for section in found.sections] == ["User u1"]
    assert [row[1] for row in found.sections[0].tables[0].rows] == ["Milk, 1 l", parts.name]
    assert "The first 1 are shown." in found.paragraphs[0]


def test_explanation_adds_up_to_its_score(parts):
    explanation = parts.explanations[0]
    explanation.contributions = {f"part {k}": 0.1 for k in range(12)}
    rows = explanation_section([explanation]).sections[0].sections[0].tables[0].rows
    assert rows[5][0] == "7 others"
    assert sum(row[1] for row in rows[:-1]) == pytest.approx(rows[-1][1])


def test_made_section_names_versions_and_seeds():
    rows = dict(reporting.made_section({"seed": 3}).tables[0].rows)
    assert rows["seed"] == "3"
    assert rows["numpy"] == np.__version__


@pytest.mark.parametrize("part", ["text", 3, None, [1, 2], {"a": 1}])
def test_what_is_no_result_is_refused(part):
    with pytest.raises(DataError, match="A report is made of an effect"):
        report(part)
