"""What scikit-learn asks of a transformer, as far as it can be asked of one that takes texts."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks as checks
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from causalrec.embedding import EmbeddingCache, TextEncoder
from causalrec.errors import DataError, MissingDataError

TEXTS = ["salted butter", "milk", "butter", "frozen pizza", "pizza", "milk soup", "pizza size", "soup"]
SWEET = [0, 0, 0, 1, 1, 0, 1, 0]

# scikit-learn skips an estimator whose input is text; these of its checks need no numbers.
CHECKS = [
    checks.check_estimator_repr, checks.check_no_attributes_set_in_init, checks.check_get_params_invariance,
    checks.check_set_params, checks.check_do_not_raise_errors_in_init_or_set_params, checks.check_valid_tag_types,
    checks.check_estimator_tags_renamed, checks.check_mixin_order,
    checks.check_estimator_cloneable,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_check_of_scikit_learn(tiny, check):
    check("TextEncoder", TextEncoder(tiny, pooling="cls"))


def test_scikit_learn_has_no_other_check_for_texts(tiny):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = list(checks.estimator_checks_generator(TextEncoder(tiny)))
    names = {getattr(check, "func", check).__name__ for _, check in found}
    assert names <= {check.__name__ for check in CHECKS}
    assert any("requires input" in str(one.message) for one in told)


def test_tags(tiny):
    tags = get_tags(TextEncoder(tiny))
    assert tags.estimator_type == "transformer"
    assert (tags.input_tags.string, tags.input_tags.two_d_array, tags.requires_fit) == (True, False, False)
    check_is_fitted(TextEncoder(tiny))


def test_transform_is_encode_fitted_or_not(tiny):
    encoder = TextEncoder(tiny, precision="fp32")
    expected = encoder.encode(TEXTS)
    np.testing.assert_array_equal(encoder.transform(TEXTS), expected)
    assert encoder.fit(TEXTS, SWEET) is encoder
    np.testing.assert_array_equal(encoder.fit_transform(TEXTS, SWEET), expected)


def test_clone_and_pickle(tiny, tmp_path):
    encoder = TextEncoder(tiny, pooling="last", cache=EmbeddingCache(tmp_path, stored="int8")).set_output()
    expected = encoder.encode(TEXTS)
    twin = clone(encoder)
    assert twin is not encoder
    assert twin.cache is not encoder.cache
    assert {k: v for k, v in twin.get_params().items() if k != "cache"} == {
        k: v for k, v in encoder.get_params().items() if k != "cache"
    }
    np.testing.assert_array_equal(twin.encode(TEXTS), expected)
    packed = pickle.dumps(encoder)
    assert len(packed) < 2000
    np.testing.assert_array_equal(pickle.loads(packed).encode(TEXTS), expected)


def test_names_of_dimensions(tiny):
    names = TextEncoder(tiny).get_feature_names_out()
    assert names.dtype == object
    assert names.tolist() == [f"textencoder{k}" for k in range(16)]
    assert TextEncoder(tiny).n_dimensions == 16


def test_repr_says_what_is_not_the_default():
    assert repr(TextEncoder("minilm", pooling="cls")) == "TextEncoder(model='minilm', pooling='cls')"


def test_unknown_parameter():
    with pytest.raises(DataError, match="no parameter 'pool'; it has model, pooling"):
        TextEncoder("minilm").set_params(pool="cls")


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_tables_out(tiny, container):
    pytest.importorskip(container)
    encoder = TextEncoder(tiny, precision="fp32").set_output(transform=container)
    frame = clone(encoder).transform(pd.Series(TEXTS[:2], index=["a", "b"]))
    assert list(frame.columns) == list(encoder.get_feature_names_out())
    np.testing.assert_array_equal(frame.to_numpy(), encoder.encode(TEXTS[:2]))
    if container == "pandas":
        assert list(frame.index) == ["a", "b"]
    with pytest.raises(DataError, match="transform is 'numpy'"):
        encoder.set_output(transform="numpy")


def test_in_a_pipeline_a_search_and_columns(tiny, tmp_path):
    frame = pd.DataFrame({"title": TEXTS, "price": np.arange(8.0)})
    encoder = TextEncoder(tiny, precision="fp32", cache=str(tmp_path))
    search = GridSearchCV(
        make_pipeline(encoder, LogisticRegression()), {"textencoder__pooling": ["mean", "cls"]}, cv=2
    ).fit(TEXTS, SWEET)
    assert search.predict(TEXTS).shape == (8,)
    for columns in ("title", ["title"]):
        joined = ColumnTransformer([("text", encoder, columns)], remainder="passthrough").fit(frame)
        assert joined.transform(frame).shape == (8, 17)
        assert joined.get_feature_names_out()[0] == "text__textencoder0"
        np.testing.assert_array_equal(joined.transform(frame)[:, :16], encoder.encode(TEXTS))
    table = joined.set_output(transform="pandas").transform(frame)
    assert list(table.columns[-1:]) == ["remainder__price"]


COLUMNS = {
    "series": pd.Series(TEXTS), "frame": pd.DataFrame({"title": TEXTS}), "arrow": pa.array(TEXTS),
    "chunks": pa.chunked_array([TEXTS[:3], TEXTS[3:]]), "arrow table": pa.table({"title": TEXTS}),
    "array": np.array(TEXTS), "column": np.array(TEXTS, dtype=object)[:, None], "tuple": tuple(TEXTS),
    "categories": pd.Series(TEXTS, dtype="category"), "generator": (text for text in TEXTS),
}  # fmt: skip


@pytest.mark.parametrize("texts", COLUMNS.values(), ids=COLUMNS)
def test_columns_of_texts(tiny, texts):
    encoder = TextEncoder(tiny, precision="fp32")
    np.testing.assert_array_equal(encoder.encode(texts), encoder.encode(TEXTS))


NO_COLUMNS = {
    "frame": (pd.DataFrame({"a": TEXTS, "b": TEXTS}), "table of shape (8, 2)"),
    "cube": (np.full((2, 1, 1), "a"), "table of shape (2, 1, 1)"),
    "mapping": ({"a": "b"}, "got a dict"), "set": ({"a"}, "got a set"), "number": (5, "got a int"),
    "null": (None, "got a NoneType"), "scalar": (np.array("a"), "table of shape ()"), "bytes": (b"a", "one text"),
    "numbers": (np.zeros((3, 1)), "Entry 0 is"), "bytes inside": ([b"milk"], "Entry 0 is b'milk' of type bytes"),
}  # fmt: skip


@pytest.mark.parametrize(("texts", "message"), NO_COLUMNS.values(), ids=NO_COLUMNS)
def test_what_is_no_column_of_texts(tiny, texts, message):
    with pytest.raises(DataError) as raised:
        TextEncoder(tiny).encode(texts)
    assert message in str(raised.value)


def test_fit_tells_what_is_wrong(tiny):
    with pytest.raises(MissingDataError, match=r"no folder '\./none'"):
        TextEncoder("./none").fit(TEXTS)
    with pytest.raises(DataError, match="max_tokens is 0"):
        TextEncoder(tiny, max_tokens=0).fit(TEXTS)
