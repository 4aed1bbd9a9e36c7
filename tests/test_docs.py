"""What the pages point at is there."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
PAGES = [page for page in PAGES if not {"_build", "_api"} & set(page.parts)]
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")


def test_methods_name_modules_that_exist():
    named = re.findall(r"`(causalrec\.[\w.]+)`", (ROOT / "docs" / "methods.md").read_text("utf-8"))
    assert len(named) > 10
    assert [module for module in named if find_spec(module) is None] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    links = LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_names_folders_that_exist():
    named = re.findall(r"`((?:causalrec|graphs)/\w*)`", (ROOT / "README.md").read_text("utf-8"))
    assert len(named) > 10
    assert [folder for folder in named if not (ROOT / folder).is_dir()] == []
