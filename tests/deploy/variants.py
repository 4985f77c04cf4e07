"""Values with which the charts are tried."""

from tests.deploy.rendering import Document, values_of

VIDEO_LIBRARY: dict[str, Document] = {
    "default": {},
    "production": values_of("video-library", "values-production.yaml"),
    "existing secret": {"mongodb": {"existingSecret": "my-passwords"}},
    "no ingress": {"ingress": {"enabled": False}},
    "tls": {"ingress": {"tls": {"enabled": True, "secretName": "videos-tls"}}},
    "own mongodb": {
        "mongodb": {"enabled": False, "existingSecret": "my-uris"},
        "networkPolicy": {"mongodbTo": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]},
    },
    "long names": {"fullnameOverride": "x" * 70},
    "everything": {
        "imagePullSecrets": [{"name": "registry"}],
        "imageRegistry": "registry.example.com/videos/",
        "webApi": {"env": {"QUOTA_BYTES": "1000000"}, "forwardedAllowIps": "10.0.0.0/8"},
        "mongodb": {"persistence": {"storageClassName": "fast", "annotations": {"a": "b"}}},
        "serviceAccount": {"annotations": {"a": "b"}},
        "podAnnotations": {"a": "b"},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "videos", "operator": "Exists"}],
        "podDisruptionBudget": {"enabled": False},
        "networkPolicy": {"enabled": False},
    },
}

CONTROLLER: dict[str, Document] = {
    "default": {},
    "production": values_of("streamlit-controller", "values-production.yaml"),
    "no ingress": {"ingress": {"enabled": False}},
    "own hosts": {"config": {"allowed_hosts": ["*.example.com"], "domain": None}},
    "long names": {"fullnameOverride": "x" * 70},
    "everything": {
        "imagePullSecrets": [{"name": "registry"}],
        "sampleApps": ["hello", "media-explorer"],
        "env": {"UV_DEFAULT_INDEX": "https://packages.example.com/simple"},
        "envFromSecrets": ["api-keys"],
        "persistence": {"storageClassName": "fast", "annotations": {"a": "b"}},
        "service": {"type": "NodePort", "annotations": {"a": "b"}},
        "serviceAccount": {"annotations": {"a": "b"}},
        "podAnnotations": {"a": "b"},
        "podLabels": {"team": "data"},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "apps", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "networkPolicy": {"enabled": False},
    },
}

CHARTS = {"video-library": VIDEO_LIBRARY, "streamlit-controller": CONTROLLER}
ALL = [(chart, name) for chart, variants in CHARTS.items() for name in variants]
EVERY = [(chart, values) for chart, variants in CHARTS.items() for values in variants.values()]
NAMES = [f"{chart}, {name}" for chart, name in ALL]
