"""What a sandbox shows, found out on a real disk."""

import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.launch import Launch
from streamlit_controls.core.unit import EnvironmentSpec, Kind, Unit
from streamlit_controls.manager import homes, sandbox
from streamlit_controls.manager.sandbox import Sandbox, follow
from streamlit_controls.project import CODE_ROOT, Project
from tests.support.asynchronous import bounded

BWRAP = Path("/usr/bin/bwrap")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in an account's home, with an environment made from a Python that lies there."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(sandbox, "bubblewrap", lambda: BWRAP)
    for name in ("real/python-3.11.7/bin", "project/apps/a/api", "project/apps/b"):
        (home / name).mkdir(parents=True)
    base = home / "real/python-3.11.7/bin/python3.11"
    base.touch()
    (home / "real/python-3.11").symlink_to("python-3.11.7")
    environment = home / "project/.state/envs/x"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin/python").symlink_to(home / "real/python-3.11/bin/python3.11")
    (environment / "pyvenv.cfg").write_text(f"home = {home}/real/python-3.11/bin\n")
    homes.make("a", home / "project")
    return Project(home / "project")


def unit(project: Project, **more: object) -> Unit:
    folder = project.apps / "a"
    made = Unit("a", Kind.STREAMLIT, folder, 8501, "a.log", app="a")
    spec = EnvironmentSpec(folder)
    return replace(made, environment=spec, isolation="sandbox", **more)  # type: ignore[arg-type]


def words(each: Unit, project: Project) -> str:
    made = Sandbox(project)
    made._program = BWRAP
    how = Launch(("python", "page.py"), {"HOME": str(project.root)}, each.dir)
    argv = made.wrap(each, how, project.environments / "x/bin/python").argv
    return " ".join(argv).replace(str(project.root.parent), "~")


def test_what_an_app_sees(project: Project) -> None:
    said = words(unit(project), project)
    for shown in (
        "--tmpfs ~ ",
        "--tmpfs ~/project ",
        "--tmpfs ~/project/apps ",
        "--tmpfs ~/project/.state ",
        f"--tmpfs {CODE_ROOT} ",
        "--symlink python-3.11.7 ~/real/python-3.11 ",
        "--ro-bind ~/real/python-3.11.7 ~/real/python-3.11.7 ",
        "--ro-bind ~/project/apps/a ~/project/apps/a ",
        "--ro-bind ~/project/.state/envs/x ~/project/.state/envs/x ",
        f"--ro-bind {CODE_ROOT}/streamlit_controls/runner ",
        "--bind ~/project/.state/homes/a ~/project/.state/homes/a ",
        "--bind ~/project/.state/cache/apps/a ~/project/.state/cache/apps/a ",
        "--remount-ro ~/project ",
        "--chdir ~/project/apps/a -- ~/project/.state/envs/x/bin/python -I -S ",
    ):
        assert shown in said
    assert "apps/b" not in said
    assert said.count(" --bind ") == 2


def test_a_service_sees_its_app_too(project: Project) -> None:
    folder = project.apps / "a"
    spec = EnvironmentSpec(folder / "api", base=folder)
    service = unit(project, kind=Kind.COMMAND, writable=("data",))
    said = words(replace(service, dir=folder / "api", environment=spec), project)
    assert "--ro-bind ~/project/apps/a ~/project/apps/a " in said
    assert "--bind ~/project/apps/a/data ~/project/apps/a/data " in said
    assert "--chdir ~/project/apps/a/api " in said


def test_a_folder_elsewhere(project: Project, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (project.apps / "a/api").rmdir()
    (project.apps / "a").rmdir()
    (project.apps / "a").symlink_to(away)
    said = words(unit(project, writable=("data",)), project)
    assert f"--symlink {away} ~/project/apps/a " in said
    assert f"--bind {away}/data {away}/data " in said


def test_folders_to_write_to_are_made_once(project: Project) -> None:
    said = words(unit(project, writable=("data/sub", "out", "data")), project)
    assert said.count(" --bind ") == 4
    assert (project.apps / "a/out").is_dir()
    assert not (project.apps / "a/data/sub").exists(), "the app's own business"


@pytest.mark.parametrize("name", ["link", "link/sub", "file"])
def test_a_way_out_of_the_folder_is_refused(project: Project, name: str) -> None:
    (project.apps / "a/link").symlink_to(project.state)
    (project.apps / "a/file").touch()
    with pytest.raises(LaunchError, match=r"writable: .* (is not in its folder|cannot be made)"):
        words(unit(project, writable=(name,)), project)
    assert not (project.state / "sub").exists()


@pytest.mark.parametrize("where", [".", "apps", ".state", ".state/run", "..", "logs"])
def test_nobody_s_folder_is_shown_as_the_app_s(project: Project, where: str) -> None:
    folder = (project.root / where).resolve()
    folder.mkdir(exist_ok=True)
    with pytest.raises(LaunchError, match="its sandbox would have to show"):
        words(unit(project, dir=folder), project)


def test_certificates_that_the_machine_names_are_shown(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = project.root.parent / "bundle.pem"
    bundle.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert "--ro-bind ~/bundle.pem ~/bundle.pem " in words(unit(project), project)


@pytest.mark.parametrize("home", ["/", "/usr/games", "/bin"])
def test_the_system_is_nobody_s_home(
    project: Project, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    assert f"--tmpfs {home} " not in words(unit(project), project)


def test_links_that_lead_round_and_round(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("./a")
    with pytest.raises(LaunchError, match="leads nowhere"):
        follow(tmp_path / "a/x", {})


def test_following_notes_each_link(tmp_path: Path) -> None:
    (tmp_path / "real/in").mkdir(parents=True)
    (tmp_path / "one").symlink_to("real")
    (tmp_path / "two").symlink_to(tmp_path / "real/../one")
    links: dict[Path, str] = {}
    assert follow(tmp_path / "two/in", links) == tmp_path / "real/in"
    assert links == {tmp_path / "two": f"{tmp_path}/real/../one", tmp_path / "one": "real"}


@bounded
async def test_without_bubblewrap_nothing_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Path:
        raise LaunchError("the kernel allows no user namespaces", "do this")

    made = Sandbox(project)
    monkeypatch.setattr(sandbox, "bubblewrap", refuse)
    with pytest.raises(LaunchError) as caught:
        await made.prepare()
    assert caught.value.message == "it cannot have a sandbox: the kernel allows no user namespaces"
    assert caught.value.hint == "do this"
    with pytest.raises(AssertionError):
        made.wrap(unit(project), Launch(("x",), {}, project.root), Path(sys.executable))
    monkeypatch.setattr(sandbox, "bubblewrap", lambda: BWRAP)
    await made.prepare()  # it may have been allowed meanwhile
    monkeypatch.setattr(sandbox, "bubblewrap", refuse)
    await made.prepare()  # once is enough


def test_homes_are_private(tmp_path: Path) -> None:
    homes.make("a", tmp_path)
    for name in (".state/homes/a", ".state/cache/apps/a"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700
    (tmp_path / ".state/homes/a").chmod(0o750)
    homes.make("a", tmp_path)
    assert stat.S_IMODE((tmp_path / ".state/homes/a").stat().st_mode) == 0o750, "as people want it"
