import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import numpy as np
import pytest

from causalrec import charts
from causalrec.errors import GraphError, OutputError, UnknownNodeError
from causalrec.graph import CausalGraph, NamedPath
from causalrec.graph.drawing import Drawing, draw, repr_html
from causalrec.graph.drawing import style as look
from causalrec.graph.drawing.labels import label_lines, printable, text_width
from causalrec.graph.drawing.legend import ENTRIES
from causalrec.graph.drawing.scene import Text
from causalrec.graph.validation import ROLES

SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = [
    "<script>alert(1)</script>", "\"; rm -rf '", "a -> b", "]]>", "&amp;", "x" * 300, "naïve ☕ 日本語", "\x00\x1b[31m",
    "\ud800", "$\\frac{1}{2}$", "two\nlines", "{{7*7}}", "‮drawkcab", "　", "--><!--", "javascript:alert(1)",
]  # fmt: skip


def confounded(**arguments):
    roles = {"exposed": "treatment", "watched": "outcome"}
    edges = [("taste", "exposed"), ("taste", "watched"), ("exposed", "seen"), ("seen", "watched")]
    return CausalGraph(edges, roles=roles, **arguments)


def parsed(svg):
    return ET.fromstring(svg)


def texts(svg):
    return ["".join(element.itertext()) for element in parsed(svg).iter(f"{SVG}text")]


def strokes_by_edge(svg):
    """Colours of the lines of each edge, by the edge's tooltip."""
    found = {}
    for group in parsed(svg).iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if title is not None and re.search(r" (->|<->|--) ", title.text):
            found[title.text] = {path.get("stroke") for path in group.iter(f"{SVG}path")}
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name):
    graph = CausalGraph([(name, "y"), ("x", name)], bidirected=[(name, "x")], roles={name: "treatment", "y": "outcome"})
    svg = draw(graph, adjustment=["x"]).svg
    root = parsed(svg)
    allowed = {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "g", "path", "text")}
    assert {element.tag for element in root.iter()} == allowed
    assert not any(key.startswith("on") or "href" in key for element in root.iter() for key in element.attrib)
    assert max(map(len, texts(svg))) < 60
    titles = [element.text for element in root.iter(f"{SVG}title")]
    assert any(title.startswith(printable(name)) for title in titles)
    assert b"<svg" in svg.encode("utf-8")


def test_a_long_name_is_cut_and_whole_in_the_tooltip():
    name = "item_" + "x" * 290 + "_1"
    svg = draw(CausalGraph([(name, "y")])).svg
    assert any("…" in text for text in texts(svg))
    assert any(text.endswith("_1") for text in texts(svg))
    assert name in [title.text for title in parsed(svg).iter(f"{SVG}title")]


def test_a_name_of_a_megabyte_makes_no_large_picture():
    assert len(draw(CausalGraph([("x" * 1_000_000, "y")])).svg) < 20_000


def test_labels_are_no_wider_than_their_boxes():
    drawing = draw(CausalGraph([("W" * 18, "m" * 40), ("日本語" * 9, "m" * 40)], roles={"W" * 18: "treatment"}))
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = drawing.figure()
    renderer = FigureCanvasAgg(figure).get_renderer()
    for shown in figure.axes[0].texts:
        if shown.get_text().isascii():
            pixels = shown.get_window_extent(renderer).width / figure.dpi * 96
            width = text_width(shown.get_text(), 13.0, shown.get_weight() == "bold")
            assert pixels <= 1.03 * width + 1  # matplotlib puts letters on whole pixels


@pytest.mark.parametrize("role", [role for role in ROLES if role in ENTRIES])
def test_every_role_is_in_the_legend_and_only_then(role):
    assert ENTRIES[role] in texts(draw(CausalGraph([("a", "b")], roles={"a": role})).svg)
    assert texts(draw(CausalGraph([("a", "b")])).svg) == ["a", "b"]


def test_no_role_is_without_a_look():
    assert set(ROLES) | {"latent"} <= set(ENTRIES)
    looks = [look.look_of(frozenset({role})) for role in (*ROLES, "latent") if role != "adjusted"]
    assert len(set(looks)) == len(looks)
    # Without colours they still differ, but for the two that are told apart by black and grey, and by their path.
    forms = [(one.corner, one.dashed, one.stacked, one.barred, one.width > 2, one.fill) for one in looks]
    assert len(set(forms)) == len(forms)


def test_legend_names_the_kinds_of_edges():
    svg = draw(confounded(bidirected=[("taste", "seen")])).svg
    assert {ENTRIES[key] for key in ("causal", "biasing", "<->")} <= set(texts(svg))
    partial = SimpleNamespace(nodes=("a", "b"), edges=(), undirected=(("a", "b"),), latent=frozenset(), roles={})
    assert ENTRIES["--"] in texts(draw(partial).svg)


