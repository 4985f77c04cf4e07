"""The process and Streamlit's options."""

from typing import Any

import altair  # noqa: F401 - a page that uses them all, as what it was forked from does
import facts  # type: ignore[import-not-found]
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]  # noqa: F401
import streamlit as st
from streamlit import config


def show() -> dict[str, Any]:
    st.dataframe(pd.DataFrame({"a": [1]}))
    options = {
        name: [option.value, option.where_defined]
        for name, option in sorted(config.get_config_options().items())
    }
    return {**facts.facts(), "options": options}
