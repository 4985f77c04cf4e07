"""As much of a Kubernetes API server as Helm asks when it tries an installation there.

It knows which kinds there are, holds the secrets that it is given, and takes nothing in.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Document = dict[str, Any]

KINDS = {
    "v1": {
        "secrets": "Secret",
        "services": "Service",
        "configmaps": "ConfigMap",
        "serviceaccounts": "ServiceAccount",
    },
    "apps/v1": {"deployments": "Deployment", "statefulsets": "StatefulSet"},
    "networking.k8s.io/v1": {"ingresses": "Ingress", "networkpolicies": "NetworkPolicy"},
    "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"},
}
NOT_FOUND = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound"}


@contextmanager
def cluster(*secrets: Document) -> Iterator[str]:
    """Run one with secrets, as an earlier installation left them; give its address."""
    answers = _discovery()
    for secret in secrets:
        name = secret["metadata"]["name"]
        answers[f"/api/v1/namespaces/videos/secrets/{name}"] = secret

    class Server(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = answers.get(self.path.split("?")[0])
            body = json.dumps(found or NOT_FOUND | {"code": 404}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def installed(secret: Document, release: str) -> Document:
    """Return a secret as it is in the cluster once Helm has installed it."""
    metadata = secret["metadata"]
    owner = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "videos"}
    annotations = {**metadata.get("annotations", {}), **owner}
    return secret | {"metadata": metadata | {"annotations": annotations, "namespace": "videos"}}


def _discovery() -> dict[str, Document]:
    groups = [group for group in KINDS if "/" in group]
    answers: dict[str, Document] = {
        "/version": {"major": "1", "minor": "33", "gitVersion": "v1.33.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [
                {
                    "name": group.split("/")[0],
                    "versions": [{"groupVersion": group, "version": "v1"}],
                    "preferredVersion": {"groupVersion": group, "version": "v1"},
                }
                for group in groups
            ],
        },
        "/openapi/v3": {
            "paths": {
                _path(group).lstrip("/"): {"serverRelativeURL": f"/openapi/v3{_path(group)}?hash=1"}
                for group in KINDS
            }
        },
    }
    for group, kinds in KINDS.items():
        answers[_path(group)] = _resources(group, kinds)
        answers[f"/openapi/v3{_path(group)}"] = _schema(group, kinds)
    return answers


def _path(group: str) -> str:
    return f"/apis/{group}" if "/" in group else f"/api/{group}"


def _resources(group: str, kinds: dict[str, str]) -> Document:
    verbs = ["get", "list", "create", "patch"]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group,
        "resources": [
            {"name": name, "singularName": "", "namespaced": True, "kind": kind, "verbs": verbs}
            for name, kind in kinds.items()
        ],
    }


def _schema(group: str, kinds: dict[str, str]) -> Document:
    """Return what says that the server itself looks at fields, so that Helm does not."""
    name = group.split("/")[0] if "/" in group else ""
    parameters = [
        {"name": each, "in": "query", "schema": {"type": "string"}}
        for each in ("fieldValidation", "dryRun")
    ]
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "1"},
        "paths": {
            f"/{kind}": {
                "patch": {
                    "x-kubernetes-group-version-kind": {
                        "group": name,
                        "version": "v1",
                        "kind": kind,
                    },
                    "parameters": parameters,
                    "responses": {"200": {"description": "OK"}},
                }
            }
            for kind in kinds.values()
        },
    }
