"""A self-contained HTML page: content as data, one template."""

from causalrec.reporting.content import Headline, Picture, Section, Table
from causalrec.reporting.parts import report
from causalrec.reporting.provenance import made_section, versions
from causalrec.reporting.report import Report
from causalrec.reporting.sections import (
    comparison_section,
    effect_headline,
    effect_section,
    explanation_section,
    ranking_section,
    refutation_section,
)

__all__ = [
    "Headline", "Picture", "Report", "Section", "Table", "comparison_section", "effect_headline", "effect_section",
    "explanation_section", "made_section", "ranking_section", "refutation_section", "report", "versions",
]  # fmt: skip
