"""A search is seeded and resumable, sees no text that it must not see, and says how much too good its figure is."""

import logging
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from causalrec.embedding.classification import (
    LinearRange,
    LogRange,
    LoRA,
    TextClassifier,
    WholeRange,
    search_parameters,
)
from causalrec.errors import DataError, EstimationError, MissingExtraError, OutputError
from causalrec.training import Callback
from tests.embedding.classification.search import search_killed

NEEDED = "optuna is not installed: pip install 'causalrec-toolkit[tune]'"
FROZEN = {"tuning": "frozen", "n_threads": 1, "precision": "fp32"}


@pytest.fixture
def optuna():
    return pytest.importorskip("optuna", reason=NEEDED)


@pytest.fixture(scope="module")
def found(tiny):
    pytest.importorskip("optuna", reason=NEEDED)
    return search_killed.searched(tiny, None)


class Stopped(Exception):
    pass


class Stop(Callback):
    """Breaks a fit off, numbered from 1."""

    def __init__(self, fit):
        self.fit = fit

    def on_start(self, parameters):
        self.fit -= 1
        if self.fit == 0:
            raise Stopped


def tried(search):
    return [(trial.number, dict(trial.parameters), trial.state, trial.value, trial.n_epochs) for trial in search.trials]


def test_killed_it_goes_on_with_the_same_trials(tiny, found, tmp_path):
    command = [sys.executable, search_killed.__file__, str(tiny), str(tmp_path / "study"), "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert "study" not in done.stderr  # Optuna announces each
    with pytest.raises(Stopped):  # the fifth trial
        search_killed.searched(tiny, tmp_path / "study", [Stop(3)])
    resumed = search_killed.searched(tiny, tmp_path / "study")
    assert resumed.resumed == 4
    assert tried(resumed) == tried(found)
    assert np.array_equal(*(one.classifier.predict_logits(["a butter"]) for one in (found, resumed)))
    assert (resumed.validation, resumed.untouched) == (found.validation, found.untouched)


def test_it_goes_on_behind_a_torn_line(tiny, found, tmp_path):
    search_killed.searched(tiny, tmp_path, n_trials=3)
    journal = tmp_path / "trials.journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-9])  # the third trial's end, half written
    again = search_killed.searched(tiny, tmp_path)
    assert again.resumed == 2
    assert tried(again) == tried(found)


def test_what_is_done_is_not_done_again(tiny, tmp_path, optuna):
    search_killed.searched(tiny, tmp_path, n_trials=3)
    starts = []

    class Count(Callback):
        def on_start(self, parameters):
            starts.append(parameters)

    again = search_killed.searched(tiny, tmp_path, [Count()], n_trials=3)
    assert again.resumed == 3
    assert len(starts) == 1  # the best one, for its weights
    assert again.classifier.callbacks == again.classifier.get_params()["callbacks"]


def test_another_search_has_no_place_there(tiny, tmp_path, optuna):
    search_killed.searched(tiny, tmp_path, n_trials=1)
    with pytest.raises(DataError, match=r"holds trials of another search: .*space was "):
        search_killed.searched(tiny, tmp_path, n_trials=1, space={**search_killed.SPACE, "batch_size": (4, 8)})
    (tmp_path / "trials.journal").write_text("no journal\n")
    with pytest.raises(DataError, match="cannot be read"):
        search_killed.searched(tiny, tmp_path, n_trials=1)


def test_a_folder_that_cannot_be_written(tiny, tmp_path, optuna):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"Cannot write the study .*Not a directory"):
        search_killed.searched(tiny, tmp_path / "file" / "study", n_trials=1)


def test_the_best_is_the_best_and_fitted(found):
    values = [trial.value for trial in found.trials]
    assert len(values) == 6
    assert found.best.value == max(values) == pytest.approx(found.validation.value)
    for name, value in found.best.parameters.items():
        assert getattr(found.classifier, name) == value
    assert len({str(trial.parameters) for trial in found.trials}) == 6
    assert {trial.parameters["tuning"] for trial in found.trials} == {"full", "frozen"}
    assert all(1e-4 <= trial.parameters["learning_rate"] <= 1e-1 for trial in found.trials)
    assert all(trial.n_epochs == trial.parameters["n_epochs"] for trial in found.trials)


