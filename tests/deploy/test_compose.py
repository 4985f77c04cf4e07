"""The Compose files: narrow, bounded, healthy before others depend on them, no secret in them."""

import importlib.util
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.dockerfile import read
from tests.deploy.manifest import VERSION
from tests.journeys.project import CODE

FOLDER = CODE / "deploy/compose"
FILES = sorted(FOLDER.glob("*.yaml"))
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_URI", re.IGNORECASE)
Document = dict[str, Any]

each_file = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def services(document: Document) -> dict[str, Document]:
    found: dict[str, Document] = document["services"]
    return found


def load(file: Path) -> Document:
    found: Document = yaml.safe_load(file.read_text())
    return found


def complaints(document: Document) -> list[str]:
    """Return what is not in order, one sentence each."""
    found = []
    for name, each in services(document).items():
        found += [f"{name}: {text}" for text in _service(each, document)]
    return found


def _service(each: Document, document: Document) -> list[str]:
    found = []
    if not VERSION.match(each["image"]):
        found.append("its image has no exact version")
    if each.get("read_only") is not True:
        found.append("its own files can be written")
    if each.get("cap_drop") != ["ALL"] or each.get("privileged"):
        found.append("it has capabilities")
    if "no-new-privileges:true" not in each.get("security_opt", []):
        found.append("it may gain privileges")
    if {"cpus", "memory", "pids"} - set(each.get("deploy", {}).get("resources", {})["limits"]):
        found.append("it has no limits")
    if "stop_grace_period" not in each or "restart" not in each:
        found.append("it does not end in order, or does not come back")
    if any(not str(port).startswith("127.0.0.1:") for port in each.get("ports", [])):
        found.append("it is open to the network")
    if not health_of(each):
        found.append("nobody knows whether it is healthy")
    for other, how in each.get("depends_on", {}).items():
        if how != {"condition": "service_healthy"} or other not in services(document):
            found.append(f"it does not wait for {other}")
    for variable, value in each.get("environment", {}).items():
        if SECRET.search(variable) and not variable.endswith("_FILE"):
            found.append(f"{variable} is written out")
        if variable.endswith("_FILE") and value not in targets(each):
            found.append(f"{variable} names no secret")
    for mount in each.get("volumes", []):
        source = mount.split(":")[0]
        if source.startswith("."):
            if not (FOLDER / source).exists() or not mount.endswith(":ro"):
                found.append(f"{source} is not there, or can be written")
        elif source not in document["volumes"]:
            found.append(f"{source} is no volume")
    return found


def health_of(each: Document) -> Any:
    """Return a service's health check, or that of its image."""
    if "healthcheck" in each or "build" not in each:
        return each.get("healthcheck")
    return read((FOLDER / each["build"]).resolve() / "Dockerfile")[-1].last("HEALTHCHECK")


def targets(each: Document) -> list[str]:
    found = []
    for secret in each.get("secrets", []):
        named = secret if isinstance(secret, dict) else {"source": secret}
        found.append(named.get("target", f"/run/secrets/{named['source']}"))
    return found


@each_file
def test_each_service_is_narrow_bounded_and_healthy(file: Path) -> None:
    assert complaints(load(file)) == []


@each_file
def test_ports_are_those_of_the_images(file: Path) -> None:
    for each in services(load(file)).values():
        if "build" in each and "ports" in each:
            exposed = read((FOLDER / each["build"]).resolve() / "Dockerfile")[-1].last("EXPOSE")
            assert exposed is not None
            assert [str(port).rsplit(":", 1)[1] for port in each["ports"]] == [exposed.rest]


def compose() -> list[str]:
    """Return the command that is Docker Compose here; nothing where there is none."""
    brought = importlib.util.find_spec("compose")
    for folder in brought.submodule_search_locations or [] if brought else []:
        if (Path(folder) / "docker-compose").exists():
            return [str(Path(folder) / "docker-compose")]
    found = shutil.which("docker-compose")
    command = [found] if found else ["docker", "compose"]
    try:
        asked = subprocess.run([*command, "version"], capture_output=True, timeout=60, check=False)
    except FileNotFoundError:
        return []
    return [] if asked.returncode else command


