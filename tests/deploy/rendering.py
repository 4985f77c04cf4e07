"""Renders charts by Helm's own engine, in a process of its own: the engine is a Go library.

As a program it reads one request as JSON and answers with the manifests, or with what is wrong.
"""

import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

CHARTS = Path(__file__).resolve().parents[2] / "deploy/helm"
Document = dict[str, Any]


class Refused(Exception):
    """The engine does not render these values; its message says why."""


def rendered(chart: str, values: Document, release: str = "demo") -> list[Document]:
    """Return the documents of a chart with values; raise Refused."""
    return [
        document
        for name, text in manifests(chart, values, release).items()
        if name.endswith(".yaml")
        for document in yaml.safe_load_all(text)
        if document
    ]


def manifests(chart: str, values: Document, release: str = "demo") -> dict[str, str]:
    """Return what a chart's templates become, by their names; raise Refused."""
    answer = json.loads(_answer(json.dumps([str(CHARTS / chart), values, release])))
    if "error" in answer:
        raise Refused(answer["error"])
    found: dict[str, str] = answer["manifests"]
    return found


def tried(chart: Path, values: Document, address: str) -> list[Document]:
    """Return the documents that Helm would install in a cluster, which it asks what is there."""
    answer = json.loads(_run(json.dumps([str(chart), values, "demo", address])))
    return [each for each in yaml.safe_load_all(answer["manifest"]) if each]


def lint(chart: str) -> list[str]:
    """Return what `helm lint --strict` finds, but for advice."""
    answer = json.loads(_answer(json.dumps([str(CHARTS / chart), {}, "demo"])))
    return [each["error"] for each in answer["lint"]["messages"] if each["severity"] > 1]


def values_of(chart: str, name: str) -> Document:
    """Return one of a chart's own files of values."""
    found: Document = yaml.safe_load((CHARTS / chart / name).read_text())
    return found


@functools.cache
def _answer(request: str) -> str:
    return _run(request)


def _run(request: str) -> str:
    with tempfile.TemporaryDirectory() as home:  # it keeps there what it was told of a cluster
        done = subprocess.run(
            [sys.executable, __file__],
            input=request,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"HOME": home},
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _render(chart: str, values: Document, release: str) -> Document:
    import helm_python as helm

    with helm.Chart.load(chart) as loaded:
        try:
            found = loaded.render(values, name=release, namespace="videos")
        except helm.HelmError as error:
            return {"error": str(error)}
    return {"manifests": found, "lint": helm.lint(chart, strict=True)}


def _try(chart: str, values: Document, release: str, address: str) -> Document:
    import helm_python as helm

    with helm.Config(
        namespace="videos", kube_apiserver=address, kube_token="none", storage_driver="memory"
    ) as config:
        return config.install(chart, release, values, dry_run="server")


if __name__ == "__main__":
    request = json.load(sys.stdin)
    json.dump((_try if len(request) == 4 else _render)(*request), sys.stdout)
