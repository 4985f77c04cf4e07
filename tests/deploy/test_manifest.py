"""The rules for manifests find what they are for: each is tried on what breaks it."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy.manifest import complaints, one, pod
from tests.deploy.rendering import Document, rendered

Documents = list[Document]


def container(documents: Documents, part: str = "-web-api") -> dict[str, Any]:
    found: dict[str, Any] = pod(one(documents, "Deployment", part))["containers"][0]
    return found


def web_api(documents: Documents) -> dict[str, Any]:
    return pod(one(documents, "Deployment", "-web-api"))


def password_in_a_configmap(documents: Documents) -> None:
    secret = one(documents, "Secret")["data"]["root-password"]
    one(documents, "ConfigMap")["data"]["password"] = secret


def password_in_arguments(documents: Documents) -> None:
    uri = base64.b64decode(one(documents, "Secret")["data"]["api-uri"]).decode()
    container(documents)["args"] = ["--uri", uri]


def variable_written_out(documents: Documents) -> None:
    container(documents)["env"].append({"name": "SESSION_SECRET", "value": "hunter2"})


def anybody_reaches_auth(documents: Documents) -> None:
    one(documents, "NetworkPolicy", "-auth")["spec"]["ingress"][0].pop("from")


def policy_for_nobody(documents: Documents) -> None:
    one(documents, "NetworkPolicy", "-auth")["spec"]["podSelector"]["matchLabels"]["a"] = "b"


def policy_for_no_port(documents: Documents) -> None:
    rule = one(documents, "NetworkPolicy", "-auth")["spec"]["ingress"][0]
    rule["ports"][0]["port"] = "web"


def no_policy_for_mongodb(documents: Documents) -> None:
    documents.remove(one(documents, "NetworkPolicy", "-mongodb"))


def service_for_nobody(documents: Documents) -> None:
    one(documents, "Service", "-auth")["spec"]["selector"]["app.kubernetes.io/component"] = "x"


def service_to_no_port(documents: Documents) -> None:
    one(documents, "Service", "-auth")["spec"]["ports"][0]["targetPort"] = "web"


def ingress_to_no_service(documents: Documents) -> None:
    rule = one(documents, "Ingress", "-page")["spec"]["rules"][0]
    rule["http"]["paths"][0]["backend"]["service"]["name"] = "page"


def selector_of_others(documents: Documents) -> None:
    one(documents, "Deployment", "-auth")["spec"]["selector"]["matchLabels"]["a"] = "b"


def budget_for_nobody(documents: Documents) -> None:
    one(documents, "PodDisruptionBudget", "-auth")["spec"]["selector"]["matchLabels"]["a"] = "b"


def twice(documents: Documents) -> None:
    documents.append(one(documents, "ServiceAccount"))


BROKEN: dict[str, tuple[Callable[[Documents], Any], str]] = {
    "image by latest": (
        lambda all_: container(all_).update(image="web-api:latest"),
        "no exact version",
    ),
    "image without a tag": (
        lambda all_: container(all_).update(image="web-api"),
        "no exact version",
    ),
    "no startup probe": (lambda all_: container(all_).pop("startupProbe"), "no startupProbe"),
    "no liveness probe": (lambda all_: container(all_).pop("livenessProbe"), "no livenessProbe"),
    "probe of no port": (
        lambda all_: container(all_)["readinessProbe"]["httpGet"].update(port="x"),
        "no readinessProbe",
    ),
    "no limits": (lambda all_: container(all_)["resources"].pop("limits"), "limits do not name"),
    "no requests": (
        lambda all_: container(all_)["resources"].pop("requests"),
        "requests do not name cpu",
    ),
    "root": (lambda all_: web_api(all_)["securityContext"].update(runAsUser=0), "run as root"),
    "perhaps root": (
        lambda all_: web_api(all_)["securityContext"].pop("runAsNonRoot"),
        "run as root",
    ),
    "no seccomp": (
        lambda all_: web_api(all_)["securityContext"].pop("seccompProfile"),
        "system calls are not limited",
    ),
    "privileges": (
        lambda all_: container(all_)["securityContext"].pop("allowPrivilegeEscalation"),
        "may gain privileges",
    ),
    "writable": (
        lambda all_: container(all_)["securityContext"].update(readOnlyRootFilesystem=False),
        "can be written",
    ),
    "capabilities": (
        lambda all_: container(all_)["securityContext"].update(capabilities={"add": ["NET_RAW"]}),
        "has capabilities",
    ),
    "token": (
        lambda all_: web_api(all_).pop("automountServiceAccountToken"),
        "token of the cluster",
    ),
    "links": (lambda all_: web_api(all_).pop("enableServiceLinks"), "variables are those"),
    "node's network": (lambda all_: web_api(all_).update(hostNetwork=True), "with its node"),
    "node's files": (
        lambda all_: web_api(all_)["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
        "node's files",
    ),
    "no volume": (lambda all_: web_api(all_).pop("volumes"), "mounts a volume that is not there"),
    "killed at once": (
        lambda all_: web_api(all_).update(terminationGracePeriodSeconds=1),
        "no time to end",
    ),
    "strange account": (
        lambda all_: web_api(all_).update(serviceAccountName="default"),
        "service account is not there",
    ),
    "long name": (
        lambda all_: one(all_, "Secret")["metadata"].update(name="x" * 64),
        "is no name",
    ),
    "secret in a ConfigMap": (
        password_in_a_configmap,
        "ConfigMap/demo-video-library-mongodb tells",
    ),
    "secret in arguments": (password_in_arguments, "tells a secret"),
    "secret in a variable": (variable_written_out, "SESSION_SECRET is written out"),
    "open auth": (anybody_reaches_auth, "lets anybody in"),
    "policy for nobody": (policy_for_nobody, "is about 0 workloads"),
    "policy for no port": (policy_for_no_port, "opens a port that is not there"),
    "long label": (
        lambda all_: one(all_, "Secret")["metadata"]["labels"].update(x="x" * 64),
        "a label of more than 63 characters",
    ),
    "no policy": (no_policy_for_mongodb, "no network policy"),
    "service for nobody": (service_for_nobody, "leads to 0 workloads"),
    "service to no port": (service_to_no_port, "a port that is not there: web"),
    "ingress to no service": (ingress_to_no_service, "leads nowhere"),
    "selector of others": (selector_of_others, "does not match its pods"),
    "budget for nobody": (budget_for_nobody, "is about no workload"),
    "twice": (twice, "is there twice"),
}


@pytest.mark.parametrize(("break_it", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_found(break_it: Callable[[Documents], Any], said: str) -> None:
    documents = copy.deepcopy(rendered("video-library", {}))
    assert complaints(documents) == []
    break_it(documents)
    assert [text for text in complaints(documents) if said in text], complaints(documents)
