"""Says what is in a picture: EfficientNet-Lite0 over HTTP, without a machine-learning framework."""

import os

# ONNX Runtime reports to its maker from the moment it is imported, unless this is set before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
