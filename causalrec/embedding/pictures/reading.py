"""Pictures as they come, in files, bytes or arrays, as squares of one size."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.embedding.classification.labelled_texts import listed_rows
from causalrec.embedding.contents import is_null
from causalrec.errors import DataError, MissingDataError, ShapeError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Picture", "check_told", "picture_entries", "read_squares", "told_squares"]

Picture = str | os.PathLike[str] | bytes | np.ndarray | None
"""A file, the content of one, or an array of uint8: (height, width, 3), or (height, width) for grey."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")  # those that Pillow reads itself, without a program
_CHANNELS = (1, 3)


def picture_entries(pictures: Sequence[Picture] | np.ndarray) -> Sequence[Any] | np.ndarray:
    """The pictures one by one; an array of four dimensions, or of three for grey ones, stays an array.

    Raises
    ------
    DataError : one picture instead of several, or pictures without an order.
    ShapeError : an array of another shape.
    """
    if isinstance(pictures, np.ndarray) and pictures.dtype.kind not in "OUS":
        return _stacked(pictures)
    if isinstance(pictures, str | bytes | os.PathLike):
        raise DataError(f"One picture was given, {str(pictures)[:60]!r}; give a list: [picture] would be one.")
    if isinstance(pictures, Mapping | set | frozenset) or not hasattr(pictures, "__iter__"):
        raise DataError(f"Pictures are a {type(pictures).__name__}; give a list of files, or an array of uint8.")
    return pictures.to_pylist() if hasattr(pictures, "to_pylist") else list(pictures)


def read_squares(entries: Sequence[Any] | np.ndarray, size: int, first: int = 0) -> np.ndarray:
    """Each picture as the square in its middle, brought to one size; zeros for a null one.

    Grey pictures get three equal channels, transparent ones a white ground, and the turn that a camera wrote into
    the file is applied.

    Parameters
    ----------
    entries : sequence
        As `picture_entries` gives them.
    size : int
        Pixels of a side.
    first : int
        Number of the first entry in what the caller was given; errors count from there.

    Returns
    -------
    uint8, shape (n_pictures, size, size, 3)

    Raises
    ------
    MissingDataError : a file that is not there.
    DataError : a file that is broken or no picture, or an array of another type.
    ShapeError : an array of another shape.
    """
    squares = np.zeros((len(entries), size, size, 3), dtype=np.uint8)
    for row, entry in enumerate(entries):
        if not is_null(entry):
            squares[row] = _square(entry, size, row + first)
    return squares


def check_told(entries: Sequence[Any] | np.ndarray) -> None:
    """Refuse null pictures.

    Raises
    ------
    DataError : there are some.
    """
    if null := [row for row, entry in enumerate(entries) if is_null(entry)]:
        raise DataError(
            f"{len(null):,} of {len(entries):,} pictures are null (rows {listed_rows(null)}). Leave these rows out."
        )


def told_squares(pictures: Sequence[Picture] | np.ndarray, size: int) -> np.ndarray:
    """The squares of pictures that must all be there.

    Raises
    ------
    DataError : null ones; and as above.
    """
    entries = picture_entries(pictures)
    check_told(entries)
    return read_squares(entries, size)


def _stacked(pictures: np.ndarray) -> np.ndarray:
    has_channels = pictures.ndim > 2 and pictures.shape[-1] in _CHANNELS
    if pictures.ndim not in (3, 4) or has_channels != (pictures.ndim == 4):
        raise ShapeError(
            f"Pictures are an array of shape {pictures.shape}; give (n_pictures, height, width, 3), or (n_pictures, "
            "height, width) for grey ones. Channels stand last, and one picture alone is [picture]."
        )
    return pictures


def _square(entry: Any, size: int, row: int) -> np.ndarray:
    if isinstance(entry, np.ndarray):
        return _resized_array(entry, size, row)
    if isinstance(entry, str | os.PathLike):
        return _opened(Path(entry).expanduser(), size, f"{os.fspath(entry)!r} (row {row})")
    if isinstance(entry, bytes):
        return _opened(io.BytesIO(entry), size, f"the {len(entry):,} bytes of row {row}")
    raise DataError(f"Row {row} is a {type(entry).__name__}; give a file, its bytes, or an array of uint8.")


def _resized_array(pixels: np.ndarray, size: int, row: int) -> np.ndarray:
    if pixels.dtype != np.uint8:
        raise DataError(
            f"The picture of row {row} is an array of {pixels.dtype}; give uint8, 0 to 255. Shares between 0 and 1 "
            "become that by (255 * pixels).round().astype('uint8')."
        )
    is_colour = pixels.ndim == 3 and pixels.shape[2] in _CHANNELS
    if not (pixels.ndim == 2 or is_colour) or not pixels.size:
        raise ShapeError(
            f"The picture of row {row} has the shape {pixels.shape}; give (height, width, 3), or (height, width)."
        )
    colours = np.broadcast_to(pixels.reshape(*pixels.shape[:2], -1), (*pixels.shape[:2], 3))
    if colours.shape[:2] == (size, size):
        return colours
    from PIL import Image

    return np.asarray(_middle(Image.fromarray(np.ascontiguousarray(colours)), size))


def _opened(file: Path | io.BytesIO, size: int, name: str) -> np.ndarray:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=_FORMATS) as image:
                image.draft("RGB", (2 * size, 2 * size))  # a large JPEG is read at the size that is needed
                return np.asarray(_middle(_upright(image), size))
    except FileNotFoundError as error:
        raise MissingDataError(f"There is no picture {name}.") from error
    # Pillow raises whatever its readers stumble over: OSError, SyntaxError, ValueError, struct.error, IndexError.
    except Exception as error:
        why = "no picture of a known format" if type(error).__name__ == "UnidentifiedImageError" else str(error)
        raise DataError(
            f"{name[0].upper()}{name[1:]} cannot be read as a picture: {why.rstrip('.')}. Leave it out, or save it "
            f"again as one of {', '.join(_FORMATS)}."
        ) from error


def _upright(image: Image) -> Image:
    """In colour, on white, as the camera was held."""
    from PIL import Image as images
    from PIL.ImageOps import exif_transpose

    turned = exif_transpose(image)
    if turned.mode.startswith(("I", "F")):
        turned = images.fromarray(_eight_bits(np.asarray(turned)))
    if not turned.has_transparency_data:
        return turned.convert("RGB")
    layer = turned.convert("RGBA")
    return images.alpha_composite(images.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _eight_bits(deep: np.ndarray) -> np.ndarray:
    """Grey of sixteen bits in eight; Pillow itself would cut it off at 255."""
    if deep.dtype.kind == "f" or deep.min() < 0 or deep.max() >= 2**16:
        raise ValueError("its pixels are no whole numbers of 16 bits")
    return (deep // 256).astype(np.uint8)


def _middle(image: Image, size: int) -> Image:
    from PIL.Image import Resampling

    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    # Cropped first: with `box`, the filter would reach over its edges.
    square = image.crop((left, top, left + side, top + side))
    return square.resize((size, size), Resampling.BILINEAR, reducing_gap=2.0)
