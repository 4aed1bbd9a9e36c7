"""Stage 8: the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalrec.charts import effects_chart, figure_png_bytes, gain_chart, kinds_chart, lift_chart
from causalrec.refutation import Refutation
from causalrec.reporting import (
    Headline,
    Picture,
    Report,
    Section,
    Table,
    explanation_section,
    made_section,
    refutation_section,
)
from causalrec.study.promotion.explaining import Told
from causalrec.study.promotion.settings import Settings
from causalrec.study.stages import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["page"]

PER = "purchases per thousand offers"
ADJUSTMENTS = "The naive comparison says almost twice what the graph's adjustment does"
HEADLINE = "product x week + product x store"
SOURCE = (
    "The Complete Journey, 84.51°: a year of a grocery chain, simulated by its publisher from real shopping patterns, "
    "for education."
)


def page(study: Study[Settings], folder: Path) -> Mapping[str, object]:
    """One self-contained HTML page of all stages before."""
    sections = (
        _graph(study), _effect(study), _doubt(study), _kinds(study), _ranks(study), _budget(study), _why(study),
        _made(study),
    )  # fmt: skip
    report = Report("What a promotion causes, whom to promote to, and why", sections, _headline(study), SOURCE)
    path = report.save(folder / "report.html")
    (folder / "adjustments.png").write_bytes(figure_png_bytes(adjustments_figure(study)))
    return {"bytes": path.stat().st_size, "sections": [section.title for section in sections]}


def adjustments_figure(study: Study[Settings]) -> Figure:
    """The display's effect by each adjustment, the graph's own in colour."""
    rows = [row for row in study.result("adjust")["rows"] if row["treatment"] == "display"]
    value, half = _thousand([r["value"] for r in rows]), 1.96 * _thousand([r["stderr"] for r in rows])
    return effects_chart(
        [r["adjusted for"] for r in rows], value, value - half, value + half, unit=f"effect of a display, {PER}",
        title=ADJUSTMENTS, highlight=HEADLINE,
    )  # fmt: skip


def _headline(study: Study[Settings]) -> Headline:
    effect, units = study.result("effect")["effect"], study.result("data")["n_units"]
    lead = next(r for r in study.result("doubt")["refutations"] if r["name"].startswith("lead"))
    value, lower, upper = (f"{1000 * effect[name]:.2f}" for name in ("value", "lower", "upper"))
    wide = [f"{1000 * end:.2f}" for end in effect["interval_by_category"]]
    doubt = ""
    if lead["verdict"] == "failed":
        doubt = (
            f" Next week's display already “acts” today by {1000 * lead['refuted']:.2f}, which no display can: read "
            "the "
            f"headline as uncertain by about that much ({lead['details']['share']:.0%})."
        )
    return Headline(
        f"+{value}",
        f"{PER}; 95% interval {lower} to {upper} by household and product, {wide[0]} to {wide[1]} by category",
        f"Of {units:,} offers (a visit and a product), a display makes {value} more in a thousand end in a "
        "purchase, with "
        f"product x week and product x store held fixed.{doubt}",
    )


def _graph(study: Study[Settings]) -> Section:
    found = study.result("graph")
    display = found["display"]
    paragraphs = [
        f"The graph {study.settings.graph!r} says: hold {', '.join(display['adjustment'])} fixed. Everything is among "
        f"{', '.join(display['selected']) or 'all units'}: a display is seen by those who are in the store anyway.",
    ]
    if found["mailer_refused"]:
        paragraphs += [
            f"The mailer's own effect is refused. {found['mailer_refused']}",
            f"Where numbers of the mailer stand below they rest on one more assumption: {found['assumed']}. If "
            "mailers do "
            f"bring households to the store, those numbers leave that part out, and compare different households.",
        ]
    return Section("What the graph says", tuple(paragraphs), items=tuple(display["assumptions"]))


def _effect(study: Study[Settings]) -> Section:
    found, effects = study.result("adjust"), study.result("effect")
    rows = [
        {
            "adjusted for": row["adjusted for"], "treatment": row["treatment"], PER: round(1000 * row["value"], 2),
            "error": round(1000 * row["stderr"], 2), "error by category": round(1000 * row["stderr_by_category"], 2),
            "variation left": f"{row['variation']:.0%}",
        }
        for row in found["rows"]
    ]  # fmt: skip
    promotion, discount = effects["promotion"], found["discount"]
    price = [{"discount enters as": r["discount enters as"], "mailer": round(1000 * r["value"], 2),
              "error": round(1000 * r["stderr"], 2)} for r in found["price_fixed"]]  # fmt: skip
    fixed = [1000 * r["value"] for r in found["price_fixed"][1:]]
    held = (
        f"With price held fixed the mailer's number runs from {min(fixed):.2f} to {max(fixed):.2f} with the form in "
        "which "
        "the discount enters. None of these is to be trusted; they stand here to show that."
    ) if fixed else "The discounts vary too little to show the mailer with its price held fixed."  # fmt: skip
    mailer = Section(
        "The mailer is a bundle with its price",
        (
            f"Products in a mailer are {discount['with mailer']:.0%} off, others {discount['without mailer']:.0%}. "
            "Price is a "
            f"way in which the mailer works, so it is not held fixed. Display and mailer together: "
            f"{1000 * promotion['value']:.2f} ({1000 * promotion['lower']:.2f} to {1000 * promotion['upper']:.2f}).",
            held,
        ),
        tables=(Table.of(price),),
        folded=True,
    )
    note = (
        "Product x week leaves the mailer a few percent of its variation, the exceptions of a chain-wide decision: its "
        "numbers in those rows are not identified, and are shown for that reason only."
    )
    return Section(
        "The effect, by what is held fixed", (note,), (Picture.of(adjustments_figure(study), ADJUSTMENTS),),
        (Table.of(rows, highlight=_place(rows)),), sections=(mailer,),
    )  # fmt: skip


def _doubt(study: Study[Settings]) -> Section:
    rows = study.result("doubt")["refutations"]
    return refutation_section([Refutation.from_dict(row) for row in rows])


def _kinds(study: Study[Settings]) -> Section:
    found = study.result("text")
    department, fifths = found["department"], found["text"]["fifths"]
    slope, new = found["text"], found["text_new_categories"]
    return Section(
        "For which products",
        (
            f"What a product's description says ({found['n_columns']} columns of a language model, kept once per "
            "product) "
            f"foretells where displays work. The effect rises by {slope['slope']:.2f} (± {slope['stderr']:.2f}) for "
            "each "
            f"unit that the text predicts, for products that the prediction never saw; 1 would be perfect calibration. "
            f"For products of categories that it never saw: {new['slope']:.2f} (± {new['stderr']:.2f}).",
            f"Largest: {_texts(found['largest'])}. Smallest: {_texts(found['smallest'])}.",
        ),
        (
            _kind_picture(department, "What a display adds, by department"),
            _fifth_picture(fifths, "What a display adds, by what the text predicted"),
        ),
    )


def _ranks(study: Study[Settings]) -> Section:
    found = study.result("rank")
    names = list(dict.fromkeys(row["name"] for row in found["gains"]))
    ks = sorted({row["k"] for row in found["gains"]})
    cells = {(row["name"], row["k"]): row for row in found["gains"]}
    value, lower, upper = (
        np.array([[cells[n, k][key] for k in ks] for n in names]) for key in ("value", "lower", "upper")
    )
    title = "Promoting the top of a ranking: purchases gained per thousand"
    figure = gain_chart(names, ks, value, lower, upper, unit="purchases gained per thousand units", title=title)
    said = [f"{row['sentence']}." for row in found["differences"]]
    alone = [f"Displays alone: {row['sentence']}." for row in found["display_alone"]]
    relevance = [
        {"ranking": name} | {k: round(v, 3) for k, v in row.items()} for name, row in found["relevance"].items()
    ]
    table = Table.of(relevance, "Relevance of the first ten: did households buy these in the test weeks at all?")
    return Section(
        "What to promote to whom",
        (
            "Learned on weeks 2 to 44, judged on weeks 45 to 52: each listed product is compared with itself, "
            "promoted and "
            f"not, among {found['n_candidates']} products promoted in 5% to 95% of the units. Intervals are by "
            "household "
            "and product: a promotion is shared by all households of a store, so households alone would claim too "
            "much.",
        ),
        (Picture.of(figure, title),), items=(*said, *alone), tables=(table,),
    )  # fmt: skip


def _budget(study: Study[Settings]) -> Section:
    found = study.result("rank")["budget"]
    rows = [
        {"slots": g["name"], "gain per thousand": round(g["value"], 1), "lower": round(g["lower"], 1),
         "upper": round(g["upper"], 1), "units": g["n_units"]}
        for g in found["gains"]
    ]  # fmt: skip
    return Section(
        "Under a budget",
        (
            f"{found['n_pairs']:,} slots in all, at most ten a household: spent where the effect is largest, or "
            "five for "
            f"every household. {found['difference']['sentence']}.",
        ),
        tables=(Table.of(rows),),
    )


def _why(study: Study[Settings]) -> Section:
    found = study.result("explain")
    return explanation_section([Told(**row) for row in found["explanations"]])


def _made(study: Study[Settings]) -> Section:
    facts = {"data": SOURCE, "random state": study.settings.random_state, "graph": study.settings.graph}
    facts |= {f"SHA-256 of {name}": digest for name, digest in study.settings.data_sha256.items()}
    return made_section(facts)


def _kind_picture(rows: Sequence[Mapping[str, Any]], title: str) -> Picture:
    value, half = _thousand([r["value"] for r in rows]), 1.96 * _thousand([r["stderr"] for r in rows])
    names, counts = [r["kind"] for r in rows], [r["n_items"] for r in rows]
    return Picture.of(
        kinds_chart(names, value, value - half, value + half, unit=PER, title=title, counts=counts), title
    )


def _fifth_picture(rows: Sequence[Mapping[str, Any]], title: str) -> Picture:
    value, half = _thousand([r["value"] for r in rows]), 1.96 * _thousand([r["stderr"] for r in rows])
    figure = lift_chart(
        [r["kind"] for r in rows], value, value - half, value + half, group_name="products by the text's prediction",
        unit=PER, title=title, reference=0.0,
    )  # fmt: skip
    return Picture.of(figure, title)


def _texts(rows: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{row['text']} ({1000 * row['value']:.1f})" for row in rows)


def _place(rows: Sequence[Mapping[str, Any]]) -> int:
    return next(at for at, row in enumerate(rows) if row["adjusted for"] == HEADLINE and row["treatment"] == "display")


def _thousand(values: Sequence[float]) -> np.ndarray:
    return 1000 * np.asarray(values, dtype=float)
