"""Stages that are cached by content, so that a second run takes seconds and a killed one resumes."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from causalrec.errors import CausalrecError, OutputError
from causalrec.files import replace_atomically

__all__ = ["Finished", "Stage", "Study", "package_digest", "run_stages"]

S = TypeVar("S")

RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class Stage(Generic[S]):
    """One step of a study.

    Attributes
    ----------
    name : str
    run : callable
        `run(study, folder)` writes its files into `folder` and returns its numbers, ready for JSON.
    """

    name: str
    run: Callable[[Study[S], Path], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Finished:
    """What a finished stage left.

    Attributes
    ----------
    folder : Path
    result : mapping
        What `run` returned.
    seconds, peak_mb : float
        Of the run that made it.
    """

    folder: Path
    result: Mapping[str, Any]
    seconds: float
    peak_mb: float


@dataclass(slots=True)
class Study(Generic[S]):
    """What stages see: the settings (a dataclass), and what the stages before them left."""

    settings: S
    finished: dict[str, Finished] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    def result(self, stage: str) -> Mapping[str, Any]:
        """The numbers of an earlier stage."""
        return self.finished[stage].result

    def folder(self, stage: str) -> Path:
        """The files of an earlier stage."""
        return self.finished[stage].folder


def run_stages(
    stages: Sequence[Stage[S]], settings: S, cache: Path, *,
    announce: Callable[[str, Finished, bool], None] = lambda name, finished, cached: None,
    working: Callable[[str], AbstractContextManager[None]] = lambda name: nullcontext(),
) -> Study[S]:  # fmt: skip
    """Run the stages in order; one whose inputs were seen before is read, not run.

    A stage's key is the digest of its name, the settings, the package's code and the keys before it.
    It works in a folder of its own that takes its final name when it is done, so a stage that was
    killed leaves nothing that looks finished.

    Parameters
    ----------
    stages : sequence of Stage
    settings : dataclass
        Its fields are part of every key.
    cache : Path
        Folder of the stages' folders; made where it is missing.
    announce : callable
        Called with the stage's name, what it left, and whether it was read from the cache.
    working : callable
        Gives a context manager around each stage that runs, from the stage's name.

    Raises
    ------
    OutputError : the cache cannot be written.
    """
    study: Study[S] = Study(settings)
    key = package_digest() + json.dumps(asdict(settings), sort_keys=True)  # type: ignore[call-overload]
    for stage in stages:
        key = hashlib.sha256(f"{stage.name}\n{key}".encode()).hexdigest()
        folder = cache / f"{stage.name}-{key[:16]}"
        cached = (folder / RESULT).is_file()
        if not cached:
            _run(stage, study, folder, working)
        left = json.loads((folder / RESULT).read_text("utf-8"))
        finished = Finished(folder, left["result"], left["seconds"], left["peak_mb"])
        study.finished[stage.name] = finished
        announce(stage.name, finished, cached)
    _forget_others(cache, {finished.folder for finished in study.finished.values()})
    return study


def package_digest() -> str:
    """Digest of the package's source, so that changed code never reads old results."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _run(stage: Stage[S], study: Study[S], folder: Path, working) -> None:
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    start = time.perf_counter()
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        with working(stage.name):
            result = stage.run(study, part)
        left = {
            "result": result,
            "seconds": time.perf_counter() - start,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        text = json.dumps(left, indent=1, ensure_ascii=False, allow_nan=False)
        replace_atomically(part / RESULT, lambda path: path.write_text(text, "utf-8"))
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(part, folder)
    except OSError as error:
        if isinstance(error, CausalrecError):
            raise
        raise OutputError(
            f"Stage {stage.name!r} cannot write below {str(folder.parent)!r}: {error.strerror or error}."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _forget_others(cache: Path, kept: set[Path]) -> None:
    """Drop folders of older settings or code, and what a killed run left."""
    for path in cache.iterdir():
        if path not in kept and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
