"""The first version of an app: a small page, its requirements and its manifest."""

import tempfile
from pathlib import Path

from streamlit_controls.core.errors import ControllerError
from streamlit_controls.core.names import RESERVED_KEYS, SLUG, title
from streamlit_controls.project import Project

PAGE = '''\
import numpy as np
import pandas as pd
import streamlit as st

st.set_page_config(page_title="{name}", page_icon="✨", layout="wide")
st.title("{name}")
st.caption("This page is `apps/{key}/app.py`. Make it yours.")

days = st.slider("Days", min_value=30, max_value=365, value=120)


@st.cache_data
def sales(days: int) -> pd.DataFrame:
    """Replace this by your data."""
    random = np.random.default_rng(7)
    dates = pd.date_range(end=pd.Timestamp.today().normalize(), periods=days, name="day")
    walk = random.normal(0.4, 3, size=(days, 3)).cumsum(axis=0)
    return pd.DataFrame(100 + walk, index=dates, columns=["North", "South", "West"])


data = sales(days)
for column, region in zip(st.columns(3), data, strict=True):
    last, change = data[region].iloc[-1], data[region].diff().iloc[-1]
    column.metric(region, f"{{last:.0f}}", f"{{change:+.1f}}", border=True)
st.area_chart(data)
with st.expander("Figures"):
    st.dataframe(data.iloc[::-1], width="stretch")
'''

REQUIREMENTS = """\
streamlit
"""

MANIFEST = """\
# What the site shows of this app. All keys are optional; config.json overrides them.
name = "{name}"
description = "A first page, waiting for your data."
icon = "✨"              # an emoji, or an image file in this folder
tags = ["new"]

# url = "/{key}/"        # where the site shows it
# replicas = 1
# restart_on_crash = true

# [env]                  # environment variables of its processes
# DATABASE_URL = "…"

# A companion process with a port of its own, started with the app. Its page finds it at API_URL.
# [services.api]
# asgi = "api:app"       # or: command = ["./serve", "--port", "{{port}}"]
# mount = "api"          # for browsers: /app/{key}/api/
# health = "/health"
"""


def write(project: Project, key: str) -> list[Path]:
    """Write an app's files and return them; refuse a bad name and one that is taken."""
    check(project, key)
    folder = project.apps / key
    project.apps.mkdir(parents=True, exist_ok=True)
    names = {"name": title(key), "key": key}
    texts = {"app.py": PAGE, "requirements.txt": REQUIREMENTS, "app.toml": MANIFEST}
    # Made aside: a refresh at this moment sees the whole app or none.
    with tempfile.TemporaryDirectory(dir=project.apps, prefix=".new-") as aside:
        made = Path(aside) / key
        made.mkdir()
        for name, text in texts.items():
            (made / name).write_text(text.format(**names), encoding="utf-8")
        made.rename(folder)
    return [folder / name for name in texts]


class BadName(ControllerError):
    """The name cannot be an app's."""

    code = "bad-name"
    exit_code = 2


def check(project: Project, key: str) -> None:
    """Raise BadName unless an app of that name can be made."""
    if not SLUG.match(key):
        raise BadName(
            f"{key!r} cannot be an app's name",
            'use letters, digits, "-" and "_", and begin with a letter or a digit: sales-report',
        )
    if key in RESERVED_KEYS:
        raise BadName(f"{key!r} is the name of one of our own logs", "choose another name")
    if (project.apps / key).exists():
        raise BadName(f"{project.apps / key} is there already", "choose another name")
