"""Write docs/graphs.md and a picture of each shipped graph into docs/_static/graphs/, from graphs/*.dag alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from causalrec.graph import CausalGraph, NamedPath, list_graphs, load_graph, read_header
from causalrec.graph.drawing import Drawing, draw

ROOT = Path(__file__).parent.parent
PAGE, PICTURES = ROOT / "docs" / "graphs.md", ROOT / "docs" / "_static" / "graphs"
HEADER = re.compile(r"(?://|#)\s*\w+:\s")
ARROW = re.compile(r"\s*(<->|->|<-)\s*")

INTRODUCTION = """# Graphs that come with causalrec

{count} graphs of recommendation, each with the bias that it shows and the paper that it comes from. Load one by its
name, change what is different where you work, and ask for the estimand:

```python
import causalrec as cr

graph = cr.load_graph("{first}")
estimand = cr.identify(graph, treatment="{treatment}", outcome="{outcome}")
graph.draw(estimand=estimand).save("{first}.svg")
```

In the pictures the treatment is blue and the outcome black; nodes to adjust for have a green ring, dashed ones are not
measured. Thick blue arrows are the causal paths, and a hollow red path is one that stays open although it is not
causal. [Draw a graph](guides/draw.md) has the rest.

| graph | bias |
|---|---|
{rows}
"""

SECTION = """
## {name}

{bias}

![{alt}](_static/graphs/{name}.svg)

{story}

| | |
|---|---|
| effect | of {treatment} on {outcome}{among} |
| identified by | {expected} |
| source | {source} |
"""


def names(text: str) -> list[str]:
    """Names of a list such as "price, season"."""
    return [name.strip() for name in text.split(",") if name.strip()]


def written_path(text: str) -> NamedPath:
    """Path written with its arrows."""
    parts = ARROW.split(text.strip())
    return NamedPath(parts[::2], parts[1::2])


def picture(graph: CausalGraph, header: Mapping[str, str]) -> Drawing:
    """The graph with what its header expects: adjustment set ringed, mediators and instruments marked."""
    strategy, _, rest = header["expected"].partition(" ")
    main, _, given = rest.partition(" given ")
    ringed, paths = [], None
    if strategy in {"adjustment", "selection", "transport"}:
        ringed = names(main)
    elif strategy == "sequential":
        ringed = [name for step in rest.split(";") for name in names(step.partition(" given ")[2])]
    elif given:
        ringed = names(given)
    if strategy == "none":
        paths = [written_path(rest)]
    elif strategy in {"frontdoor", "id", "instrument"}:
        paths = [path] if (path := unmeasured_path(graph, header)) else None
    else:
        paths = []
    role = {"frontdoor": "mediator", "mediation": "mediator", "instrument": "instrument"}.get(strategy)
    marked = names(main) if role else []
    return draw(
        with_roles(graph, {name: role for name in marked}), treatment=names(header["treatment"]),
        outcome=names(header["outcome"]), adjustment=ringed, paths=paths,
    )  # fmt: skip


def unmeasured_path(graph: CausalGraph, header: Mapping[str, str]) -> NamedPath:
    """A path that stays open whatever is measured before the treatment."""
    treatment, outcome = names(header["treatment"]), names(header["outcome"])
    after = graph.descendants(*treatment)
    first = [(name, child) for name in treatment for child in graph.nodes if child in graph.children(name)]
    before = [name for name in graph.nodes if name not in after | graph.latent | {*outcome}]
    return graph.without_edges(first).open_path(treatment, outcome, before)


def with_roles(graph: CausalGraph, roles: Mapping[str, str]) -> CausalGraph:
    """The graph with a role more for some nodes."""
    joined = {
        node: graph.roles.get(node, frozenset()) | ({roles[node]} if node in roles else set()) for node in graph.nodes
    }
    return CausalGraph(graph.edges, bidirected=graph.bidirected, latent=graph.latent, nodes=graph.nodes, roles=joined)


def in_words(expected: str) -> str:
    """What the header expects, as a clause."""
    strategy, _, rest = expected.partition(" ")
    main, _, given = rest.partition(" given ")
    held = f", given {listed(given)}" if given else ""
    if strategy == "sequential":
        steps = [step.partition(" given ") for step in rest.split(";")]
        return "sequential adjustment: " + "; ".join(f"for `{a.strip()}`, {listed(b)}" for a, _, b in steps)
    return {
        "adjustment": f"adjustment for {listed(main)}" if main else "adjustment for nothing",
        "frontdoor": f"the front door through {listed(main)}{held}",
        "id": "the ID algorithm: neither adjustment nor a front door does",
        "instrument": f"an instrument, {listed(main)}{held}",
        "mediation": f"mediation by {listed(main)}{held}",
        "selection": f"recovery from selection, with outside figures of {listed(main)}",
        "transport": f"transport from the other domain, by {listed(main)}",
        "none": f"nothing: `{rest}` stays open",
    }.get(strategy, f"`{expected}`")


def listed(text: str) -> str:
    """Names as code, joined by commas."""
    return ", ".join(f"`{name}`" for name in names(text))


def sentence(text: str) -> str:
    """With a capital at its beginning and a point at its end."""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def story(name: str) -> str:
    """The comments between a file's header and its graph, as paragraphs."""
    lines = (ROOT / "graphs" / f"{name}.dag").read_text("utf-8").splitlines()
    head = lines[: next(at for at, line in enumerate(lines) if line.lstrip().startswith("dag"))]
    told = [line.lstrip("#/ ").rstrip() for line in head if not HEADER.match(line)]
    return re.sub(r"(?<!`)\b(\w+_\w+)\b(?!`)", r"`\1`", "\n".join(told).strip())


def section(name: str, header: Mapping[str, str]) -> str:
    """Text of one graph."""
    treatment, outcome = listed(header["treatment"]), listed(header["outcome"])
    among = f", among the rows with {listed(header['selected'])}" if "selected" in header else ""
    return SECTION.format(
        name=name, bias=sentence(header["bias"]), story=story(name), treatment=treatment,
        outcome=outcome, among=among, expected=in_words(header["expected"]), source=header["source"],
        alt=f"Causal graph of {name}: effect of {header['treatment']} on {header['outcome']}",
    )  # fmt: skip


def main() -> None:
    """Write the page and its pictures; the same graphs give the same bytes."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.svg"):
        old.unlink()
    headers = {name: read_header(name) for name in list_graphs()}
    for name, header in headers.items():
        picture(load_graph(name), header).save(PICTURES / f"{name}.svg")
    first = "promotion" if "promotion" in headers else next(iter(headers))
    rows = [f"| [{name}](#{name.replace('_', '-')}) | {header['bias']} |" for name, header in headers.items()]
    page = INTRODUCTION.format(
        count=len(headers), first=first, treatment=headers[first]["treatment"], outcome=headers[first]["outcome"],
        rows="\n".join(rows),
    )  # fmt: skip
    PAGE.write_text(page + "".join(section(name, header) for name, header in headers.items()), encoding="utf-8")


if __name__ == "__main__":
    main()