@each_file
def test_compose_itself_takes_it(file: Path, tmp_path: Path) -> None:
    command = compose()
    if not command:
        pytest.skip("there is no Docker Compose")
    place = tmp_path / "deploy/compose"
    shutil.copytree(FOLDER, place, ignore=shutil.ignore_patterns("secrets"))
    subprocess.run([place / "make-secrets"], check=True, capture_output=True, timeout=60)
    done = subprocess.run(
        [*command, "--file", str(place / file.name), "config", "--quiet"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    assert (done.stderr, done.returncode) == ("", 0)


@each_file
def test_it_says_itself_how_it_is_started(file: Path) -> None:
    command = f"docker compose -f deploy/compose/{file.name} up --detach"
    assert command in file.read_text()
    assert command in (CODE / "docs/containers.md").read_text()


def test_the_database_and_the_accounts_are_reached_by_nobody_else() -> None:
    document = load(FOLDER / "video-library.yaml")
    networks = {name: set(each["networks"]) for name, each in services(document).items()}
    reach = {
        name: {other for other in networks if other != name and networks[other] & networks[name]}
        for name in networks
    }
    assert reach["mongodb"] == {"web-api", "auth"}
    assert reach["auth"] == {"web-api", "mongodb"}
    assert [name for name, each in services(document).items() if "ports" in each] == ["proxy"]
    for name in networks["auth"] | networks["mongodb"]:
        assert document["networks"][name] == {"internal": True}


def test_mongodb_asks_for_a_password_and_keeps_what_it_has() -> None:
    mongodb = services(load(FOLDER / "video-library.yaml"))["mongodb"]
    assert "--auth" in mongodb["command"]
    assert "videos:/data/db" in mongodb["volumes"]
    script = (CODE / "deploy/helm/video-library/files/create-users.js").read_text()
    for user in ("video_api", "video_auth"):
        assert f"/run/secrets/mongodb/{user}" in targets(mongodb)
        assert f'"{user}"' in script


def test_secrets_are_made_once_and_stay_out_of_the_repository(tmp_path: Path) -> None:
    script = tmp_path / "make-secrets"
    shutil.copy(FOLDER / "make-secrets", script)

    def made() -> dict[str, str]:
        subprocess.run([script], check=True, capture_output=True, timeout=60, cwd="/")
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    first = made()
    document = load(FOLDER / "video-library.yaml")
    assert {f"./secrets/{name}" for name in first} == {
        each["file"] for each in document["secrets"].values()
    }
    passwords = {first[f"{who}-password"] for who in ("root", "api", "auth")}
    assert len(passwords) == 3
    assert all(re.fullmatch("[0-9a-f]{48}", each) for each in passwords)
    assert first["api-uri"] == (
        f"mongodb://video_api:{first['api-password']}@mongodb:27017/video_library"
    )
    assert made() == first
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    for name in first:
        assert stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) == 0o444
    assert "/secrets/" in (FOLDER / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize(
    ("service", "change", "said"),
    [
        ("web-api", {"read_only": False}, "can be written"),
        ("web-api", {"cap_drop": []}, "has capabilities"),
        ("web-api", {"privileged": True}, "has capabilities"),
        ("web-api", {"security_opt": []}, "gain privileges"),
        ("web-api", {"image": "web-api"}, "no exact version"),
        ("web-api", {"image": "web-api:latest"}, "no exact version"),
        ("web-api", {"deploy": {"resources": {"limits": {"cpus": "1"}}}}, "no limits"),
        ("web-api", {"ports": ["8000:8000"]}, "open to the network"),
        ("web-api", {"depends_on": {"auth": {"condition": "service_started"}}}, "wait for auth"),
        ("mongodb", {"healthcheck": None}, "healthy"),
        ("mongodb", {"environment": {"MONGO_INITDB_ROOT_PASSWORD": "x"}}, "is written out"),
        ("mongodb", {"volumes": ["data:/data/db"]}, "data is no volume"),
        ("auth", {"environment": {"MONGODB_URI_FILE": "/run/secrets/x"}}, "names no secret"),
        ("proxy", {"volumes": ["./Caddyfile:/etc/caddy/Caddyfile"]}, "can be written"),
    ],
)
def test_what_is_broken_is_found(service: str, change: Document, said: str) -> None:
    document = load(FOLDER / "video-library.yaml")
    services(document)[service].update(change)
    assert [text for text in complaints(document) if text.startswith(service) and said in text]
