"""Configuration, secrets and variables of the app's own."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st


def show() -> dict[str, Any]:
    names = ("server.maxUploadSize", "theme.primaryColor", "logger.level", "client.toolbarMode")
    day = datetime(2026, 7, 1, 12, tzinfo=UTC)
    return {
        "options": {name: st.get_option(name) for name in names},
        "theme": st.context.theme.type,
        "secrets": {
            "own": st.secrets["own"],
            "home": st.secrets["home"],
            "nested": st.secrets["nested"]["word"],
        },
        "promoted": os.environ.get("own"),  # noqa: SIM112
        "variables": [os.environ.get("OWN"), os.environ.get("SHARED")],
        "zone": [time.strftime("%H:%M %Z", time.localtime(day.timestamp())), day.astimezone().hour],
        "pandas": str(pd.Timestamp(day).tz_convert(datetime.now(UTC).astimezone().tzinfo)),
        "relative": Path("data/words.txt").read_text(),
        "beside": (Path(__file__).parent.parent / "data/words.txt").read_text(),
    }
