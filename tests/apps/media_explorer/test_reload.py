"""Reading the configuration anew: all at once, or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from media_config import CONFIG_FILE
from media_server import create_app, load_app
from media_service import MediaService

from tests.apps.media_explorer.asgi import Answer, ask
from tests.apps.media_explorer.subjects import AUTHORISED, TOKEN, code, furnish_all, make_service


def reload(app: FastAPI) -> Answer:
    return ask(app, "/reload", method="POST", headers=AUTHORISED)


def loaded_at(app: FastAPI) -> str:
    return str(json.loads(ask(app, "/health").body)["loaded_at"])


def write(root: Path, text: str) -> None:
    (root / CONFIG_FILE).write_text(text, encoding="utf-8")


GOOD = 'MEDIA_TYPES = ["png"]\n[MEDIA_SOURCES.%s]\nmedia_folder = "pictures"\n'


def test_a_changed_configuration_is_in_force_after_a_reload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish_all(tmp_path)
    monkeypatch.setenv("MEDIA_SERVER_TOKEN", TOKEN)
    write(tmp_path, GOOD % "before")
    app = load_app(tmp_path)
    loaded = loaded_at(app)
    write(tmp_path, GOOD % "after")
    assert ask(app, "/media_list/before").status == 200
    assert [each["name"] for each in json.loads(reload(app).body)["sources"]] == ["after"]
    assert ask(app, "/media_list/before").status == 404
    assert ask(app, "/media_list/after").status == 200
    assert loaded_at(app) > loaded


def test_with_a_configuration_that_cannot_be_used_the_one_before_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish_all(tmp_path)
    monkeypatch.setenv("MEDIA_SERVER_TOKEN", TOKEN)
    write(tmp_path, GOOD % "before")
    app = load_app(tmp_path)
    loaded = loaded_at(app)
    write(tmp_path, 'MEDIA_TYPES = ["exe"]\n[MEDIA_SOURCES.sea]\n')
    answer = reload(app)
    assert (answer.status, code(answer)) == (409, "invalid-configuration")
    assert "exe" in answer.text
    assert "sea" in answer.text
    assert str(tmp_path) not in answer.text
    assert ask(app, "/media_list/before").status == 200
    assert loaded_at(app) == loaded


def test_what_is_being_answered_is_finished_with_the_service_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish_all(tmp_path)
    services = [make_service(tmp_path), make_service(tmp_path)]
    app = create_app(lambda: services.pop(0), lambda: TOKEN)
    old, asked = services[0], []

    def find(service: MediaService, source: str, name: str) -> Any:
        asked.append(service)
        if len(asked) == 1:
            assert reload(app).status == 200
        return whole(service, source, name)

    whole = MediaService.find
    monkeypatch.setattr(MediaService, "find", find)
    assert ask(app, "/media/pictures/one.png").status == 200
    assert ask(app, "/media/pictures/one.png").status == 200
    assert [service is asked[0] for service in asked] == [True, False]
    assert asked[1] is old
