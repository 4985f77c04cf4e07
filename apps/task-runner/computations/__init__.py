"""The computations themselves: no Streamlit, no server, no threads."""
