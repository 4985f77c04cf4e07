import numpy as np
import pandas as pd
import streamlit as st

st.title("Pandas")
rows = st.slider("Rows", 10, 1000, 500)
generator = np.random.default_rng(0)
frame = pd.DataFrame(
    generator.normal(size=(rows, 3)).cumsum(axis=0),
    columns=["north", "south", "west"],
    index=pd.date_range("2026-01-01", periods=rows, freq="h"),
)
st.line_chart(frame)
st.dataframe(frame.describe())
st.dataframe(frame)
st.markdown(f"Rows: {rows}")
