"""An app on a Streamlit release without st.App, which binds its port itself."""

import psutil

from tests.journeys import scripts
from tests.journeys.project import SampleProject, wait_running


def test_an_app_on_streamlit_1_40_runs_restarts_and_comes_back(project: SampleProject) -> None:
    project.add("old", scripts.SLIDER, requirements_txt="streamlit==1.40.2\n")
    project.run("start")
    first = project.instance("old")
    assert first["sessions"] is None, "nobody counts them there"
    page = project.get("/app/old/")
    assert page.status == 200
    assert page.url == f"{project.url}app/old/~{first['id']}/"
    assert project.get(f"/app/old/~{first['id']}/_stcore/health").body == "ok"

    project.run("restart", "old")
    second, draining = project.status()["apps"]["old"]["instances"]
    assert second["id"] != first["id"]
    assert (draining["id"], draining["state"]) == (first["id"], "draining")
    assert project.get("/app/old/").status == 200

    psutil.Process(second["pid"]).kill()
    wait_running(project, "old", other_than=second["pid"])
    assert project.get("/app/old/").status == 200

    script = project.root / "apps/old/app.py"
    script.write_text("import streamlit as st\n1/0\n")
    failed = project.run("restart", "old", code=1)
    assert "ZeroDivisionError: division by zero" in failed.stdout
    assert project.get("/app/old/").status == 200, "the old instance serves on"
