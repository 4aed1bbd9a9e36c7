"""Files, bytes and arrays of any kind come out as squares; what is no picture is named."""

import io

import numpy as np
import pytest
from PIL import Image

from causalrec.embedding.pictures.reading import picture_entries, read_squares, told_squares
from causalrec.errors import DataError, MissingDataError, ShapeError

SIDE = 16


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_arrays_of_the_size_stay(pixels):
    assert np.array_equal(told_squares(np.stack([pixels, pixels]), SIDE), np.stack([pixels, pixels]))


def test_files_bytes_and_arrays_are_the_same(pixels, tmp_path):
    path = tmp_path / "shoe.png"
    path.write_bytes(encoded(Image.fromarray(pixels)))
    squares = told_squares([path, str(path), path.read_bytes(), pixels], SIDE)
    assert all(np.array_equal(square, pixels) for square in squares)


def test_grey_gets_three_equal_channels(pixels):
    grey = pixels[:, :, 0]
    for given in ([grey], [grey[:, :, None]], grey[None], grey[None, :, :, None], [encoded(Image.fromarray(grey))]):
        square = told_squares(given, SIDE)[0]
        assert np.array_equal(square, np.repeat(grey[:, :, None], 3, axis=2))


def test_grey_of_sixteen_bits(pixels):
    deep = pixels[:, :, 0].astype(np.uint16) * 256 + 7
    assert np.array_equal(told_squares([encoded(Image.fromarray(deep))], SIDE)[0, :, :, 0], pixels[:, :, 0])


def test_pixels_that_are_no_colours_are_refused():
    depths = Image.fromarray(np.linspace(0, 1, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE))
    with pytest.raises(DataError, match="no whole numbers of 16 bits"):
        told_squares([encoded(depths, "TIFF")], SIDE)


def test_columns_of_tables_are_read(pixels, tmp_path):
    import pandas as pd
    import pyarrow as pa

    content = encoded(Image.fromarray(pixels))
    path = str(tmp_path / "shoe.png")
    (tmp_path / "shoe.png").write_bytes(content)
    columns = [pa.array([content, content]), pd.Series([path, path]), np.array([path, path]), (path, content)]
    for column in columns:
        assert np.array_equal(told_squares(column, SIDE), np.stack([pixels, pixels]))


def test_transparent_is_white():
    clear = Image.new("RGBA", (SIDE, SIDE), (200, 0, 0, 0))
    assert (told_squares([encoded(clear)], SIDE) == 255).all()


def test_the_turn_of_the_camera_is_applied(pixels):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    found = told_squares([encoded(Image.fromarray(pixels), exif=exif)], SIDE)[0]
    assert np.array_equal(found, np.rot90(pixels, -1))


def test_the_middle_is_taken_and_sizes_may_differ():
    wide = np.zeros((32, 96, 3), dtype=np.uint8)
    wide[:, 32:64] = 200
    tall = wide.transpose(1, 0, 2)
    assert (told_squares([wide, np.ascontiguousarray(tall), encoded(Image.fromarray(wide))], SIDE) == 200).all()


def test_a_large_jpeg_is_what_it_shows():
    ramp = np.repeat(np.linspace(0, 255, 640).astype(np.uint8)[:, None], 640, axis=1)
    square = told_squares([encoded(Image.fromarray(ramp), "JPEG", quality=95)], SIDE)[0, :, 0, 0]
    assert np.abs(square - np.linspace(8, 247, SIDE)).max() < 4


def test_null_is_zeros_or_refused(pixels):
    assert (read_squares([None, pixels], SIDE)[0] == 0).all()
    with pytest.raises(DataError, match=r"2 of 3 pictures are null \(rows 0, 2\)"):
        told_squares([None, pixels, float("nan")], SIDE)


def test_no_pictures():
    assert told_squares([], SIDE).shape == (0, SIDE, SIDE, 3)


def test_a_broken_file_is_named(tmp_path, pixels):
    whole = encoded(Image.fromarray(np.tile(pixels, (8, 8, 1))), "JPEG")
    cut, text, hollow = tmp_path / "cut.jpg", tmp_path / "text.jpg", tmp_path / "hollow.png"
    cut.write_bytes(whole[: len(whole) // 2])
    text.write_text("no picture")
    hollow.write_bytes(b"")
    for row, path in enumerate([cut, text, hollow]):
        with pytest.raises(DataError, match=rf"{path.name}' \(row {row}\) cannot be read as a picture"):
            told_squares([pixels] * row + [path], SIDE)
    with pytest.raises(DataError, match="The 10 bytes of row 0 cannot be read"):
        told_squares([b"no picture"], SIDE)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"shoe\.png' \(row 0\)"):
        told_squares([tmp_path / "shoe.png"], SIDE)
    with pytest.raises(DataError, match="cannot be read"):
        told_squares([tmp_path], SIDE)


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match="row 0 cannot be read"):
        told_squares([encoded(Image.new("L", (12, 12)))], SIDE)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("shoe.png", DataError, "One picture was given"),
        ({"a": 1}, DataError, "Pictures are a dict"),
        (7, DataError, "Pictures are a int"),
        ([7], DataError, "Row 0 is a int"),
        (np.zeros((16, 16, 3), np.uint8), ShapeError, r"shape \(16, 16, 3\).*one picture alone is \[picture\]"),
        (np.zeros((2, 3, 16, 16), np.uint8), ShapeError, "Channels stand last"),
        (np.zeros((2, 16, 16, 4), np.uint8), ShapeError, "Channels stand last"),
        ([np.zeros((16, 16, 4), np.uint8)], ShapeError, r"row 0 has the shape \(16, 16, 4\)"),
        ([np.zeros((0, 16, 3), np.uint8)], ShapeError, "row 0 has the shape"),
        (np.zeros((2, 16, 16, 3)), DataError, "row 0 is an array of float64; give uint8"),
        ([np.zeros((16, 16), bool)], DataError, "an array of bool"),
    ],
)
def test_what_is_no_picture_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        read_squares(picture_entries(given), SIDE)


def test_rows_are_counted_from_the_caller():
    with pytest.raises(DataError, match="Row 41 is a int"):
        read_squares([7], SIDE, first=41)
