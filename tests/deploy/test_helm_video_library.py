"""The video library's chart: who reaches whom, who knows which password, what is kept."""

import asyncio
import base64
from typing import Any

import pytest
import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tests.deploy import manifest
from tests.deploy.manifest import chosen, labels, of_kind, one, pod, ports
from tests.deploy.rendering import CHARTS, Document, rendered
from tests.deploy.variants import VIDEO_LIBRARY

CHART = "video-library"


@pytest.fixture
def release() -> list[Document]:
    return rendered(CHART, {})


def variable(workload: Document, name: str) -> Any:
    (container,) = pod(workload)["containers"]
    (found,) = [each for each in container["env"] if each["name"] == name]
    return found.get("value", found.get("valueFrom"))


def test_its_parts_and_how_many_of_each(release: list[Document]) -> None:
    workloads = of_kind(release, *manifest.WORKLOADS)
    parts = {labels(each)["app.kubernetes.io/component"]: each for each in workloads}
    counts = {name: each["spec"]["replicas"] for name, each in parts.items()}
    assert counts == {"page": 2, "web-api": 3, "auth": 1, "mongodb": 1}
    production = rendered(CHART, VIDEO_LIBRARY["production"])
    assert one(production, "Deployment", "-auth")["spec"]["replicas"] == 2
    assert pod(parts["page"])["topologySpreadConstraints"][0]["maxSkew"] == 1


