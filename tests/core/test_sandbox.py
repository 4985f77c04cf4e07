"""From a launch to one in a sandbox: one call, one expected value."""

from dataclasses import replace
from pathlib import Path

import pytest

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.launch import Launch
from streamlit_controls.core.sandbox import View, explained, probe, wrapped

HOW = Launch(
    ("/p/.state/envs/x/bin/python", "page.py"),
    {"I": "1", "HOME": "/p/.state/homes/a"},
    Path("/p/apps/a"),
)
ENTRANCE = ("/python", "-I", "unblocked.py")
VIEW = View(
    hidden=(Path("/home"), Path("/p"), Path("/p/.state"), Path("/run")),
    temporary=(Path("/tmp"), Path("/var/tmp")),
    readable=(
        Path("/p/.state/envs/x"),
        Path("/p/apps/a"),
        Path("/usr"),
        Path("/run/dns/resolv.conf"),
    ),
    writable=(Path("/p/.state/homes/a"), Path("/p/apps/a/data"), Path("/srv/b/data")),
    links={
        Path("/home/me/python"): "python-3.11",
        Path("/etc/resolv.conf"): "/run/dns/resolv.conf",
        Path("/p/.state/envs/x/bin/python"): "/usr/bin/python3",
    },
)


def made(view: View = VIEW, how: Launch = HOW) -> Launch:
    return wrapped(how, Path("/usr/bin/bwrap"), view, ENTRANCE)


def test_what_is_shown_and_in_which_order() -> None:
    assert " ".join(made().argv) == (
        "/usr/bin/bwrap --ro-bind / / --dev /dev --proc /proc"
        " --unshare-user-try --unshare-pid --unshare-ipc --unshare-uts --cap-drop ALL"
        " --ro-bind-try /proc/bus /proc/bus --ro-bind-try /proc/fs /proc/fs"
        " --ro-bind-try /proc/irq /proc/irq --ro-bind-try /proc/sys /proc/sys"
        " --ro-bind-try /proc/sysrq-trigger /proc/sysrq-trigger"
        " --tmpfs /home --tmpfs /p --tmpfs /run --tmpfs /tmp"
        " --tmpfs /p/.state --tmpfs /var/tmp"
        " --symlink python-3.11 /home/me/python"
        " --ro-bind /p/apps/a /p/apps/a"
        " --ro-bind /run/dns/resolv.conf /run/dns/resolv.conf"
        " --bind /srv/b/data /srv/b/data"
        " --ro-bind /p/.state/envs/x /p/.state/envs/x"
        " --bind /p/.state/homes/a /p/.state/homes/a"
        " --bind /p/apps/a/data /p/apps/a/data"
        " --remount-ro /home --remount-ro /p --remount-ro /p/.state --remount-ro /run"
        " --chdir /p/apps/a"
        " -- /python -I unblocked.py /p/.state/envs/x/bin/python page.py"
    )
    assert made().cwd == HOW.cwd


def test_what_is_compiled_goes_to_its_home() -> None:
    compiled = {"PYTHONPYCACHEPREFIX": "/p/.state/homes/a/.cache/pycache"}
    assert list(made().env.items()) == list({**HOW.env, **compiled}.items()), "in this order"
    own = {**HOW.env, "PYTHONPYCACHEPREFIX": "/p/apps/a/data"}
    assert made(how=replace(HOW, env=own)).env == own


@pytest.mark.parametrize(
    ("folder", "stays"), [("/tmp/x", True), ("/p/apps/a/data", True), ("/scratch", False)]
)
def test_temporary_files_have_a_folder(folder: str, stays: bool) -> None:
    env = made(how=replace(HOW, env={**HOW.env, "TMPDIR": folder})).env
    assert env.get("TMPDIR") == (folder if stays else None)


@pytest.mark.parametrize("path", ["/home", "/p", "/p/.state"])
@pytest.mark.parametrize("which", ["readable", "writable"])
def test_what_is_hidden_is_never_shown_as_a_whole(path: str, which: str) -> None:
    more = (Path(path), *getattr(VIEW, which))
    with pytest.raises(LaunchError, match=f"show all that is in {path}$"):
        made(replace(VIEW, readable=more) if which == "readable" else replace(VIEW, writable=more))


def test_the_probe_is_a_sandbox_like_any() -> None:
    argv = probe(Path("/usr/bin/bwrap"))
    assert set(argv[:15]) <= set(made().argv)


@pytest.mark.parametrize(
    ("kernel", "root", "said", "message", "hint"),
    [
        (
            {"user.max_user_namespaces": "0"},
            False,
            "bwrap: Creating new namespace failed: No space left on device",
            "the kernel allows no user namespaces",
            "sysctl user.max_user_namespaces=15000",
        ),
        (
            {"user.max_user_namespaces": "100", "kernel.unprivileged_userns_clone": "0"},
            False,
            "bwrap: No permissions to create new namespace",
            "the kernel keeps user namespaces from ordinary accounts",
            "sysctl kernel.unprivileged_userns_clone=1",
        ),
        (
            {"kernel.apparmor_restrict_unprivileged_userns": "1"},
            False,
            "bwrap: setting up uid map: Permission denied\n",
            "AppArmor keeps user namespaces from bubblewrap: setting up uid map: Permission denied",
            "apt install bubblewrap, and allow it as docs/isolation.md says",
        ),
        (
            {"user.max_user_namespaces": "0"},
            True,
            "bwrap: Can't mount proc: Operation not permitted",
            "bubblewrap is not allowed to make one: Can't mount proc: Operation not permitted",
            "in a container, allow it as docs/isolation.md says",
        ),
        (
            {},
            False,
            "warning\nbwrap: Unknown option --proc\n",
            "bubblewrap cannot make one: Unknown option --proc",
            "see docs/isolation.md",
        ),
        ({}, False, "", "bubblewrap cannot make one: it ended", "see docs/isolation.md"),
    ],
)
def test_why_there_can_be_none(
    kernel: dict[str, str], root: bool, said: str, message: str, hint: str
) -> None:
    assert explained(said, kernel, root=root) == (message, hint)
