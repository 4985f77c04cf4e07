"""Hello: how round waves add up to a shape with corners."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]
COLOURS = ["#f59e0b", "#ec4899", "#8b5cf6", "#38bdf8"]
SHAPES = ("Square", "Sawtooth", "Triangle")
X = np.linspace(0, 2, 601)
INTRODUCTION = """
Every sound, every heartbeat, every picture can be taken apart into waves, and put together
again from them. **Pull the slider** and watch round waves grow corners.
"""


def wave(shape: str, index: int) -> Floats:
    """The wave number `index` (from 1) of those that add up to a shape."""
    odd, sign = 2 * index - 1, 1 if index % 2 else -1
    if shape == "Square":
        return 4 / np.pi * np.sin(2 * np.pi * odd * X) / odd
    if shape == "Triangle":
        return 8 / np.pi**2 * sign * np.sin(2 * np.pi * odd * X) / odd**2
    return 2 / np.pi * sign * np.sin(2 * np.pi * index * X) / index


def target(shape: str) -> Floats:
    """The shape itself, with its corners."""
    turn = np.sin(2 * np.pi * X)
    if shape == "Square":
        return np.sign(turn)
    return 2 / np.pi * np.arcsin(turn) if shape == "Triangle" else 2 * (X - np.floor(X + 0.5))


def draw(waves: Floats) -> alt.LayerChart:
    """Each wave as a faint line (at most twelve, or they hide each other), their sum in front."""
    count = min(len(waves), 12)
    each = pd.DataFrame(
        {"x": np.tile(X, count), "y": waves[:count].ravel(), "wave": np.repeat(range(count), 601)}
    )
    x = alt.X("x:Q", axis=None)
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1.35, 1.35]))
    colour = alt.Color("wave:O", legend=None, scale=alt.Scale(range=COLOURS))
    lines = alt.Chart(each).mark_line(opacity=0.4, strokeWidth=1.5)
    total = alt.Chart(pd.DataFrame({"x": X, "y": waves.sum(axis=0)}))
    stops = [alt.GradientStop(color=c, offset=i / 3) for i, c in enumerate(COLOURS)]
    gradient = alt.Gradient(gradient="linear", stops=stops, x1=0, x2=1, y1=0, y2=0)
    area = total.mark_area(color=gradient, opacity=0.16)
    line = total.mark_line(stroke=gradient, strokeWidth=4, strokeJoin="round")
    chart = alt.layer(
        area.encode(x, y), lines.encode(x, y, colour, detail="wave:O"), line.encode(x, y)
    )
    return chart.properties(height=360).configure_view(strokeWidth=0)


st.set_page_config("Hello", "👋")
st.title("Hello :violet[:material/waving_hand:]", anchor=False)
st.markdown(INTRODUCTION)

with st.container(border=True):
    choice, number = st.columns([2, 3], gap="medium", vertical_alignment="bottom")
    shape = choice.segmented_control("Shape", SHAPES, default="Square", required=True)
    count = number.slider("Number of waves", 1, 40, 5)
    waves = np.array([wave(shape, index) for index in range(1, count + 1)])
    st.altair_chart(draw(waves))

near = 1 - np.mean(np.abs(waves.sum(axis=0) - target(shape))) / np.mean(np.abs(target(shape)))
left, middle, right = st.columns(3, border=True)
left.metric("Waves", count)
middle.metric("Fastest", f"{count if shape == 'Sawtooth' else 2 * count - 1} × the first")
right.metric(f"{shape} reached", f"{near:.1%}")

st.caption(
    "This page is `apps/hello/app.py`, fewer than 100 lines of Python. "
    "Copy its folder to begin an app of your own."
)
