"""Apps that cannot run: one clear message each, and all others do."""

import json
import subprocess
import sys

from tests.journeys import scripts
from tests.journeys.project import SampleProject, listening
from tests.support.ports import free_block
from tests.support.waiting import until

BROKEN_SERVICE = """
[services.api]
asgi = "nosuchmodule:app"
"""


def test_each_broken_app_says_why_and_the_others_run(project: SampleProject) -> None:
    import socket

    blocker = socket.create_server(("127.0.0.1", 0))
    taken = blocker.getsockname()[1]
    project.add("good", scripts.SLIDER)
    project.add("syntax", "import streamlit as st\ndef broken(:\n")
    project.add("raises", "import streamlit as st\nst.write([][1])\n")
    project.add("unresolvable", scripts.SLIDER, requirements_txt="nosuchpackage-xyz==1.2.3\n")
    project.add("manifest", scripts.SLIDER, app_toml='nam = "x"\n')
    project.add("nostreamlit", scripts.SLIDER)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", project.root / "apps/nostreamlit/venv"],
        check=True,
    )
    project.add("service", scripts.SLIDER, app_toml=BROKEN_SERVICE)
    project.add("porty", scripts.SLIDER)
    project.configure({"missing": {}, "porty": {"port": taken}, "novenv": {"venv": "nowhere"}})
    (project.root / "apps/novenv").mkdir()
    (project.root / "apps/novenv/app.py").write_text(scripts.SLIDER)

    failed = project.run("start", code=1)
    blocker.close()

    said = failed.stdout + failed.stderr
    apps = project.status()["apps"]
    expected = {
        "syntax": "SyntaxError: invalid syntax (app.py, line 2)",
        "raises": "IndexError: list index out of range (app.py, line 2)",
        "unresolvable": "nosuchpackage-xyz",
        "manifest": "app.toml.nam: unknown key (did you mean name?)",
        "nostreamlit": "there is no Streamlit in its environment",
        "porty": f"port {taken} is taken by",
        "missing": "its folder apps/missing is missing",
        "novenv": "nowhere is no virtual environment",
    }
    for key, reason in expected.items():
        assert reason in apps[key]["error"], key
        assert reason in said, key
        assert "Traceback" not in apps[key]["error"]
    assert apps["good"]["state"] == "running"
    assert apps["good"]["error"] is None
    assert apps["raises"]["state"] == "running"
    assert all(apps[key]["state"] == "failed" for key in expected if key != "raises")
    api = apps["service"]["services"]["api"]
    assert api["state"] == "failed"
    assert "gave up after 5 crashes" in api["error"]
    assert any("nosuchmodule" in line for line in api["log"])
    assert apps["service"]["state"] == "running"

    page = project.get("/app/syntax/", Accept="text/html")
    assert page.status == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "SyntaxError: invalid syntax (app.py, line 2)" in page.body
    assert project.get("/syntax/").status == 503
    assert project.get("/good/").status == 200

    # Each is mended, and one refresh tries them all again.
    (project.root / "apps/syntax/app.py").write_text(scripts.SLIDER)
    (project.root / "apps/unresolvable/requirements.txt").unlink()
    (project.root / "apps/manifest/app.toml").write_text('name = "Mended"\n')
    project.configure(
        {
            key: {}
            for key in apps
            if key not in {"missing", "service", "nostreamlit", "raises", "novenv"}
        }
    )
    for key in ("service", "nostreamlit", "raises", "novenv"):
        (project.root / "apps" / key / "app.py").unlink()
    project.run("refresh")
    assert {app["state"] for app in project.status()["apps"].values()} == {"running"}


def test_a_configuration_that_is_not_in_order_is_refused_at_start(project: SampleProject) -> None:
    project.config.write_text('{"website_prt": 1, "apps": {"a": {"port": 0}}}')
    failed = project.run("start", code=1)
    assert "website_prt: unknown key (did you mean website_port" in failed.stderr
    assert "apps.a.port" in failed.stderr
    assert project.processes() == []
    assert project.config.read_text() == '{"website_prt": 1, "apps": {"a": {"port": 0}}}'


def test_a_bad_edit_leaves_the_last_good_configuration_in_force(site: SampleProject) -> None:
    good = site.config.read_text()
    for bad in ("{", "[]", '{"apps": 3}', good.replace('"website_port"', '"wbsite_port"'), "\0"):
        site.config.write_text(bad)
        failed = site.run("refresh", code=1)
        assert failed.stderr.startswith("Error: ")
        assert site.config.read_text() == bad, "nothing overwrites what a person wrote"
        status = site.status()
        assert status["manager"]["problems"]
        assert status["apps"]["slider"]["state"] == "running"
        assert site.get("/app/slider/").status == 200
    site.config.write_text(good)
    site.run("refresh")
    assert site.status()["manager"]["problems"] == []


def test_refresh_follows_what_is_added_edited_and_removed(project: SampleProject) -> None:
    project.add("first", scripts.SLIDER)
    project.run("start")
    before = project.instance("first")
    project.add("second", scripts.PAGES)
    said = json.loads(project.run("refresh", "--json").stdout)
    assert said["result"]["added"] == ["second"]
    assert project.get("/app/second/").status == 200
    assert project.instance("first")["pid"] == before["pid"], "what did not change runs on"

    document = json.loads(project.config.read_text())
    document["apps"]["second"]["env"] = {"COLOUR": "green"}
    document["apps"]["first"]["description"] = "For people only"
    project.config.write_text(json.dumps(document))
    said = json.loads(project.run("refresh", "--json").stdout)
    assert said["result"]["changed"] == ["second"]
    assert project.instance("first")["pid"] == before["pid"], "words for people restart nothing"

    del document["apps"]["second"]
    document["apps"]["third"] = {"dir": "apps/second", "port": project.port + 20}
    project.config.write_text(json.dumps(document))
    said = json.loads(project.run("refresh", "--json").stdout)
    assert (said["result"]["added"], said["result"]["removed"]) == (["third"], ["second"])
    assert listening(project.port + 20)
    until(lambda: "second" not in project.status()["apps"], "the end of second")


def test_a_crash_loop_ends_in_failed_with_the_last_words(project: SampleProject) -> None:
    project.add("loop", "import os\nprint('last words', flush=True)\nos._exit(7)\n")
    project.run("start", code=1)
    app = project.status()["apps"]["loop"]
    assert app["state"] == "failed"
    assert "exited with code 7: last words; gave up after 5 crashes in a row" in app["error"]
    assert "last words" in app["log"]


def test_an_app_that_may_not_restart_stays_down(project: SampleProject) -> None:
    project.add("once", scripts.SLIDER, app_toml=scripts.PLAIN)
    project.configure({"once": {"restart_on_crash": False}})
    project.run("start")
    project.process("/app/once/").kill()
    until(lambda: project.status()["apps"]["once"]["state"] == "failed", "its end")
    assert "SIGKILL" in project.status()["apps"]["once"]["error"]
    project.run("start", "once")
    assert project.status()["apps"]["once"]["state"] == "running"


def test_nobody_can_be_started_who_is_not_there(site: SampleProject) -> None:
    failed = site.run("restart", "slidr", code=2)
    assert "did you mean slider?" in failed.stderr


def test_ports_chosen_for_tests_are_free() -> None:
    assert not listening(free_block())
