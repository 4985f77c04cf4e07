"""Pictures of what computations have found, in the page's own style."""

import math
from functools import singledispatch

import altair as alt
import pandas as pd
import streamlit as st

from computations.fractal import FractalImage
from computations.pi import PiEstimate, spread
from computations.primes import PrimeCount
from computations.tour import Tour

HEIGHT = 320
ACCENT, QUIET = "#ea580c", "#a8a29e"


@singledispatch
def draw(value: object) -> None:
    """Draw what a computation has found so far."""
    raise TypeError(f"there is no picture of a {type(value).__name__}")


@draw.register
def _(image: FractalImage) -> None:
    st.image(image.pixels, width="stretch")


@draw.register
def _(tour: Tour) -> None:
    path = pd.DataFrame(tour.path, columns=["x", "y"]).reset_index(names="stop")
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    base = alt.Chart(path).encode(x, y)
    line = base.mark_line(color=ACCENT, strokeWidth=2, strokeJoin="round").encode(order="stop:Q")
    _show(line + base.mark_circle(color=QUIET, size=34, opacity=1))


@draw.register
def _(primes: PrimeCount) -> None:
    gaps = pd.DataFrame(
        [(gap, count) for gap, count in enumerate(primes.gaps) if gap % 2 == 0 and gap],
        columns=["gap", "count"],
    )
    gaps["six"] = gaps["gap"] % 6 == 0
    bars = alt.Chart(gaps).mark_bar(cornerRadiusTopLeft=3, cornerRadiusTopRight=3)
    colour = alt.Color(
        "six:N",
        scale=alt.Scale(domain=[True, False], range=[ACCENT, QUIET]),
        legend=None,
    )
    x = alt.X("gap:O", title="Gap to the next prime", axis=alt.Axis(values=list(range(6, 61, 6))))
    y = alt.Y("count:Q", title=None, axis=alt.Axis(format="~s", tickCount=4))
    _show(bars.encode(x, y, colour, tooltip=["gap", "count"]))


@draw.register
def _(pi: PiEstimate) -> None:
    points = pd.DataFrame(pi.history, columns=["darts", "estimate"])
    off = points["darts"].map(spread)
    points["low"], points["high"] = math.pi - off, math.pi + off
    x = alt.X(
        "darts:Q",
        title="Darts",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~s", tickCount=6, grid=False),
    )
    scale = alt.Scale(domain=[math.pi - 0.06, math.pi + 0.06], clamp=True, nice=False)
    y = alt.Y("estimate:Q", title=None, scale=scale, axis=alt.Axis(format=".2f", tickCount=5))
    base = alt.Chart(points)
    band = base.mark_area(color=QUIET, opacity=0.25).encode(
        x, alt.Y("low:Q", scale=scale), y2="high:Q"
    )
    line = base.mark_line(color=ACCENT, strokeWidth=2).encode(x, y)
    truth = alt.Chart(pd.DataFrame({"pi": [math.pi]})).mark_rule(strokeDash=[4, 4], color=QUIET)
    _show(band + truth.encode(alt.Y("pi:Q", scale=scale)) + line)


def _show(chart: alt.Chart | alt.LayerChart) -> None:
    st.altair_chart(chart.properties(height=HEIGHT).configure_view(strokeWidth=0))
