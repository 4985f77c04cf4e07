"""Benchmarks: this product, plain `streamlit run` and others, in one run on one machine."""
