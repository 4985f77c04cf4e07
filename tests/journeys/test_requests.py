"""What reaches an app through the one port."""

import http.client
import json
import urllib.request

from tests.journeys.project import SampleProject
from tests.support.streamlit_client import StreamlitClient

MEBIBYTE = 1024 * 1024


def test_a_session_through_the_gateway_runs_and_reruns(site: SampleProject) -> None:
    with StreamlitClient(f"{site.url}app/slider/") as visitor:
        assert visitor.run() == ["The value is 7"]
        assert visitor.run({"Value": 42}) == ["The value is 42"]


def test_sessions_are_counted(site: SampleProject) -> None:
    from tests.support.waiting import until

    with StreamlitClient(f"{site.url}app/slider/") as visitor:
        visitor.run()
        until(lambda: site.instance("slider")["sessions"] == 1, "the session in status")
    until(lambda: site.instance("slider")["sessions"] == 0, "the end of the session in status")


def test_an_app_address_leads_to_its_instance_with_path_and_query(site: SampleProject) -> None:
    instance = site.instance("pages")["id"]
    page = site.get("/app/pages/second%20one?who=a%26b&x=%2F")
    assert page.status == 200
    assert page.url == f"{site.url}app/pages/~{instance}/second%20one?who=a%26b&x=%2F"


def test_a_page_of_an_instance_that_is_gone_leads_to_the_current_one(site: SampleProject) -> None:
    instance = site.instance("pages")["id"]
    page = site.get("/app/pages/~gone22/second?who=me", Accept="text/html")
    assert page.url == f"{site.url}app/pages/~{instance}/second?who=me"
    assert site.get("/app/pages/~gone22/_stcore/health").body == "ok"


def test_a_service_is_mounted_below_its_app(site: SampleProject) -> None:
    answer = json.loads(site.get("/app/service/api/some/where").body)
    assert answer["root_path"] == "/app/service/api"
    assert answer["path"] == "/app/service/api/some/where"
    assert site.get("/app/service/api?x=1").url == f"{site.url}app/service/api/?x=1"


def test_headers_of_a_client_do_not_pass_for_the_gateways(site: SampleProject) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Host": "evil",
        "X-Forwarded-Proto": "https",
    }
    headers = json.loads(site.get("/app/service/api/", **forged).body)["headers"]
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == headers["host"]


def test_an_upload_of_200_megabytes_arrives(site: SampleProject) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    body = (b"x" * MEBIBYTE for _ in range(200))
    connection.request(
        "POST", "/app/service/api/upload", body, {"Content-Length": str(200 * MEBIBYTE)}
    )
    assert json.loads(connection.getresponse().read()) == {"size": 200 * MEBIBYTE}
    connection.close()


def test_an_answer_streams_while_it_is_made(site: SampleProject) -> None:
    # The service sends a line and then nothing, for ever: only an unbuffered gateway passes it on.
    with urllib.request.urlopen(f"{site.url}app/service/api/stream", timeout=20) as answer:
        assert answer.readline() == b"first\n"


def test_small_answers_are_not_held_back(site: SampleProject) -> None:
    """Without TCP_NODELAY on the apps' sockets, each answer takes 40 ms."""
    import time

    instance = site.instance("slider")["id"]
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    began = time.perf_counter()
    for _ in range(50):
        connection.request("GET", f"/app/slider/~{instance}/_stcore/health")
        assert connection.getresponse().read() == b"ok"
    connection.close()
    assert time.perf_counter() - began < 50 * 0.030


def test_nothing_but_the_gateway_listens_beyond_loopback(site: SampleProject) -> None:
    for process in site.processes():
        for connection in process.net_connections("inet"):
            if connection.status == "LISTEN":
                assert connection.laddr.ip in {"127.0.0.1", "::1"}, process.cmdline()
