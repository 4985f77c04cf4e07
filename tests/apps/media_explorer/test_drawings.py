"""The script that drew the sample drawings draws the same ones again."""

import importlib.util
from types import ModuleType

import pytest

from tests.apps.media_explorer.conftest import APP

SIZE = (64, 48)


@pytest.fixture(scope="module")
def draw() -> ModuleType:
    spec = importlib.util.spec_from_file_location("media_draw", APP / "media" / "draw.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_drawing_has_its_file(draw: ModuleType) -> None:
    files = {file.stem for file in (APP / "media" / "drawings").iterdir()}
    assert files == set(draw.DRAWINGS)


@pytest.mark.parametrize("name", ["attractor", "marble", "mountains at dusk", "waves"])
def test_a_drawing_is_always_the_same(draw: ModuleType, name: str) -> None:
    first, second = draw.draw(name, SIZE), draw.draw(name, SIZE)
    assert first.size == SIZE
    assert first.tobytes() == second.tobytes()
    assert len(set(first.tobytes())) > 20
