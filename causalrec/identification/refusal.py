"""What a refusal says: the path that stays open, what is unmeasured on it, and the next step."""

from causalrec.graph import NamedPath
from causalrec.identification.criterion import Criterion
from causalrec.identification.wording import quoted, some

__all__ = ["forbidden_message", "measure_message", "open_path_message"]


def forbidden_message(criterion: Criterion, blocked: list[str]) -> tuple[str, NamedPath]:
    """Message and path for nodes that are conditioned on, but are effects of the treatment on its way."""
    names = quoted(blocked)
    reasons = "; ".join(map(criterion.why_forbidden, blocked))
    path = _opened_path(criterion, blocked)
    opens = f" It also opens the path {path}{_unmeasured(criterion, path)}." if path else ""
    message = (
        f"The effect of {_effect(criterion)} is not identifiable among {names}: {reasons}, so conditioning on it "
        f"takes away a part of the effect.{opens} The effect among {names} is not the effect of "
        f"{quoted(criterion.treatment)}. Use data that have rows without {names} too and drop the role selected from "
        f"it, or drop an edge on that causal path if you know that it is not there."
    )
    return message, path or _head(criterion, blocked)


def open_path_message(criterion: Criterion, kept: frozenset[str], candidates: frozenset[str]) -> tuple[str, NamedPath]:
    """Message and path for an effect that no measured set identifies."""
    x, y = criterion.treatment, criterion.outcome
    widest = (criterion.backdoor.ancestors(*x, *y, *kept) & candidates) | kept
    path = criterion.open_path(widest)
    message = (
        f"The effect of {_effect(criterion)} is not identifiable by adjustment: conditioning on {some(widest)} "
        f"leaves the path {path} open{_held_open(path, kept)}{_unmeasured(criterion, path)}. "
        f"{_next_step(criterion, path)}"
    )
    return message, path


def measure_message(path: NamedPath, causes: tuple[str, ...]) -> str:
    """Sentence on what to measure, where that is more than the path tells; starts with a blank."""
    pairs = [(a, b) for a, b, arrow in zip(path, path[1:], path.arrows, strict=False) if arrow == "<->"]
    told = {*path, *(f"a common cause of {a!r} and {b!r}" for pair in pairs for a, b in (pair, pair[::-1]))}
    if told.issuperset(causes):
        return ""
    shown = [cause if cause.startswith("a common cause of ") else repr(cause) for cause in causes]
    return f" To close all such paths, measure {' and '.join(shown)}."


def _opened_path(criterion: Criterion, blocked: list[str]) -> NamedPath:
    # A directed path from the treatment to the first blocked node, then a path that comes in there: the
    # node is a collider, and stays open whatever else may be adjusted for.
    head = _head(criterion, blocked)
    node = head[-1]
    aside = {*head[:-1], *criterion.treatment}
    graph = criterion.graph.mutilated(*aside)
    graph = graph.without_edges((cause, child) for cause in (*aside, node) for child in graph.children(cause))
    y = criterion.outcome
    widest = (graph.ancestors(*y, *blocked) & criterion.candidates).union(blocked) - {node}
    tail = graph.open_path(node, y, widest)
    return NamedPath((*head, *tail[1:]), (*head.arrows, *tail.arrows)) if tail else NamedPath()


def _head(criterion: Criterion, blocked: list[str]) -> NamedPath:
    route = criterion.graph.directed_path(criterion.causal, blocked[0])
    path = criterion.causal_path(route[0])
    nodes = (*path[: path.index(route[0])], *route)
    end = min(nodes.index(node) for node in blocked if node in nodes)
    return NamedPath(nodes[: end + 1], ["->"] * end)


def _held_open(path: NamedPath, kept: frozenset[str]) -> str:
    held = sorted(kept.intersection(path.colliders()))
    return f" (every row has {quoted(held)})" if held else ""


def _unmeasured(criterion: Criterion, path: NamedPath) -> str:
    hidden = sorted(criterion.graph.latent.intersection(path))
    twins = [f"{a!r} and {b!r}" for a, b, arrow in zip(path, path[1:], path.arrows, strict=False) if arrow == "<->"]
    parts = [f"{quoted(hidden)} {'is' if len(hidden) == 1 else 'are'} not measured"] if hidden else []
    parts += [f"a common cause of {pair} is not measured" for pair in twins]
    return f", where {', and '.join(parts)}" if parts else ""


def _next_step(criterion: Criterion, path: NamedPath) -> str:
    hidden = sorted(criterion.graph.latent.intersection(path))
    effects = sorted(criterion.forbidden.intersection(path[1:-1]).difference(hidden, path.colliders()))
    causes = " or ".join(map(repr, hidden)) or "that common cause"
    steps = [f"{quoted(effects)} would close it, but is an effect of the treatment on its way."] if effects else []
    if set(path.arrows) == {"<-"}:
        return f"{path[-1]!r} is a cause of {path[0]!r}, not the other way round: turn the question or the edges round."
    if hidden or "<->" in path.arrows:
        steps.append(f"Measure {causes}, or add a mediator or an instrument to the graph.")
    if len(criterion.treatment) > 1:
        steps.append("Ask for one treatment at a time, or treat them as a sequence in time.")
    return " ".join(steps)


def _effect(criterion: Criterion) -> str:
    return f"{quoted(criterion.treatment)} on {quoted(criterion.outcome)}"
