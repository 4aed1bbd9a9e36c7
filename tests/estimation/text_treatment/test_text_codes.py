import numpy as np
import pytest

from causalrec.errors import DataError, MissingColumnsError, ShapeError
from causalrec.estimation.text_treatment import Lexicon, TextCodes, text_codes
from causalrec.estimation.text_treatment.words import text_words

LEXICON = Lexicon("moods", {"sad": -2.0, "awful": -1.0, "Glad": 2.0, "it": 0.0})


def coded(text, name, **options):
    return float(text_codes([text], **options).only(name).values[0, 0])


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("You’re sad, and so am I", "words", 6),
        ("You’re sad", "characters", 10),
        ("Why", "question", 0),
        ("Why? Why?", "question", 1),
        ("Stop!", "exclamation", 1),
        ("The 3rd of 12", "number", 1),
        ("R2D2 is no number", "number", 0),
        ("I told US senators what we know about us", "first person", 3),
        ("Don’t tell me it's our IDEA", "first person", 2),
        ("You’re what your YOURS are", "second person", 3),
        ("Sad, awful, GLAD it is", "negative words", 2),
        ("Sad, awful, GLAD it is", "positive words", 1),
        ("sadness is no entry", "negative words", 0),
        (None, "words", 0),
        ("", "negative words", 0),
    ],
)
def test_a_code_counts_what_it_says(text, name, expected):
    assert coded(text, name, lexicon=LEXICON) == expected


def test_shares_are_counts_of_a_text_of_average_length():
    assert coded("sad awful day", "negative words", lexicon=LEXICON, average_length=15) == pytest.approx(10)
    assert coded("", "negative words", lexicon=LEXICON, average_length=15) == 0
    assert coded("sad awful day", "words", lexicon=LEXICON, average_length=15) == 3


def test_without_a_lexicon_there_are_no_moods():
    assert not {"negative words", "positive words"} & set(text_codes(["sad"]).names)


def test_the_lexicon_is_named():
    codes = text_codes(["sad", "glad"], lexicon=LEXICON)
    assert codes.sources == {"negative words": "moods", "positive words": "moods"}
    assert "moods" in str(codes)
    assert "caller's own" in str(text_codes(["sad"], lexicon={"sad": -1}))


def test_columns_can_be_chosen_and_joined():
    codes = text_codes(["sad day", "glad"], lexicon=LEXICON)
    two = codes.only("words", "negative words")
    assert two.sources == {"negative words": "moods"}
    joined = two.beside(TextCodes(("mine",), np.array([[1.0], [0.0]]), {"mine": "me"}))
    assert joined.names == ("words", "negative words", "mine")
    assert joined.rows(np.array([True, False])).values.tolist() == [[2, 1, 1]]
    assert list(joined.to_frame()) == list(joined.names)
    assert joined.to_dict()["codes"]["words"] == [2, 1]


def test_bad_tables_are_refused():
    codes = text_codes(["sad"])
    with pytest.raises(MissingColumnsError, match="'wrds'"):
        codes.only("wrds")
    with pytest.raises(ShapeError, match="1 texts"):
        codes.beside(text_codes(["a", "b"]))
    with pytest.raises(DataError, match="one name"):
        codes.beside(codes)
    with pytest.raises(DataError, match="infinite for some texts: mine"):
        TextCodes(("mine",), np.array([[np.nan]]), {})
    with pytest.raises(ShapeError, match="one column a name"):
        TextCodes(("mine",), np.zeros((2, 2)), {})


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        ("one text", {}, "sequence of texts"),
        ([3], {}, "Entry 0 is 3"),
        (["a"], {"lexicon": "vader"}, "lexicon is a str"),
        (["a"], {"lexicon": {}}, "holds no words"),
        (["a"], {"lexicon": {"a": "bad"}}, "'a' the weight 'bad'"),
        (["a"], {"lexicon": {"a": float("nan")}}, "no finite number"),
        (["a"], {"lexicon": {"A": 1, "a": -1}}, "both as negative and as positive"),
        (["a"], {"lexicon": {3: 1}}, "no word"),
        (["a"], {"average_length": 0}, "average_length is 0"),
    ],
)
def test_bad_input_is_refused_by_name(texts, options, message):
    with pytest.raises(DataError, match=message):
        text_codes(texts, **options)


def test_a_lexicon_needs_a_name():
    with pytest.raises(DataError, match="needs a name"):
        Lexicon(" ", {"a": 1})


def test_vader_is_read_where_it_is_installed():
    pytest.importorskip("vaderSentiment")
    from causalrec.estimation.text_treatment import vader_lexicon

    lexicon = vader_lexicon()
    assert "VADER" in lexicon.name
    assert {"awful", "killed"} <= lexicon.negative
    assert {"happy", "love"} <= lexicon.positive


def test_words_keep_apostrophes_and_accents():
    assert text_words("Don't ask “Zoë’s” co-op_2") == ["don't", "ask", "zoë's", "co", "op", "2"]