def test_it_says_all_that(found):
    text = str(found)
    assert re.search(r"trial +learning_rate +n_epochs +tuning +optimizer +accuracy +epochs +seconds", text)
    assert text.count("best") == 3  # in the table, the parameters and the warning
    assert "is the best of 6 trials on the texts that chose it: expect less of new texts" in found.warning
    assert f"On {found.untouched.n_texts} texts that no trial saw it is {found.untouched}" in text
    told = found.to_dict()
    assert told["best"]["parameters"] == dict(found.best.parameters)
    assert told["optimism"]["value"] == pytest.approx(found.validation.value - found.untouched.value)


def test_no_trial_sees_the_untouched_texts(tiny, shelves, optuna, monkeypatch):
    texts, labels = shelves(200)
    fitted, fit = [], TextClassifier.fit

    def watched(self, texts, labels):
        fitted.append(set(texts))
        return fit(self, texts, labels)

    monkeypatch.setattr(TextClassifier, "fit", watched)
    classifier = TextClassifier(tiny, n_epochs=2, **FROZEN)
    search = search_parameters(classifier, texts, labels, space={"learning_rate": (0.1, 0.01)}, n_trials=2)
    assert len(fitted) == 2
    assert fitted[0] == fitted[1]
    left = set(texts) - fitted[0]
    n_rows = sum(text in left for text in texts)
    assert search.untouched.n_texts == n_rows
    assert 0.1 < n_rows / 200 < 0.3
    kept = [row for row, text in enumerate(texts) if text in left]
    by_hand = search.classifier.evaluate([texts[row] for row in kept], [labels[row] for row in kept])
    assert not hasattr(classifier, "record_")
    loss = -np.log(softmax(search, [texts[k] for k in kept], [labels[k] for k in kept]))
    assert search.untouched.value == pytest.approx(loss.mean())
    assert search.untouched.stderr == pytest.approx(loss.std(ddof=1) / np.sqrt(n_rows))
    assert by_hand.n_texts == n_rows


def softmax(search, texts, labels):
    """Probability of each true class before calibration."""
    logits = search.classifier.predict_logits(texts).astype(float)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    places = [search.classifier.classes_.tolist().index(label) for label in labels]
    return (powers / powers.sum(axis=1, keepdims=True))[np.arange(len(texts)), places]


def test_the_best_of_many_trials_is_too_good(tiny, optuna):
    # Labels are coins: no parameter helps, the best of the trials looks as if one did, and new texts tell.
    rng = np.random.default_rng(0)
    words = ["salted", "butter", "milk", "crackers", "frozen", "pizza", "family", "size", "chicken", "noodle", "soup"]
    texts = list(dict.fromkeys(" ".join(rng.choice(words, 6)) for _ in range(400)))
    found = []
    for seed in range(3):
        labels = np.random.default_rng(seed).choice(["heads", "tails"], len(texts)).tolist()
        classifier = TextClassifier(tiny, n_epochs=2, monitor="accuracy", random_state=seed, **FROZEN)
        space = {"learning_rate": LogRange(1e-4, 1), "batch_size": (8, 16, 32)}
        found.append(search_parameters(classifier, texts, labels, space=space, n_trials=6, untouched_share=0.5))
    assert np.mean([one.validation.value for one in found]) > 0.55
    assert np.mean([one.untouched.value for one in found]) == pytest.approx(0.5, abs=0.04)
    assert np.mean([one.optimism.value for one in found]) > 0.03


def test_without_untouched_texts_it_cannot_say_how_much(tiny, shelves, optuna):
    classifier = TextClassifier(tiny, n_epochs=1, **FROZEN)
    search = search_parameters(
        classifier, *shelves(40), space={"learning_rate": (0.1,)}, n_trials=1, untouched_share=0
    )  # fmt: skip
    assert (search.untouched, search.optimism) == (None, None)
    assert "No texts were kept apart to say how much." in str(search)


def test_hopeless_trials_stop_early(tiny, shelves, optuna):
    classifier = TextClassifier(tiny, n_epochs=4, **FROZEN)
    space = {"learning_rate": LogRange(1e-6, 1e-1)}
    search = search_parameters(classifier, *shelves(60), space=space, n_trials=10, prune=True)
    pruned = [trial for trial in search.trials if trial.state == "pruned"]
    assert pruned
    assert all(trial.n_epochs < 4 for trial in pruned)
    assert search.best.state == "done"
    assert "pruned" in str(search)
    again = search_parameters(classifier, *shelves(60), space=space, n_trials=10, prune=True)
    assert tried(again) == tried(search)


