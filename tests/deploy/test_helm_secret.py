"""MongoDB's passwords are made once: Helm asks the cluster for those that are there."""

import shutil
from pathlib import Path

from tests.deploy.cluster import cluster, installed
from tests.deploy.manifest import one
from tests.deploy.rendering import CHARTS, Document, tried

CHART = CHARTS / "video-library"


def secret_by(chart: Path, *there: Document) -> Document:
    """Return the secret that an installation makes where these secrets are there."""
    with cluster(*(installed(each, "demo") for each in there)) as address:
        return one(tried(chart, {}, address), "Secret")


def test_passwords_that_are_there_are_kept() -> None:
    first = secret_by(CHART)
    assert secret_by(CHART, first)["data"] == first["data"]
    assert secret_by(CHART)["data"] != first["data"], "others where there are none"
    assert first["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_one_that_is_missing_is_made_and_the_others_stay() -> None:
    first = secret_by(CHART)
    part = {key: value for key, value in first["data"].items() if key.startswith("root")}
    second = secret_by(CHART, first | {"data": part})["data"]
    assert second["root-password"] == first["data"]["root-password"]
    assert second["api-password"] != first["data"]["api-password"]
    assert set(second) == set(first["data"])


def test_a_chart_that_does_not_look_is_found(tmp_path: Path) -> None:
    chart = tmp_path / "video-library"
    shutil.copytree(CHART, chart)
    template = chart / "templates/secret.yaml"
    text = template.read_text()
    naive = text.replace('(lookup "v1" "Secret" .Release.Namespace $name).data', "dict")
    assert naive != text
    template.write_text(naive)
    first = secret_by(chart)
    assert secret_by(chart, first)["data"] != first["data"]