def test_causal_edges_are_blue_and_an_open_biasing_path_is_red():
    colours = strokes_by_edge(draw(confounded()).svg)
    assert look.ACCENT in colours["exposed -> seen"] & colours["seen -> watched"]
    assert look.ALARM in colours["taste -> exposed"] & colours["taste -> watched"]


def test_the_adjustment_set_is_ringed_and_closes_the_path():
    svg = draw(confounded(), adjustment="taste").svg
    assert look.ALARM not in svg
    assert svg.count(f'stroke="{look.RING}"') == 2  # the node and its entry in the legend
    assert look.RING not in draw(confounded()).svg


def test_an_estimand_says_what_stands_out():
    estimand = SimpleNamespace(
        treatment=("exposed",), outcome="watched", adjustment=(), mediators=("seen",), instruments=("noise",)
    )
    graph = CausalGraph([*confounded().edges, ("noise", "exposed")], latent=["taste"])
    words = set(texts(draw(graph, estimand=estimand).svg))
    expected = ("treatment", "outcome", "mediator", "instrument", "latent", "causal", "biasing")
    assert words == {*graph.nodes} | {ENTRIES[key] for key in expected}


def test_paths_are_drawn_as_asked_and_none_means_none():
    graph = confounded(bidirected=[("exposed", "watched")])
    asked = draw(graph, paths=[NamedPath(["exposed", "watched"], ["<->"])]).svg
    assert [edge for edge, found in strokes_by_edge(asked).items() if look.ALARM in found] == ["exposed <-> watched"]
    assert look.ALARM not in draw(graph, paths=()).svg
    with pytest.raises(GraphError, match="from 'taste' to 'seen'"):
        draw(graph, paths=[("taste", "seen")])


def test_joint_treatments_have_proper_causal_paths_only():
    graph = CausalGraph([("a", "b"), ("b", "y"), ("a", "y")], roles={"y": "outcome"})
    colours = strokes_by_edge(draw(graph, treatment=["a", "b"], outcome="y").svg)
    assert look.ACCENT not in colours["a -> b"]
    assert look.ACCENT in colours["a -> y"] & colours["b -> y"]


def test_undirected_edges_have_no_heads():
    partial = SimpleNamespace(
        nodes=("a", "b", "c"), edges=(("b", "c"),), undirected=(("a", "b"),), latent=frozenset(), roles={}
    )
    groups = {
        group.find(f"{SVG}title").text: group
        for group in parsed(draw(partial).svg).iter(f"{SVG}g") if group.find(f"{SVG}title") is not None
    }  # fmt: skip
    heads = {name: sum(path.get("fill") is not None for path in group) for name, group in groups.items()}
    assert heads["a -- b"] == 0
    assert heads["b -> c"] == 1


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_matplotlib_and_svg_agree(direction):
    drawing = draw(confounded(latent=["taste"]), direction=direction)
    figure = drawing.figure()
    shown = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    written = {
        "".join(element.itertext()): (float(element.get("x")), float(element.get("y")))
        for element in parsed(drawing.svg).iter(f"{SVG}text")
    }
    assert shown.keys() == written.keys()
    assert all(np.allclose(shown[name], written[name], atol=0.06) for name in shown)
    assert len(figure.axes[0].patches) == sum(1 for _ in parsed(drawing.svg).iter(f"{SVG}path"))
    assert figure.get_size_inches() == pytest.approx((drawing.width / 96, drawing.height / 96))


