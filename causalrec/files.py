"""Writing files and folders so that a reader never sees half of one."""

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from causalrec.errors import CausalrecError, OutputError

__all__ = ["copy_missing", "refuse_other_folder", "replace_atomically", "replace_folder"]


def replace_atomically(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Let `write` fill a temporary file beside `path`, then put it in place.

    Raises
    ------
    OutputError : the folder is missing, read-only or full. Errors of causalrec's own that `write` raises stay.
    """
    path = Path(path)
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except CausalrecError:  # some are OSErrors too
        raise
    except OSError as error:
        raise OutputError(f"Cannot write {str(path)!r}: {error.strerror or error}.") from error
    finally:
        if temporary is not None and temporary.exists():
            temporary.unlink()
    return path


def replace_folder(folder: str | os.PathLike[str], fill: Callable[[Path], object], *, mark: str, what: str) -> Path:
    """Let `fill` write a folder beside `folder`, then put it in place: a kill leaves the old one or the new one.

    Parameters
    ----------
    mark : str
        Name of a file that each such folder holds; nothing else is written over.
    what : str
        What the folder is, for messages: "classifier".

    Raises
    ------
    OutputError : the folder holds something else, or cannot be written.
    """
    from safetensors import SafetensorError

    place, part = Path(folder).expanduser(), None
    refuse_other_folder(place, mark, what)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))
        fill(part)
        part.chmod(0o755)
        _put(part, place)
    except CausalrecError:  # some are OSErrors too
        raise
    except (OSError, SafetensorError) as error:  # the latter where the disk is full
        why = getattr(error, "strerror", None) or error
        raise OutputError(f"Cannot write the {what} {str(place)!r}: {why}.") from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return place


def refuse_other_folder(place: Path, mark: str, what: str) -> None:
    """Refuse to write over something else.

    Raises
    ------
    OutputError : the folder holds something without `mark`, or is a file.
    """
    if place.exists() and not (place / mark).is_file() and (not place.is_dir() or any(place.iterdir())):
        raise OutputError(f"{str(place)!r} holds something that is no {what}; give an empty or a new folder.")


def copy_missing(source: Path, place: Path, patterns: Iterable[str], left_out: Collection[str] = ()) -> None:
    """Copy files that are not there yet into the same subfolders."""
    for path in (path for pattern in patterns for path in source.glob(pattern)):
        target = place / path.relative_to(source)
        if not target.exists() and path.name not in left_out:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)


def _put(part: Path, place: Path) -> None:
    if not place.exists():
        part.rename(place)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".old", dir=place.parent))
    place.rename(old / "folder")
    part.rename(place)
    shutil.rmtree(old, ignore_errors=True)
