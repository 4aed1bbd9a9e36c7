"""Low-rank adapters learn a small share, and end as an ordinary network."""

import sys

import pytest

from causalrec.embedding.classification import TextClassifier
from causalrec.errors import MissingExtraError


def test_adapters_learn_a_small_share(tiny, shelves, tmp_path):
    pytest.importorskip("peft")
    known = TextClassifier(tiny, lora_rank=2, n_epochs=40, learning_rate=0.02, n_threads=1, precision="fp32")
    known.fit(*shelves(240))
    asked = shelves(300, seed=1)
    assert known.score(*asked) > 0.65  # half are of one class
    assert (
        known.record_.n_learning == 2 * 2 * (2 * 16 + 16 * 2) + 17 * 16 + 17 * 3
    )  # queries and values of two layers, head
    assert "weights learned (" in str(known.record_)
    again = TextClassifier.load(known.save(tmp_path / "out"))
    assert again.predict_logits(asked[0][:8]) == pytest.approx(known.predict_logits(asked[0][:8]), abs=1e-5)
    assert not any("lora" in name for name, _ in known.network_.named_parameters())


def test_without_peft(tiny, shelves, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingExtraError, match=r"causalrec-toolkit\[tune\]"):
        TextClassifier(tiny, lora_rank=2).fit(*shelves(20))
