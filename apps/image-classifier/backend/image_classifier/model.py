"""The network, ready to be asked; any number of threads may ask it at the same time."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from image_classifier import model_file
from image_classifier.labels import labels
from image_classifier.settings import Settings

NAME = "EfficientNet-Lite0"


@dataclass(frozen=True)
class Guess:
    """What a picture may show, and how likely (0 to 1) the network holds that to be."""

    class_id: int
    label: str
    probability: float


class Model:
    """Asks the network, each question on the one thread that asks."""

    def __init__(self, content: bytes) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(content, options, ["CPUExecutionProvider"])
        self._labels = labels()

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Load it from its file, which is made if need be."""
        return cls(model_file.find_or_make(settings.model_folder))

    def guesses(self, picture: NDArray[Any], most: int) -> list[Guess]:
        """Return the likeliest classes of a picture (1, 3, 224, 224), the likeliest one first."""
        ((probabilities,),) = self._session.run(None, {"image": picture})
        best = np.argsort(-probabilities, kind="stable")[:most]
        return [Guess(int(n), self._labels[n], float(probabilities[n])) for n in best]