def test_mongodb_has_a_volume_and_a_password(release: list[Document]) -> None:
    mongodb = one(release, "StatefulSet", "-mongodb")
    (claim,) = mongodb["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "20Gi"
    (container,) = pod(mongodb)["containers"]
    mounts = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    assert mounts["/data/db"] == claim["metadata"]["name"]
    assert "--auth" in container["args"]
    assert variable(mongodb, "MONGO_INITDB_ROOT_PASSWORD_FILE") == "/run/secrets/mongodb/root"
    (passwords,) = [each for each in pod(mongodb)["volumes"] if each["name"] == "passwords"]
    secret = one(release, "Secret")
    assert passwords["secret"]["secretName"] == secret["metadata"]["name"]
    assert {each["key"] for each in passwords["secret"]["items"]} <= set(secret["data"])


def test_each_service_has_an_account_of_its_own(release: list[Document]) -> None:
    secret = {
        key: base64.b64decode(value).decode()
        for key, value in one(release, "Secret")["data"].items()
    }
    host = one(release, "Service", "-mongodb")["metadata"]["name"]
    passwords = {secret[f"{who}-password"] for who in ("root", "api", "auth")}
    assert len(passwords) == 3
    assert all(len(each) == 40 for each in passwords)
    for who, database in (("api", "video_library"), ("auth", "video_auth")):
        password = secret[f"{who}-password"]
        assert secret[f"{who}-uri"] == f"mongodb://video_{who}:{password}@{host}:27017/{database}"
    for part, key in (("web-api", "api-uri"), ("auth", "auth-uri")):
        asked = variable(one(release, "Deployment", f"-{part}"), "MONGODB_URI")
        name = one(release, "Secret")["metadata"]["name"]
        assert asked == {"secretKeyRef": {"name": name, "key": key}}
    script = (CHARTS / CHART / "files/create-users.js").read_text()
    assert '["video_api", "video_library"], ["video_auth", "video_auth"]' in script
    assert one(release, "ConfigMap")["data"]["create-users.js"].strip() == script.strip()


@pytest.mark.parametrize("name", ["existing secret", "own mongodb", "production"])
def test_a_secret_of_yours_is_used_and_none_is_made(name: str) -> None:
    documents = rendered(CHART, VIDEO_LIBRARY[name])
    wanted = VIDEO_LIBRARY[name]["mongodb"]["existingSecret"]
    assert not of_kind(documents, "Secret")
    for part in ("web-api", "auth"):
        asked = variable(one(documents, "Deployment", f"-{part}"), "MONGODB_URI")
        assert asked["secretKeyRef"]["name"] == wanted
    assert bool(of_kind(documents, "StatefulSet")) == (name != "own mongodb")


def test_each_part_is_reached_by_those_who_need_it_alone(release: list[Document]) -> None:
    reached = {}
    for policy in of_kind(release, "NetworkPolicy"):
        (about,) = chosen(policy["spec"]["podSelector"]["matchLabels"], release)
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
        (rule,) = policy["spec"]["ingress"]
        reached[labels(about)["app.kubernetes.io/component"]] = {
            who for each in rule["from"] for who in who_is(each, release)
        }
    assert reached == {
        "page": {"outside"},
        "web-api": {"outside", "page"},
        "auth": {"web-api"},
        "mongodb": {"web-api", "auth"},
    }


def who_is(peer: Document, release: list[Document]) -> list[str]:
    if "podSelector" not in peer:
        return ["outside"]
    found = chosen(peer["podSelector"]["matchLabels"], release)
    return [labels(each)["app.kubernetes.io/component"] for each in found]


def test_calls_between_parts_go_to_services_that_are_there(release: list[Document]) -> None:
    for part, name, leads_to in (("web-api", "AUTH_URL", "-auth"), ("page", "API_URL", "-web-api")):
        service = one(release, "Service", leads_to)
        port = service["spec"]["ports"][0]["port"]
        assert port in ports(one(release, "Deployment", leads_to)).values()
        called = f"http://{service['metadata']['name']}:{port}"
        assert variable(one(release, "Deployment", f"-{part}"), name) == called


def test_page_and_api_are_one_origin(release: list[Document]) -> None:
    paths = {
        (rule["host"], path["path"]): path["backend"]["service"]["name"].removeprefix("demo-")
        for ingress in of_kind(release, "Ingress")
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    host = "videos.example.com"
    assert paths == {(host, "/"): "video-library-page", (host, "/api"): "video-library-web-api"}
    deployed = one(release, "Deployment", "-web-api")
    assert (variable(deployed, "ROOT_PATH"), variable(deployed, "COOKIE_PATH")) == ("/api", "/")
    assert variable(one(release, "Deployment", "-page"), "API_PATH") == "/api"
    nginx = "nginx.ingress.kubernetes.io"
    page, api = (
        one(release, "Ingress", ending)["metadata"]["annotations"] for ending in ("-page", "-api")
    )
    assert page[f"{nginx}/affinity"] == "cookie"
    assert f"{nginx}/affinity" not in api
    assert page[f"{nginx}/proxy-body-size"] == api[f"{nginx}/proxy-body-size"] == "0"


@pytest.mark.parametrize(("name", "expected"), [("tls", "videos-tls"), ("no ingress", None)])
def test_ingresses_with_a_certificate_and_none_at_all(name: str, expected: str | None) -> None:
    ingresses = of_kind(rendered(CHART, VIDEO_LIBRARY[name]), "Ingress")
    found = [ingress["spec"]["tls"][0]["secretName"] for ingress in ingresses]
    assert found == ([expected, expected] if expected else [])


@pytest.mark.parametrize(
    ("told", "visitor"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9, 10.0.0.5", "203.0.113.9"),
    ],
)
@pytest.mark.parametrize("part", ["-web-api", "-auth"])
def test_the_visitor_is_whom_the_ingress_names_whatever_he_says_himself(
    part: str, told: str, visitor: str, release: list[Document]
) -> None:
    seen = []

    async def app(scope: Any, *_: Any) -> None:
        seen.append(scope["client"][0])

    believed = variable(one(release, "Deployment", part), "FORWARDED_ALLOW_IPS")
    scope = {
        "type": "http",
        "client": ("10.42.0.7", 1),
        "headers": [(b"x-forwarded-for", told.encode())],
    }
    served: Any = ProxyHeadersMiddleware(app, trusted_hosts=believed)
    asyncio.run(served(scope, None, None))
    assert seen == [visitor]


def test_a_pod_that_is_replaced_finishes_its_uploads(release: list[Document]) -> None:
    api = one(release, "Deployment", "-web-api")
    rolling = api["spec"]["strategy"]["rollingUpdate"]
    assert rolling == {"maxSurge": 1, "maxUnavailable": 0}
    (container,) = pod(api)["containers"]
    notice = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    drain = int(variable(api, "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN"))
    assert drain >= 1700
    assert notice + drain < pod(api)["terminationGracePeriodSeconds"]


def test_the_time_for_uploads_is_told_to_uvicorn_as_it_reads_it(
    release: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = variable(one(release, "Deployment", "-web-api"), "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN")
    monkeypatch.setenv("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", told)
    read = uvicorn.main.make_context("uvicorn", ["video_api.main:app"])
    assert read.params["timeout_graceful_shutdown"] == int(told)


def test_a_pod_without_its_database_is_not_asked_and_not_restarted(
    release: list[Document],
) -> None:
    for part in ("-web-api", "-auth"):
        (container,) = pod(one(release, "Deployment", part))["containers"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/"
        assert container["readinessProbe"]["httpGet"]["path"] == "/health"
