import streamlit as st

st.title("Slider")
value = st.slider("Value", 0, 100, 50)
st.markdown(f"Value: {value}")
