"""The page, run by Streamlit's own test runner, with a real service behind it."""

import json
from collections.abc import Iterator

import httpx
import pytest
import streamlit as st
from classifier_page.backend import Answer, Away, Backend, Guess, Refused
from classifier_page.chart import chart, spoken
from classifier_page.picture import Picture, samples
from classifier_page.wording import plain
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.apps.image_classifier.conftest import APP, COFFEE, encoded, opened
from tests.support.ports import free_port
from tests.support.servers import silent_listener


@pytest.fixture
def page(service: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv("BACKEND", str(service.base_url))
    st.cache_data.clear()
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=30).run()
    assert not page.exception
    yield page
    assert not page.exception
    st.cache_data.clear()


def headings(page: AppTest) -> list[str]:
    return [each.value for each in page.subheader]


def upload(page: AppTest, *files: tuple[str, bytes]) -> None:
    uploader = page.file_uploader(key="uploads")
    uploader.set_value([(name, content, "image/png") for name, content in files]).run()


def test_a_sample_is_there_at_once(page: AppTest) -> None:
    assert headings(page) == ["Espresso · 95%"]
    assert page.caption[0].value.startswith("coffee\\.png · EfficientNet-Lite0 · ")
    assert page.caption[0].value.endswith(" ms")
    assert len(page.get("image")) == len(page.get("vega_lite_chart")) == 1


def test_samples_are_picked(page: AppTest) -> None:
    page.button_group(key="samples").set_value(list(samples())).run()
    found = [each.partition(" · ")[0] for each in headings(page)]
    assert found == ["Espresso", "Tiger cat", "Missile"]
    page.button_group(key="samples").set_value([]).run()
    assert headings(page) == []


def test_uploads_one_of_them_bad(page: AppTest) -> None:
    upload(
        page,
        ("cup *of* coffee.png", COFFEE),
        ("essay_1.png", b"no picture"),
        ("cut.png", COFFEE[:3000]),
        ("cat.jpg", samples()[":material/pets: Cat"].content),
    )
    assert [each.partition(" · ")[0] for each in headings(page)] == ["Espresso", "Tiger cat"]
    assert page.caption[0].value.startswith("cup \\*of\\* coffee\\.png · ")
    assert page.markdown[1].value == "**essay\\_1\\.png**"
    reasons = [each.value.replace("\\", "") for each in page.error]
    assert "not an image of a known kind: " in reasons[0]
    assert reasons[1] == "The image is damaged: it cannot be decoded."
    assert page.button_group(key="samples").value == [], "they have made room"


def test_too_many_uploads_at_once(page: AppTest) -> None:
    upload(page, *[(f"{each}.png", COFFEE) for each in range(21)])
    assert len(headings(page)) == 20
    assert "first 20" in page.info[0].value


def test_the_service_is_away_and_back(
    service: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_data.clear()
    nobody = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("BACKEND", nobody)
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=30).run()
    assert not page.exception
    assert "The classifier does not answer just now." in page.warning[0].value
    assert nobody in page.warning[0].value.replace("\\", "")
    assert headings(page) == []
    monkeypatch.setenv("BACKEND", str(service.base_url))
    page.run()
    assert not page.warning
    assert headings(page) == ["Espresso · 95%"]
    st.cache_data.clear()


def answering(status: int, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(_client: httpx.Client, method: str, url: str, **_: object) -> httpx.Response:
        return httpx.Response(status, content=content, request=httpx.Request(method, url))

    monkeypatch.setattr(httpx.Client, "request", send)


REASON = b'{"error": {"code": "x", "message": "It is so.", "hint": "Do this."}}'


@pytest.mark.parametrize(
    ("status", "content", "kind", "said"),
    [
        (415, REASON, Refused, "It is so. Do this."),
        (422, b"[]", Refused, "answers 422"),
        (404, b"<html>", Refused, "answers 404"),
        (503, REASON, Away, "It is so. Do this."),
        (502, b"", Away, "answers 502"),
    ],
)
def test_what_the_client_makes_of_answers(
    monkeypatch: pytest.MonkeyPatch, status: int, content: bytes, kind: type, said: str
) -> None:
    answering(status, content, monkeypatch)
    with pytest.raises(kind, match=said):
        Backend("http://backend").classify(b"x")
    assert not Backend("http://backend").is_ready()


def test_the_client_waits_no_longer_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier_page.backend.SECONDS", 0.2)
    with silent_listener() as silent:
        backend = Backend(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Away, match=r"does not answer within 0\.2 seconds"):
            backend.classify(b"x")


def test_where_the_service_is() -> None:
    assert Backend.from_environment({}).url == "http://127.0.0.1:8000"
    assert Backend.from_environment({"BACKEND": ""}).url == "http://127.0.0.1:8000"
    assert Backend.from_environment({"BACKEND": "http://b:1/"}).url == "http://b:1"


def test_two_classes_of_one_name_have_a_bar_each() -> None:
    answer = Answer("model", 1.0, (Guess("crane", 0.5), Guess("crane", 0.25), Guess('"x\\', 0.0)))
    drawn = chart(answer).to_dict()
    track, filled = drawn["layer"]
    assert [each["rank"] for each in next(iter(drawn["datasets"].values()))] == [0, 1, 2]
    words = [each["encoding"]["y"]["axis"]["labelExpr"] for each in (track, filled)]
    assert json.loads(words[0].removesuffix("[datum.value]")) == ["crane", "crane", '"x\\']
    assert json.loads(words[1].removesuffix("[datum.value]")) == ["50.0%", "25.0%", "0.0%"]
    assert filled["encoding"]["x2"] == {"field": "probability"}
    assert spoken(answer) == 'crane 50.0%, crane 25.0%, "x\\ 0.0%'


def preview(content: bytes) -> Image.Image:
    shown = opened(Picture("x", content).preview())
    assert max(shown.size) <= 900
    return shown


def test_a_preview_is_upright_small_and_on_white() -> None:
    noted = Image.Exif()
    noted[0x112] = 6
    assert preview(encoded(opened(), "JPEG", exif=noted.tobytes())).size == (400, 600)
    assert preview(encoded(Image.new("RGB", (3000, 1500)))).size == (900, 450)
    assert preview(encoded(Image.new("RGBA", (9, 9)))).getpixel((4, 4)) == (255, 255, 255)
    deep = Image.new("I;16", (9, 9), 0x8000)
    assert preview(encoded(deep)).getpixel((4, 4)) == pytest.approx((128, 128, 128), abs=2)
    for mode in ("L", "P", "1", "LA"):
        assert preview(encoded(opened(mode=mode))).size == (600, 400)
    assert preview(encoded(opened(mode="CMYK"), "JPEG")).size == (600, 400)


def test_names_are_shown_as_they_are() -> None:
    assert plain("a_b  [c](d)\n# <e>") == "a\\_b \\[c\\]\\(d\\) \\# \\<e\\>"
