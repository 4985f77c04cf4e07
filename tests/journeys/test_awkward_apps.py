"""Apps that look closely see no difference between a fork of a zygote and a plain start."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.journeys.awkward import environment
from tests.journeys.awkward.pair import FORKED, PLAIN, Pair, same_process
from tests.journeys.project import SampleProject, wait_running
from tests.support.streamlit_client import StreamlitClient
from tests.support.waiting import until

APPS = Path(__file__).parent / "awkward"
PRELOAD = ["matplotlib.pyplot", "labold", "labnew", "labgone", "labraises"]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the packages lie of the environment that all apps have."""
    return environment.make(tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="module")
def lab(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A running project in which each app is there twice: started plainly, and forked."""
    root = tmp_path_factory.mktemp("awkward") / "project"
    apps: dict[str, Any] = {}
    project = SampleProject.make(root)
    common: dict[str, Any] = {"venv": str(packages.parents[2]), "idle_timeout": 0}
    own = {"OWN": "1", "TZ": "America/Bogota", "TMPDIR": str(root.parent)}
    for how in (PLAIN, FORKED):
        home = root.parent / f"lab-{how}"
        (home / ".streamlit").mkdir(parents=True)
        (home / ".streamlit/secrets.toml").write_text('home = "from home"\nown = "from home"\n')
        (home / ".streamlit/config.toml").write_text("[client]\nshowSidebarNavigation = false\n")
        for app in ("lab", "pages"):
            shutil.copytree(APPS / app, root / f"apps/{app}-{how}")
        warm = {"warm": how == FORKED}
        apps[f"lab-{how}"] = {**common, **warm, "env": {**own, "HOME": str(home)}}
        apps[f"pages-{how}"] = {**common, **warm, "preload": PRELOAD}
    for app in ("thread", "early"):
        project.add(app, "import streamlit as st\nst.write('here')\n")
    apps["thread"] = {**common, "preload": ["labthread"]}
    apps["early"] = {**common, "env": {"OMP_NUM_THREADS": "1"}}
    project.configure(apps)
    try:
        project.run("start")
        yield project
    finally:
        project.end()


@pytest.fixture
def pair(lab: SampleProject) -> Pair:
    return Pair(lab, "lab")


@pytest.fixture
def pages(lab: SampleProject) -> Pair:
    return Pair(lab, "pages")


def test_one_is_forked_and_the_other_is_not(lab: SampleProject) -> None:
    apps = lab.status()["apps"]
    forked = {name: app["instances"][0]["forked"] for name, app in apps.items()}
    assert forked == {
        "lab-plain": False,
        "lab-forked": True,
        "pages-plain": False,
        "pages-forked": True,
        "thread": False,
        "early": False,
    }
    said = (lab.root / "logs/controller.log").read_text()
    assert "preload: labgone cannot be imported: ModuleNotFoundError" in said
    assert "preload: labraises cannot be imported: RuntimeError: no licence" in said
    assert "started, not forked: labthread starts threads" in said


def test_modules_of_the_app_s_own_are_what_it_finds(pair: Pair) -> None:
    plain, forked = pair.show("modules")
    assert forked == plain
    assert set(plain.values()) == {"own"}


def test_a_process_looks_the_same_from_inside(pair: Pair) -> None:
    plain, forked = pair.show("mirror")
    same_process(plain, forked)
    for different in ("server.port", "browser.serverPort", "server.cookieSecret"):
        assert plain["options"].pop(different) != forked["options"].pop(different)
    assert forked == plain
    assert plain["leads"] == [True, True]
    assert plain["runner"] == [], "no module of ours under a name by which apps import theirs"
    assert plain["streams"]["stdout"][-1].endswith("logs/lab.log")
    assert plain["environment"]["STREAMLIT_CONTROLLER_APP"] == "lab"


def test_a_service_looks_the_same_from_inside(pair: Pair) -> None:
    plain, forked = pair.ask("echo/")
    same_process(plain, forked)
    # It has packages imported that a service need not import, and some of them leave a mark.
    for name in forked["logging"].keys() - plain["logging"].keys():
        assert name.startswith("streamlit.")
        del forked["logging"][name]
    assert set(plain["warnings"]) <= set(forked.pop("warnings"))
    assert {**forked, "warnings": plain["warnings"]} == plain
    assert plain["main"] == ["__main__", None, "None"]
    assert plain["page"] == "own"


def test_a_service_has_child_processes(pair: Pair) -> None:
    assert pair.ask("echo/work") == ([1, 2, 3], [1, 2, 3])


def test_threads(pair: Pair) -> None:
    plain, forked = pair.show("threads")
    assert forked == plain
    assert [keys for _, keys, _ in plain["seen"]] == [[], ["mine"]]
    assert plain["squares"] == [number**2 for number in range(20)]
    assert plain["lasting"] == [45, ["lasting_0"]]


def test_child_processes(pair: Pair, lab: SampleProject) -> None:
    plain, forked = pair.show("processes")
    assert forked == plain
    folder = str(lab.root / "apps/lab")
    for method in ("fork", "spawn", "forkserver"):
        (module, cwd, argv, _, daemon, original, *_), *doubled = plain[method]
        assert (module, cwd, daemon, doubled) == ("cases.processes", folder, False, [0, 2, 4, 6, 8])
        assert (argv, original) == ([f"{folder}/app.py"], folder)
    assert plain["pool"] == [1, 2, 3]
    assert [plain["sent"], plain["process"][1], plain["forked"]] == ["hello", 0, 7]
    assert plain["program"][0].startswith(f"['-c', 'argument'] {folder} True ['0', '1', '2']")


def test_event_loops(pair: Pair) -> None:
    plain, forked = pair.show("asynchronous")
    assert forked == plain
    assert plain[:3] == [[1, 2, 4, 8], "42\n", 0]


def test_settings_of_the_app_s_own(pair: Pair) -> None:
    plain, forked = pair.show("settings")
    assert (
        forked
        == plain
        == {
            "options": {
                "server.maxUploadSize": 7,
                "theme.primaryColor": "#123456",
                "logger.level": "warning",
                "client.toolbarMode": "minimal",
            },
            "theme": plain["theme"],
            "secrets": {"own": "of the app", "home": "from home", "nested": "deeper"},
            "promoted": "of the app",
            "variables": ["1", None],
            "zone": ["07:00 -05", 7],
            "pandas": "2026-07-01 07:00:00-05:00",
            "relative": "words of its own\n",
            "beside": "words of its own\n",
        }
    )


def test_libraries_and_output(pair: Pair, lab: SampleProject) -> None:
    plain, forked = pair.show("libraries")
    assert forked == plain
    assert plain["rows"] == [[2]]
    for how in (PLAIN, FORKED):
        lines = (lab.root / f"logs/lab-{how}.log").read_text().splitlines()
        assert lines[-4:] == ["by print", "to stderr", "by descriptor", "by a shell"]


def test_caches_and_sessions(pair: Pair, lab: SampleProject) -> None:
    plain, forked = pair.each(
        lambda visitor: [visitor.run(query_string="case=caches") for _ in "12"]
    )
    assert forked == plain
    shown = [json.loads(text) for texts in plain for text in texts]
    assert [each["state"] for each in shown] == [{"runs": 1}, {"runs": 2}]
    assert [each["resource"] for each in shown] == [[3], [3, 3]]
    assert [each["calls"] for each in shown] == [["data", "resource", "kept"]] * 2
    for how in (PLAIN, FORKED):
        assert list((lab.root.parent / f"lab-{how}/.streamlit/cache").glob("*.memo"))


def test_a_fragment_runs_by_itself(pair: Pair) -> None:
    def visit(visitor: StreamlitClient) -> list[list[str]]:
        whole = visitor.run(query_string="case=fragment")
        return [whole, visitor.run(query_string="case=fragment", fragment_id=visitor.fragment)]

    plain, forked = pair.each(visit)
    assert forked == plain == [["part 1", '"whole 1"'], ["part 2"]]


def test_pages_that_are_functions(pair: Pair) -> None:
    def visit(visitor: StreamlitClient) -> list[list[str]]:
        first = visitor.run(query_string="case=navigation")
        second = visitor.pages["second"]
        return [first, visitor.run(query_string="case=navigation", page_script_hash=second)]

    plain, forked = pair.each(visit)
    assert forked == plain == [["the first", '"first"'], ["the second", '"second"']]


def test_pages_that_are_files(pages: Pair) -> None:
    def visit(visitor: StreamlitClient) -> list[Any]:
        visitor.run()
        found = visitor.pages
        return [found, *(visitor.run(page_script_hash=found[name]) for name in ("First", "Second"))]

    plain, forked = pages.each(visit)
    assert forked == plain
    assert plain[1:] == [["first, 7.5"], ["second, 2_Second.py, pages, __main__"]]


def test_components(pages: Pair) -> None:
    plain, forked = pages.each(lambda visitor: [str(each) for each in visitor.elements()])
    assert forked == plain
    names = re.findall(r'component_name: "([^"]+)"', "".join(plain))
    assert names == ["app.own", "labold.old", "labnew.new", "inline"]
    assert pages.ask("component/app.own/index.html") == ("<p>own</p>\n",) * 2
    assert pages.ask("component/labold.old/index.html") == ("<p>old</p>\n",) * 2
    script = "export default function() {}\n"
    assert pages.ask("_stcore/bidi-components/labnew.new/main.js") == (script,) * 2


def test_heavy_work_after_the_fork(pair: Pair) -> None:
    plain, forked = pair.show("numbers")
    slow, fast = forked.pop("seconds"), plain.pop("seconds")
    assert forked == plain
    assert plain["product"] == [3600, 3600]
    assert slow < 2 * fast + 0.02


def test_chances_differ_and_handlers_run_at_the_end(pair: Pair, lab: SampleProject) -> None:
    first = pair.show("chances")
    assert pair.show("ends") == ("registered", "registered")
    for how in (PLAIN, FORKED):
        lab.run("restart", f"lab-{how}")
    assert lab.instance("lab-forked")["forked"]
    seen = [*first, *pair.show("chances")]
    for what in first[0]:
        assert len({each[what] for each in seen}) == 4, f"{what}: {seen}"
    logs = [lab.root / f"logs/lab-{how}.log" for how in (PLAIN, FORKED)]
    until(lambda: all("at exit\n" in log.read_text() for log in logs), "the end of the old ones")


@pytest.mark.parametrize(
    ("case", "said"), [("crash", "exited with code 3"), ("kill", "was ended by SIGKILL")]
)
def test_how_it_ended_is_known(pair: Pair, lab: SampleProject, case: str, said: str) -> None:
    for how in (PLAIN, FORKED):
        pid = lab.instance(f"lab-{how}")["pid"]
        with pair.visit(how) as visitor, pytest.raises(ConnectionClosed):
            visitor.run(query_string=f"case={case}")
        again = wait_running(lab, f"lab-{how}", other_than=pid)
        assert again["forked"] == (how == FORKED)
        assert f"pid {pid} {said}" in (lab.root / "logs/controller.log").read_text()


def test_a_package_that_is_added_is_there_after_a_restart(
    pages: Pair, lab: SampleProject, packages: Path
) -> None:
    environment.add_component(packages, "labadded", "part")
    for how in (PLAIN, FORKED):
        lab.run("restart", f"pages-{how}")
    assert lab.instance("pages-forked")["forked"]
    plain, forked = pages.each(lambda visitor: visitor.run())
    assert forked == plain
    assert plain[-1] == "added"


def test_apps_live_on_without_their_zygote(pair: Pair, lab: SampleProject) -> None:
    before = lab.instance("lab-forked")
    zygotes = [each for each in lab.processes() if "zygote.py" in " ".join(each.cmdline())]
    assert zygotes
    for zygote in zygotes:
        zygote.kill()
    assert pair.show("nothing") == ("nothing", "nothing")
    assert lab.instance("lab-forked")["pid"] == before["pid"]
    lab.run("restart", "lab-forked")
    after = lab.instance("lab-forked")
    assert after["forked"]
    assert after["pid"] != before["pid"]
    assert pair.show("nothing") == ("nothing", "nothing")


def test_nothing_is_left_after_stop(lab: SampleProject) -> None:
    lab.run("stop")
    assert lab.processes() == []
