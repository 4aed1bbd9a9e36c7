"""Writing files so that a reader never sees half of one."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from causalrec.errors import CausalrecError, OutputError

__all__ = ["replace_atomically"]


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