def test_png_is_not_blank_and_is_the_same_twice(tmp_path):
    from matplotlib.image import imread

    drawing = draw(confounded())
    first, second = (drawing.save(tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second
    pixels = imread(io.BytesIO(first))[..., :3]
    assert 0.02 < (pixels.min(axis=-1) < 0.9).mean() < 0.6
    blue = np.array([0x00, 0x72, 0xB2]) / 255
    assert (np.abs(pixels - blue).max(axis=-1) < 0.02).any()


def test_a_picture_of_many_shapes_is_the_same_picture(monkeypatch):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from causalrec.graph.drawing import figure

    drawing = draw(confounded(latent=["taste"], bidirected=[("exposed", "watched")]))
    one_by_one = bytes(FigureCanvasAgg(drawing.figure()).print_to_buffer()[0])
    monkeypatch.setattr(figure, "_MANY", 0)
    together = drawing.figure()
    assert not together.axes[0].patches
    pixels = np.frombuffer(FigureCanvasAgg(together).print_to_buffer()[0], dtype=np.uint8)
    differing = np.abs(pixels.astype(int) - np.frombuffer(one_by_one, dtype=np.uint8)) > 64
    assert differing.mean() < 0.002


def test_save_writes_by_the_ending(tmp_path):
    drawing = draw(confounded())
    assert drawing.save(tmp_path / "a.svg").read_text("utf-8") == drawing.svg
    assert drawing.save(tmp_path / "a.PDF").read_bytes().startswith(b"%PDF")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.PDF", "a.svg"]
    with pytest.raises(OutputError, match=r"\.svg, \.png or \.pdf"):
        drawing.save(tmp_path / "a.jpg")
    with pytest.raises(OutputError, match="Cannot write"):
        drawing.save(tmp_path / "missing" / "a.svg")


def test_svg_has_words_and_its_own_paper():
    root = parsed(draw(confounded(latent=["taste"])).svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "Causal graph: effect of exposed on watched"
    assert "not measured: taste" in root.find(f"{SVG}desc").text
    assert "taste -> exposed" in root.find(f"{SVG}desc").text
    paper = next(root.iter(f"{SVG}path"))
    assert paper.get("fill") == look.PAPER
    assert not any(element.get("id") for element in root.iter())


def test_drawing_is_a_value_that_notebooks_show():
    drawing = draw(confounded())
    assert isinstance(drawing, Drawing)
    assert drawing == draw(confounded())
    assert drawing._repr_svg_() == drawing.svg == draw(confounded()).svg
    assert drawing.svg in repr_html(confounded())
    assert len(repr(drawing)) < 80


def test_a_large_graph_is_one_line_in_a_notebook():
    graph = CausalGraph([(f"<v{k}>", f"<v{k + 1}>") for k in range(200)], roles={"<v0>": "treatment"})
    shown = repr_html(graph)
    assert "201 nodes" in shown
    assert "<svg" not in shown
    assert "<v0>" not in shown


def test_empty_and_single_graphs_are_drawn():
    for graph in (CausalGraph([]), CausalGraph([], nodes=["alone"]), CausalGraph([], bidirected=[("a", "b")])):
        root = parsed(draw(graph).svg)
        assert float(root.get("width")) > 0
        assert "nan" not in draw(graph).svg


def test_positions_are_respected_and_nothing_overlaps():
    graph = confounded(bidirected=[("exposed", "watched")])
    places = {"taste": (0, 0), "exposed": (-1, 1), "watched": (1, 1), "seen": (0, 1)}
    at = {
        item.text: (item.x, item.y)
        for group in draw(graph, positions=places)._scene.groups for item in group.items
        if isinstance(item, Text) and item.text in places
    }  # fmt: skip
    assert at["exposed"][0] < at["seen"][0] < at["watched"][0]
    assert at["exposed"][1] == at["seen"][1] == at["watched"][1] > at["taste"][1]
    assert at["seen"][0] - at["exposed"][0] == pytest.approx(at["watched"][0] - at["seen"][0])
    assert at["seen"][0] - at["exposed"][0] > text_width("watched", 13) + 26


def test_positions_that_do_not_fit_are_refused():
    graph = CausalGraph([("a", "b")])
    with pytest.raises(GraphError, match="no place for 'b'"):
        draw(graph, positions={"a": (0, 0)})
    with pytest.raises(UnknownNodeError, match="'c'"):
        draw(graph, positions={"a": (0, 0), "b": (1, 1), "c": (2, 2)})
    with pytest.raises(GraphError, match="'a' and 'b' on one spot"):
        draw(graph, positions={"a": (0, 0), "b": (0, 0)})
    with pytest.raises(GraphError, match="finite"):
        draw(graph, positions={"a": (0, 0), "b": (float("nan"), 0)})
    with pytest.raises(GraphError, match="two numbers"):
        draw(graph, positions={"a": (0, 0), "b": 3})


def test_wrong_arguments_are_refused_all_names_at_once():
    with pytest.raises(GraphError, match=r"'TB' .* 'LR'"):
        draw(confounded(), direction="up")
    with pytest.raises(UnknownNodeError) as refused:
        draw(confounded(), treatment="expose", adjustment=["tast"])
    assert set(refused.value.unknown) == {"expose", "tast"}
    with pytest.raises(UnknownNodeError, match="'sen'"):
        draw(confounded(), paths=[("exposed", "sen")])


def test_colours_are_those_of_the_charts():
    from causalrec.charts import style

    assert charts.effects_chart is not None
    assert (look.INK, look.MUTED, look.FAINT) == (style.INK, style.MUTED, style.FAINT)
    assert style.PALETTE[:3] == (look.ACCENT, look.ALARM, look.RING)


def test_svg_needs_no_matplotlib_and_figures_no_pyplot():
    code = (
        "import sys; from causalrec.graph import CausalGraph; from causalrec.graph.drawing import draw; "
        "drawing = draw(CausalGraph([('a', 'b')])); assert 'matplotlib' not in sys.modules; drawing.figure(); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_label_lines_break_where_words_meet():
    assert label_lines("item_store_availability") == ("item_store_", "availability")
    assert label_lines("price") == ("price",)
    assert all(len(line) <= 18 for line in label_lines("householdTasteBeforeTheVisit"))
