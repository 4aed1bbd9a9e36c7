"""How effects are written."""

import json

import pytest

from causalrec.errors import DataError, EstimationError
from causalrec.estimation.interference.contrasts import Contrast, SpilloverEffects, contrast


def effects():
    parts = [Contrast("direct", "own", 1.0, 0.5), None, Contrast("total", "all", 3.0, 0.25, 10.0)]
    return SpilloverEffects(*parts, "invited", "came", "means", "robust", 1200, notes=("one",))


def test_it_prints_what_there_is():
    assert str(effects()) == (
        "Effects of invited on came (outcome)\n"
        "  effect  estimate  standard error  95% interval        compares\n"
        "  direct  +1.0000   0.5000          +0.0200 to +1.9800  own\n"
        "  total   +3.0000   0.2500          +2.4430 to +3.5570  all\n"
        "  means; errors: robust; 1,200 units\n"
        "  note: one"
    )


def test_it_is_written_as_json_markdown_latex_and_html():
    found = effects()
    assert [one["effect"] for one in json.loads(found.to_json())["effects"]] == ["direct", "total"]
    assert found.to_dict(0.9)["effects"][0]["upper"] == pytest.approx(1 + 1.6448536 * 0.5)
    assert "| direct | +1.0000 |" in found.to_markdown()
    assert r"\toprule" in found.to_latex()
    assert "<table>" in found._repr_html_()


def test_levels_and_variances_that_are_none():
    with pytest.raises(DataError, match="between 0 and 1"):
        effects().direct.interval(95)
    for value, variance in ((float("nan"), 1.0), (1.0, -1.0), (1.0, float("inf"))):
        with pytest.raises(EstimationError, match="no information on own"):
            contrast("direct", "own", value, variance)
