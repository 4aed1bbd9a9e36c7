"""A record prints, and comes back from its file."""

import json

from causalrec.training import Epoch, RunRecord
from causalrec.training.run_record import library_versions

EPOCHS = (
    Epoch(1, 0.9, {"loss": 0.8, "macro_f1": 0.5}, 2.0, 1.5),
    Epoch(2, 0.5, {"loss": 0.6, "macro_f1": 0.75}, 2.0, 1.5),
)
RECORD = RunRecord(
    "TextClassifier", {"learning_rate": 0.1}, {"torch": "2"}, {"n_texts": 9}, 1_000, 10, "cpu", "fp32", EPOCHS, 2,
    True, (4,),
)  # fmt: skip


def test_it_prints_the_share_that_learned_and_a_line_an_epoch():
    lines = str(RECORD).splitlines()
    assert lines[0] == "TextClassifier: 10 of 1,000 weights learned (1%), cpu, fp32"
    assert lines[1].split() == ["epoch", "learned", "loss", "macro_f1", "seconds"]
    assert lines[3].split() == ["2", "0.5000", "0.6000", "0.7500", "2.0", "best"]
    assert lines[4] == "stopped early, after 2 epochs"


def test_its_file_gives_it_back(tmp_path):
    path = RECORD.save(tmp_path / "run.json")
    assert RunRecord.from_dict(json.loads(path.read_text())) == RECORD
    assert RECORD.cpu_seconds == 3.0


def test_versions_name_what_bits_depend_on():
    assert {"python", "machine", "torch", "transformers"} <= set(library_versions())
