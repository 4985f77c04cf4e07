"""The first page."""

import matplotlib.pyplot as plt
import streamlit as st

figure, axes = plt.subplots()
axes.plot([1, 3, 2])
st.text(f"first, {plt.rcParams['lines.linewidth']}")
st.pyplot(figure)