def test_a_trial_that_fails_is_told_and_the_next_one_comes(tiny, shelves, optuna):
    classifier = TextClassifier(tiny, n_epochs=1, **FROZEN)
    space = {"learning_rate": (1e-2, 1e30)}
    search = search_parameters(classifier, *shelves(60), space=space, n_trials=6)
    failed = [trial for trial in search.trials if trial.state == "failed"]
    assert failed
    assert all("The loss is" in trial.why and trial.value is None for trial in failed)
    assert search.best.parameters == {"learning_rate": 1e-2}
    with pytest.raises(EstimationError, match="No trial of 2 came to an end; the last one: The loss is"):
        search_parameters(classifier, *shelves(60), space={"learning_rate": (1e30,)}, n_trials=2)


def test_ways_to_tune_are_searched(tiny, shelves, optuna):
    pytest.importorskip("peft")
    classifier = TextClassifier(tiny, n_epochs=1, n_threads=1, precision="fp32")
    space = {"tuning": (LoRA(1), LoRA(2)), "weight_decay": LinearRange(0, 0.1)}
    search = search_parameters(classifier, *shelves(40), space=space, n_trials=3)
    assert isinstance(search.best.parameters["tuning"], LoRA)
    assert search.to_dict()["best"]["parameters"]["tuning"]["way"] == "LoRA"


def test_optuna_says_no_more_than_before(tiny, shelves, optuna, caplog, capsys):
    before = logging.getLogger("optuna").level
    classifier = TextClassifier(tiny, n_epochs=1, **FROZEN)
    search_parameters(classifier, *shelves(40), space={"batch_size": (8, 16)}, n_trials=1)
    assert logging.getLogger("optuna").level == before
    assert "optuna" not in capsys.readouterr().err + caplog.text


def test_without_optuna(tiny, shelves, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"'optuna' is not installed .*causalrec-toolkit\[tune\]"):
        search_parameters(TextClassifier(tiny), *shelves(40), space={"batch_size": (8, 16)})


BAD = {
    "no space": ({"space": {}}, "space is {}"),
    "a list": ({"space": ["batch_size"]}, r"space is \['batch_size'\]"),
    "an unknown name": ({"space": {"rate": (1, 2)}}, "space has 'rate', and the classifier has no such parameter"),
    "another split": ({"space": {"validation_share": (0.1, 0.2)}}, "'validation_share': all trials must share it"),
    "one string": ({"space": {"optimizer": "sgd"}}, "space has 'sgd' for 'optimizer'"),
    "no values": ({"space": {"batch_size": ()}}, r"space has \(\) for 'batch_size'"),
    "one twice": ({"space": {"batch_size": (8, 8)}}, "one of them twice"),
    "no trials": ({"n_trials": 0}, "n_trials is 0"),
    "no folder": ({"study_folder": 3}, "study_folder is 3"),
    "all untouched": ({"untouched_share": 1}, "untouched_share is 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_questions_are_named(tiny, shelves, case):
    wrong, message = BAD[case]
    given = {"space": {"batch_size": (8, 16)}} | wrong
    with pytest.raises(DataError, match=message):
        search_parameters(TextClassifier(tiny), *shelves(40), **given)


def test_a_value_out_of_range_is_named(tiny, shelves, optuna):
    with pytest.raises(DataError, match="batch_size is 0"):
        search_parameters(TextClassifier(tiny, **FROZEN), *shelves(40), space={"batch_size": (0,)}, n_trials=1)


def test_it_needs_a_classifier_and_a_validation(tiny, shelves):
    with pytest.raises(DataError, match="give a TextClassifier"):
        search_parameters("minilm", *shelves(40), space={"batch_size": (8,)})
    with pytest.raises(DataError, match="validation_share is 0"):
        search_parameters(TextClassifier(tiny, validation_share=0), *shelves(40), space={"batch_size": (8,)})


def test_a_class_needs_a_text_for_each_part(tiny):
    texts, labels = ["butter", "milk", "soup", "pizza", "frozen"], ["a", "a", "a", "b", "b"]
    with pytest.raises(EstimationError, match="Class 'b' has 2 distinct texts, and a search needs 3"):
        search_parameters(TextClassifier(tiny), texts, labels, space={"batch_size": (8,)})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LogRange(0, 1), "low is 0; give a number above 0"),
        (lambda: LogRange(1, 1), "low is 1 and high is 1"),
        (lambda: LinearRange(-1, 1), "low is -1"),
        (lambda: LinearRange(0, float("inf")), "high is inf"),
        (lambda: WholeRange(1.5, 2), "low is 1.5"),
        (lambda: WholeRange(3, 2), "low is 3 and high is 2"),
    ],
)
def test_ranges_out_of_range(make, message):
    with pytest.raises(DataError, match=message):
        make()
