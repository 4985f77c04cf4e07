"""Both charts, with all values they are tried with: as Kubernetes asks, and as we do."""

import functools
import re
from typing import Any

import kubernetes_validate
import pytest
from kubernetes_validate import utils

from tests.deploy import manifest, rendering
from tests.deploy.manifest import complaints
from tests.deploy.rendering import Document, Refused, rendered
from tests.deploy.variants import CHARTS, EVERY, NAMES

OLDEST = "1.27"
"""The oldest Kubernetes of which a chart says that it runs there."""

chart_and_values = pytest.mark.parametrize(("chart", "values"), EVERY, ids=NAMES)


@pytest.fixture(autouse=True)
def schemas_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have kubernetes-validate keep the schemas that it reads anew for each document."""
    monkeypatch.setattr(utils, "schema_contents", SCHEMAS)


SCHEMAS = functools.cache(utils.schema_contents)


def check(document: Document, version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


@chart_and_values
@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
def test_each_document_is_as_kubernetes_has_it(chart: str, values: Document, version: str) -> None:
    for document in rendered(chart, values):
        check(document, version)


def test_what_kubernetes_does_not_know_is_found() -> None:
    service = rendered("video-library", {})[0]
    service["spec"]["replcas"] = 3
    with pytest.raises(kubernetes_validate.ValidationError, match="replcas"):
        check(service, OLDEST)


@chart_and_values
def test_each_document_is_as_we_want_it(chart: str, values: Document) -> None:
    assert complaints(rendered(chart, values)) == []


@pytest.mark.parametrize("chart", CHARTS)
def test_the_engine_finds_nothing_wrong(chart: str) -> None:
    assert rendering.lint(chart) == []


@pytest.mark.parametrize("chart", CHARTS)
def test_the_oldest_kubernetes_is_the_one_tried(chart: str) -> None:
    assert rendering.values_of(chart, "Chart.yaml")["kubeVersion"] == f">={OLDEST}.0-0"


@pytest.mark.parametrize("chart", CHARTS)
def test_two_releases_in_a_namespace_do_not_meet(chart: str) -> None:
    first, second = (rendered(chart, {}, release) for release in ("one", "two"))
    names = [{manifest.called(each) for each in documents} for documents in (first, second)]
    assert not names[0] & names[1]
    for workload in manifest.of_kind(first, *manifest.WORKLOADS):
        assert not manifest.chosen(workload["spec"]["selector"]["matchLabels"], second)


@pytest.mark.parametrize(
    ("chart", "values", "said"),
    [
        ("video-library", {"webapi": {"replicas": 5}}, "'webapi' not allowed"),
        ("video-library", {"webApi": {"replica": 5}}, "'replica' not allowed"),
        ("video-library", {"webApi": {"replicas": "5"}}, "got string, want integer"),
        ("video-library", {"page": {"image": {"tag": "latest"}}}, "/page/image/tag"),
        ("video-library", {"auth": {"env": {"ADMIN_PASSWORD": "x"}}}, "ADMIN_PASSWORD"),
        ("video-library", {"mongodb": {"enabled": False}}, "mongodb.existingSecret"),
        (
            "video-library",
            {"mongodb": {"enabled": False, "existingSecret": "mine"}},
            "networkPolicy.mongodbTo",
        ),
        ("video-library", {"ingress": {"tls": {"enabled": True}}}, "ingress.tls.secretName"),
        ("streamlit-controller", {"replicas": 2}, "'replicas' not allowed"),
        ("streamlit-controller", {"config": {"host": "127.0.0.1"}}, "invalid propertyName 'host'"),
        ("streamlit-controller", {"terminationGracePeriodSeconds": 5}, "want 60"),
        ("streamlit-controller", {"ingress": {"tls": {"enabled": True}}}, "ingress.tls.secretName"),
    ],
)
def test_values_that_make_no_sense_are_refused(chart: str, values: Document, said: str) -> None:
    with pytest.raises(Refused, match=re.escape(said)):
        rendered(chart, values)


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("name", ["values.yaml", "values-production.yaml"])
def test_no_value_is_a_secret(chart: str, name: str) -> None:
    """All that is named like one is a name or nothing."""
    named = {
        path: value
        for path, value in leaves(rendering.values_of(chart, name))
        if re.search(r"password|secret|token|uri|credential", path, re.IGNORECASE)
    }
    assert all(path.endswith(("ecret", "ecretName", "ecrets")) for path in named), named
    assert all(not value or re.fullmatch(r"[a-z0-9-]+", value) for value in named.values())


@pytest.mark.parametrize("chart", CHARTS)
def test_each_value_is_in_the_schema_and_all_of_the_schema_in_the_values(chart: str) -> None:
    schema = rendering.values_of(chart, "values.schema.json")
    values = rendering.values_of(chart, "values.yaml")
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {*values, "global"}


@pytest.mark.parametrize("chart", CHARTS)
def test_what_the_readme_sets_is_there_to_be_set(chart: str) -> None:
    text = (rendering.CHARTS / chart / "README.md").read_text()
    found = re.findall(r"--set ([\w.]+)=(\S+)", text)
    assert found
    for path, value in found:
        values: Any = value
        for key in reversed(path.split(".")):
            values = {key: values}
        rendered(chart, values)
    for path in re.findall(r"`([a-z]\w*(?:\.\w+)+)(?::[^`]*)?`", text):
        known: Any = rendering.values_of(chart, "values.yaml")
        for key in path.split("."):
            if known == {}:
                break  # whatever keys people put there
            assert key in known, path
            known = known[key]


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key in value for leaf in leaves(value[key], f"{path}.{key}")]
    return [(path, value)]
