"""What manifests of a chart must hold, beyond what Kubernetes itself would refuse.

`complaints` looks at all documents of a release at once, since they refer to each other.
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]

WORKLOADS = ("Deployment", "StatefulSet")
VERSION = re.compile(r"^[^:@\s]+:v?\d+\.\d+(\.\d+)?([-.][A-Za-z0-9.-]+)?(@sha256:[0-9a-f]{64})?$")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|KEY$|_URI$", re.IGNORECASE)
NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


def complaints(documents: list[Document]) -> list[str]:
    """Return what is not in order, one sentence each."""
    found = [*_names(documents), *_secrets(documents), *_routes(documents)]
    for workload in of_kind(documents, *WORKLOADS):
        found += [f"{called(workload)}: {text}" for text in _workload(workload, documents)]
    return found


def of_kind(documents: list[Document], *kinds: str) -> list[Document]:
    return [each for each in documents if each["kind"] in kinds]


def one(documents: list[Document], kind: str, ending: str = "") -> Document:
    """Return the one document of a kind whose name ends so."""
    found = [each for each in of_kind(documents, kind) if each["metadata"]["name"].endswith(ending)]
    assert len(found) == 1, [called(each) for each in documents]
    return found[0]


def called(document: Document) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def pod(workload: Document) -> Document:
    found: Document = workload["spec"]["template"]["spec"]
    return found


def labels(workload: Document) -> dict[str, str]:
    found: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return found


def chosen(selector: dict[str, str], documents: list[Document]) -> list[Document]:
    """Return the workloads whose pods a selector chooses."""
    return [
        each
        for each in of_kind(documents, *WORKLOADS)
        if selector and selector.items() <= labels(each).items()
    ]


def ports(workload: Document) -> dict[str, int]:
    return {
        each["name"]: each["containerPort"]
        for container in pod(workload)["containers"]
        for each in container.get("ports", [])
    }


def _names(documents: list[Document]) -> Iterator[str]:
    names = [called(each) for each in documents]
    yield from (f"{name} is there twice" for name in set(names) if names.count(name) > 1)
    for each in documents:
        if not NAME.match(each["metadata"]["name"]):
            yield f"{called(each)} is no name for a service or a pod"
        for value in each["metadata"].get("labels", {}).values():
            if len(value) > 63:
                yield f"{called(each)} has a label of more than 63 characters"


def _secrets(documents: list[Document]) -> Iterator[str]:
    """Nothing that a Secret holds stands anywhere else."""
    held: set[str] = set()
    for secret in of_kind(documents, "Secret"):
        for value in secret.get("data", {}).values():
            held |= {value, base64.b64decode(value).decode()}
    for each in documents:
        if each["kind"] != "Secret" and any(value in json.dumps(each) for value in held):
            yield f"{called(each)} tells a secret"


def _routes(documents: list[Document]) -> Iterator[str]:
    """Services lead to pods, ingresses to services, policies and budgets are about pods."""
    services = {each["metadata"]["name"]: each for each in of_kind(documents, "Service")}
    for service in services.values():
        leads_to = chosen(service["spec"]["selector"], documents)
        if len(leads_to) != 1:
            yield f"{called(service)} leads to {len(leads_to)} workloads"
            continue
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in ports(leads_to[0]):
                yield f"{called(service)} leads to a port that is not there: {port['targetPort']}"
    for ingress in of_kind(documents, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                there = services.get(backend["name"])
                named = [port["name"] for port in there["spec"]["ports"]] if there else []
                if backend["port"]["name"] not in named:
                    yield f"{called(ingress)} leads nowhere"
    for policy in of_kind(documents, "NetworkPolicy"):
        about = chosen(policy["spec"]["podSelector"].get("matchLabels", {}), documents)
        if len(about) != 1:
            yield f"{called(policy)} is about {len(about)} workloads"
        for rule in policy["spec"]["ingress"]:
            if not rule.get("from"):
                yield f"{called(policy)} lets anybody in"
            if about and any(port["port"] not in ports(about[0]) for port in rule["ports"]):
                yield f"{called(policy)} opens a port that is not there"
    for budget in of_kind(documents, "PodDisruptionBudget"):
        if len(chosen(budget["spec"]["selector"]["matchLabels"], documents)) != 1:
            yield f"{called(budget)} is about no workload"


def _workload(workload: Document, documents: list[Document]) -> Iterator[str]:
    spec = pod(workload)
    if not workload["spec"]["selector"]["matchLabels"].items() <= labels(workload).items():
        yield "its selector does not match its pods"
    if of_kind(documents, "NetworkPolicy") and not any(
        chosen(policy["spec"]["podSelector"].get("matchLabels", {}), [workload])
        for policy in of_kind(documents, "NetworkPolicy")
    ):
        yield "no network policy is about it"
    accounts = {each["metadata"]["name"] for each in of_kind(documents, "ServiceAccount")}
    if spec.get("serviceAccountName") not in accounts:
        yield "its service account is not there"
    if spec.get("automountServiceAccountToken") is not False:
        yield "it has a token of the cluster"
    if spec.get("enableServiceLinks") is not False:
        yield "its variables are those of all services"
    if any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
        yield "it shares a namespace with its node"
    if spec["terminationGracePeriodSeconds"] < 30:
        yield "it has no time to end in order"
    security = spec.get("securityContext", {})
    if not security.get("runAsNonRoot") or not security.get("runAsUser"):
        yield "it may run as root"
    if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "its system calls are not limited"
    claims = workload["spec"].get("volumeClaimTemplates", [])
    volumes = {each["name"]: each for each in spec.get("volumes", [])}
    if any("hostPath" in each for each in volumes.values()):
        yield "it sees its node's files"
    there = {*volumes, *(each["metadata"]["name"] for each in claims)}
    for container in (*spec["containers"], *spec.get("initContainers", [])):
        yield from _container(container, there, ports(workload))


def _container(container: Document, volumes: set[str], named: dict[str, int]) -> Iterator[str]:
    if not VERSION.match(container["image"]):
        yield f"its image has no exact version: {container['image']}"
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container.get(probe, {})
        how = asked.get("httpGet") or asked.get("tcpSocket")
        if not how or how["port"] not in named:
            yield f"it has no {probe} of a port of its own"
    for kind, what in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
        if what not in container.get("resources", {}).get(kind, {}):
            yield f"its {kind} do not name {what}"
    if "cpu" not in container.get("resources", {}).get("limits", {}):
        yield "its limits do not name cpu"
    security = container.get("securityContext", {})
    if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
        yield "it may gain privileges"
    if security.get("readOnlyRootFilesystem") is not True:
        yield "its own files can be written"
    if security.get("capabilities") != {"drop": ["ALL"]}:
        yield "it has capabilities"
    for mount in container.get("volumeMounts", []):
        if mount["name"] not in volumes:
            yield f"it mounts a volume that is not there: {mount['name']}"
    for variable in container.get("env", []):
        if SECRET_NAME.search(variable["name"].removesuffix("_FILE")):
            by_file = variable["name"].endswith("_FILE") and variable["value"].startswith("/")
            if not by_file and "secretKeyRef" not in variable.get("valueFrom", {}):
                yield f"{variable['name']} is written out"
