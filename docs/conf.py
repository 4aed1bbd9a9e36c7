"""Sphinx configuration."""

from importlib.metadata import version as installed

project = "causalrec"
author = "The causalrec developers"
release = version = installed("causalrec-toolkit")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}  # autosummary writes its pages as .rst
exclude_patterns = ["_build"]
templates_path = ["_templates"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
html_theme = "pydata_sphinx_theme"
html_title = "causalrec"
html_static_path = ["_static"]
html_show_sourcelink = False
html_sidebars = {"[!_]*": []}  # only the reference has pages below it
html_theme_options = {"navigation_with_keys": False, "show_toc_level": 2, "secondary_sidebar_items": ["page-toc"]}
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
