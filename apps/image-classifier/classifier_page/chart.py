"""What a picture shows, as bars."""

import json
from collections.abc import Iterable
from typing import Literal

import altair as alt
import pandas as pd

from classifier_page.backend import Answer

ACCENT, TRACK = "#10b981", "#8a9a93"
ROW = 44
"""Pixels of a bar and the words above it, which so have the whole width of a phone."""


def chart(answer: Answer) -> alt.LayerChart:
    """Draw the guesses, the likeliest on top."""
    labels = [each.label for each in answer.guesses]
    likely = [each.probability for each in answer.guesses]
    shares = [f"{each:.1%}" for each in likely]
    # Bars go by their rank: two classes may have one label, such as `crane`.
    guesses = pd.DataFrame({"rank": range(len(labels)), "label": labels, "probability": likely})
    base = alt.Chart(guesses).encode(
        tooltip=[alt.Tooltip("label", title="Class"), alt.Tooltip("probability", format=".2%")]
    )
    bars = (
        _bar(base, "one", TRACK, 0.22, _words("left", labels)),
        _bar(base, "probability", ACCENT, 1, _words("right", shares)),
    )
    layers = alt.LayerChart(layer=bars, height=ROW * len(labels))
    layers = layers.transform_calculate(zero="0", one="1").resolve_scale(y="independent")
    plain: alt.LayerChart = layers.configure_view(strokeWidth=0)
    return plain


def spoken(answer: Answer) -> str:
    """Return the same in words, for who does not see it."""
    return ", ".join(f"{each.label} {each.probability:.1%}" for each in answer.guesses)


def _bar(base: alt.Chart, end: str, colour: str, opacity: float, axis: alt.Axis) -> alt.Chart:
    bar = base.mark_bar(color=colour, opacity=opacity, height=8, cornerRadius=4, yOffset=12)
    made: alt.Chart = bar.encode(
        alt.X("zero:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False)),
        alt.Y("rank:O", axis=axis, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        x2=f"{end}:Q",
    )
    return made


def _words(side: Literal["left", "right"], words: Iterable[str]) -> alt.Axis:
    """Return an axis whose labels stand above the bars: labels have the theme's colour."""
    return alt.Axis(
        orient=side,
        labelAlign=side,
        labelFlush=False,
        labelExpr=f"{json.dumps(list(words))}[datum.value]",
        labelFontSize=14,
        labelLimit=0,
        labelOffset=-6,
        labelPadding=0,
        domain=False,
        ticks=False,
        title=None,
        zindex=1,
    )
