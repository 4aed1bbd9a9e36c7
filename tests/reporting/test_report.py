import html
import os
import re

import pytest

from causalrec.charts import lift_chart
from causalrec.errors import DataError, OutputError, ShapeError
from causalrec.reporting import Headline, Picture, Report, Section, Table
from causalrec.reporting.rendering import formatted_rows, inline_svg

NASTY = "<script>alert(1)</script>"
CHART = lift_chart([NASTY, "b"], [1.2, 1.0], [1.1, 0.9], [1.3, 1.1], title=NASTY)


def test_all_that_comes_from_data_is_escaped():
    table = Table((NASTY, "n"), ((NASTY, 1.5),), caption=NASTY)
    picture = Picture.of(CHART, alt=f'"{NASTY}', caption=NASTY)
    inner = Section(NASTY, (NASTY,), (picture,), (table,), (NASTY,), folded=True)
    page = Report(NASTY, (inner, Section(NASTY, sections=(inner,))), Headline(NASTY, NASTY, NASTY), NASTY).html()
    assert "<script" not in page.lower()
    assert page.count(html.escape(NASTY)) > 15
    assert '"<' not in page  # a quote does not end an attribute


def test_page_needs_nothing_from_outside():
    picture = Picture.of(CHART, "a chart")
    png = Picture(b"\x89PNG", "pixels")
    page = Report("A", (Section("B", pictures=(picture, picture, png)),)).html()
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    assert "default-src 'none'" in page
    assert "@import" not in page
    assert 'src="data:image/png;base64,iVBORw==' in page


def test_the_same_picture_twice_has_ids_of_its_own():
    picture = Picture.of(CHART, "a chart")
    page = Report("A", (Section("B", pictures=(picture, picture)),)).html()
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids)) > 20
    used = set(re.findall(r"url\(#([^)]*)\)", page)) | set(re.findall(r'href="#([^"]*)"', page))
    assert used <= set(ids)


def test_drawings_keep_their_numbers_and_follow_the_ink_of_the_page():
    path = '<path d="M 1.23456 7&#10;z" style="stroke: #1f2933"/>'
    svg = f'<svg width="9pt" height="9pt" id="a">{path}<text>0.0184</text></svg>'
    found = inline_svg(svg, "p1-")
    assert "0.0184" in found
    assert 'd="M 1.23 7' in found
    assert "stroke: var(--ink)" in found
    assert 'id="p1-a"' in found
    assert "width=" not in found


def test_headline_comes_first_and_sections_in_order():
    sections = (Section("one"), Section("two", sections=(Section("three"),)))
    page = Report("T", sections, Headline("+1", "0 to 2", "m")).html()
    places = [page.index(text) for text in ("<h1>T", '"number">+1', "<h2>one", "<h2>two", "<h3>three")]
    assert places == sorted(places)


def test_numbers_stand_right_and_share_their_decimals():
    table = Table.of({"name": ["a", "b"], "n": [1200, None], "x": [0.5, float("nan")], "yes": [True, False]})
    assert formatted_rows(table) == [["a", "1,200", "0.500", "yes"], ["b", "–", "–", "no"]]
    page = Report("T", (Section("s", tables=(table,)),)).html()
    assert page.count('<td class="n">') == 4
    assert '<td class="n">a' not in page


def test_rows_and_columns_make_the_same_table():
    assert Table.of([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]) == Table.of({"a": [1, 2], "b": ["x", "y"]})


def test_what_is_no_table_and_no_drawing_is_refused():
    with pytest.raises(ShapeError, match="2 cells"):
        Table(("a", "b"), ((1,),))
    with pytest.raises(ShapeError, match="differ in length"):
        Table.of({"a": [1], "b": [1, 2]})
    for active in ("<svg><script>x</script></svg>", "<svg onload='x'/>", '<svg><image href="http://a/b.png"/></svg>'):
        with pytest.raises(DataError, match="draws only"):
            Picture(active, "no")


def test_saving_replaces_the_file_or_leaves_it_alone(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    assert Report("Größe 饼", ()).save(path) == path
    assert "<h1>Größe 饼</h1>" in path.read_text("utf-8")
    assert os.listdir(tmp_path) == ["report.html"]
    with pytest.raises(OutputError, match="missing"):
        Report("T").save(tmp_path / "missing" / "report.html")


def test_the_same_report_is_the_same_bytes():
    report = Report("T", (Section("s", pictures=(Picture.of(CHART, "a"),)),))
    assert report.html() == report.html()
