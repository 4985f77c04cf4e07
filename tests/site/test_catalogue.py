"""The catalogue without a browser."""

import re

import pytest
from flask.testing import FlaskClient

from streamlit_site import create_app
from streamlit_site.states import STATES
from tests.site.statuses import Fixed, app_status, document

APPS = {
    "sales": app_status(
        name="Sales by région", path="/sales/", description="Weekly revenue", tags=["finance"]
    ),
    "stock": app_status(name="Stock", path="/stock/", description="Warehouses", tags=["logistics"]),
    "rota": app_status(name="Rota", path="/people/rota/", tags=["people", "finance"]),
}


@pytest.fixture
def source() -> Fixed:
    return Fixed(document(**APPS))


def shown(client: FlaskClient, query: str = "") -> list[str]:
    """Return the keys of the cards that a browser shows."""
    cards = re.findall(r'<li class="card" (.*?)>\n', client.get(f"/{query}").text)
    return [
        match[1]
        for card in cards
        if not card.endswith("hidden") and (match := re.search(r'data-key="([^"]+)"', card))
    ]


def test_all_apps_are_there_in_the_order_of_the_configuration(client: FlaskClient) -> None:
    assert shown(client) == ["sales", "stock", "rota"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=sales", ["sales"]),
        ("?q=SALES", ["sales"]),
        ("?q=region", ["sales"]),
        ("?q=R%C3%89GION", ["sales"]),
        ("?q=weekly+sales", ["sales"]),
        ("?q=warehouses", ["stock"]),
        ("?q=logist", ["stock"]),
        ("?q=finance", ["sales", "rota"]),
        ("?tag=finance", ["sales", "rota"]),
        ("?tag=finance&q=rota", ["rota"]),
        ("?tag=nothing", []),
        ("?q=zzz", []),
        ("?q=", ["sales", "stock", "rota"]),
        ("?q=%00%ff", []),
    ],
)
def test_search_and_tags(client: FlaskClient, query: str, expected: list[str]) -> None:
    assert shown(client, query) == expected


def test_search_keeps_the_tag_and_tags_keep_the_search(client: FlaskClient) -> None:
    page = client.get("/?q=rota&tag=finance").text
    assert '<input type="hidden" name="tag" value="finance">' in page
    assert 'value="rota"' in page
    assert 'href="/?q=rota&amp;tag=people"' in page


def test_nothing_found_offers_a_way_back(client: FlaskClient) -> None:
    assert '<p class="none">' in client.get("/?q=zzz").text
    assert '<p class="none" hidden>' in client.get("/").text


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_a_word(client: FlaskClient, source: Fixed, state: str) -> None:
    source.snapshot = document(demo=app_status(state=state))
    assert f'<span class="state__word">{STATES[state].label}</span>' in client.get("/").text


def test_a_state_of_a_newer_manager_breaks_nothing(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = document(demo=app_status(state="levitating"))
    assert "Unknown" in client.get("/").text


def test_an_app_that_runs_with_an_error_shows_it(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = document(demo=app_status(error="KeyError: 'x' (app.py, line 2)"))
    assert "KeyError (app.py, line 2)" in client.get("/").text


def test_no_apps_says_how_to_add_one(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = document()
    page = client.get("/").text
    assert "./streamlit_controller new my-app" in page
    assert "./streamlit_controller refresh" in page


def test_without_a_manager_the_page_waits(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = None
    answer = client.get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert "The controller is starting" in answer.text
    assert '<meta http-equiv="refresh" content="2">' in answer.text


def test_a_minimal_status_is_enough(source: Fixed, client: FlaskClient) -> None:
    source.snapshot = {"apps": {"Bare_1": {}}}
    assert 'href="/Bare_1/"' in client.get("/").text
    assert client.get("/Bare_1/").status_code == 503


def test_five_hundred_apps(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = document(
        **{f"app-{n}": app_status(name=f"App {n}", path=f"/app-{n}/") for n in range(500)}
    )
    assert len(shown(client)) == 500
    assert len(client.get("/").data) < 800_000


def test_head(client: FlaskClient) -> None:
    answer = client.head("/")
    assert answer.status_code == 200
    assert answer.data == b""


def test_the_site_has_a_name(source: Fixed, tmp_path: object) -> None:
    from pathlib import Path

    client = create_app(source, Path(str(tmp_path)), site_name="Lab <1>").test_client()
    assert "<title>Lab &lt;1&gt;</title>" in client.get("/").text
