"""Take-up of an insurance in earlier sessions of the village on one's own: published figures."""

import pytest

from causalrec.estimation import OLS, TwoStageLeastSquares
from tests import datasets
from tests.truth import cai


def test_take_up_of_others_moves_ones_own():
    datasets.need(*cai.FILES)
    design = cai.cai()
    moved = TwoStageLeastSquares().fit(design)
    assert design.n == 1378
    assert moved.value_[0] == pytest.approx(cai.PUBLISHED, abs=5e-4)
    assert moved.stderr_[0] == pytest.approx(cai.PUBLISHED_ERROR, abs=5e-4)
    assert moved.reduced_form_.on_treatment[0] == pytest.approx(cai.FIRST_STAGE, abs=5e-4)
    assert moved.first_stage_f_[0] == pytest.approx(11.7, abs=0.1)
    robust = moved.anderson_rubin()
    assert robust.bounded
    assert 0 not in robust
    assert moved.value_[0] in robust
    plain = OLS().fit(cai.cai(instrument=False))
    assert 0 < plain.value_[0] < moved.value_[0]


def test_without_the_file_the_table_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("CAUSALREC_DATA", str(tmp_path))
    rows = cai.rows([cai.run(seed) for seed in range(cai.N_RUNS)])
    assert all("not found" in str(row["note"]) for row in rows)
