"""The controller's chart: one pod on one volume, and what it is told."""

import json

from streamlit_controls.core import parse
from tests.deploy.manifest import of_kind, one, pod
from tests.deploy.rendering import Document, rendered
from tests.deploy.variants import CONTROLLER
from tests.journeys.project import CODE

CHART = "streamlit-controller"


def settings(values: Document) -> Document:
    found: Document = json.loads(one(rendered(CHART, values), "ConfigMap")["data"]["config.json"])
    return found


def test_it_is_one_pod_with_a_volume_for_the_project() -> None:
    controller = one(rendered(CHART, {}), "StatefulSet")
    assert controller["spec"]["replicas"] == 1
    (claim,) = controller["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    (container,) = pod(controller)["containers"]
    mounts = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    dockerfile = (CODE / "Dockerfile").read_text()
    assert mounts["/srv/project"] == claim["metadata"]["name"]
    assert 'VOLUME ["/srv/project"]' in dockerfile
    assert f"EXPOSE {container['ports'][0]['containerPort']}" in dockerfile
    assert f"USER {pod(controller)['securityContext']['runAsUser']}:" in dockerfile
    assert pod(controller)["terminationGracePeriodSeconds"] >= 60


def test_its_settings_are_those_of_a_configuration() -> None:
    for values in CONTROLLER.values():
        said = {key: value for key, value in settings(values).items() if value is not None}
        parse.parse(parse.read_document(json.dumps(said)), {}, CODE)


def test_it_answers_to_the_name_of_its_ingress() -> None:
    assert settings({})["allowed_hosts"] == ["apps.example.com"]
    assert "allowed_hosts" not in settings({"ingress": {"enabled": False}})
    assert settings(CONTROLLER["own hosts"])["allowed_hosts"] == ["*.example.com"]
    assert settings(CONTROLLER["own hosts"])["domain"] is None, "null removes it from config.json"
    assert settings({})["host"] == "0.0.0.0"


def test_changed_settings_are_a_new_pod() -> None:
    def marked(values: Document) -> str:
        template = one(rendered(CHART, values), "StatefulSet")["spec"]["template"]
        found: str = template["metadata"]["annotations"]["checksum/settings"]
        return found

    assert marked({"config": {"zygote_timeout": "1h"}}) != marked({})
    assert marked({"ingress": {"className": "traefik"}}) == marked({})


def test_websockets_and_uploads_pass_the_ingress() -> None:
    (ingress,) = of_kind(rendered(CHART, {}), "Ingress")
    said = ingress["metadata"]["annotations"]
    nginx = "nginx.ingress.kubernetes.io"
    assert int(said[f"{nginx}/proxy-read-timeout"]) >= 3600
    assert said[f"{nginx}/proxy-body-size"] == "0"
    assert said[f"{nginx}/proxy-buffering"] == "off"
