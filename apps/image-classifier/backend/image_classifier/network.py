"""EfficientNet-Lite0 as an ONNX graph, from the tensors of its PyTorch checkpoint."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from image_classifier.checkpoint import Tensors

SIZE = 224
"""Pixels of the picture's sides that the network takes."""

BLOCKS = 16
HALVING = frozenset({1, 3, 5, 11})
"""The blocks that halve the picture; all else of their shapes is in the weights."""

EPSILON = 1e-3
"""Of the batch normalisations, as it was trained."""

OPSET = 17
IR_VERSION = 8
"""What any ONNX Runtime since 1.12 reads."""


def build(tensors: Tensors) -> onnx.ModelProto:
    """Return the network: `image` (1, 3, 224, 224) in, `probabilities` (1, 1000) out."""
    return _Graph(tensors).build()


class _Graph:
    """Adds one operation after the other; `_last` is the name of what came out of the last one."""

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._last = "image"

    def build(self) -> onnx.ModelProto:
        self._add_constant("zero", np.float32(0))
        self._add_constant("six", np.float32(6))
        self._convolve("_conv_stem", "_bn0", stride=2)
        for number in range(BLOCKS):
            self._add_block(f"_blocks.{number}", 2 if number in HALVING else 1)
        self._convolve("_conv_head", "_bn1")
        self._add("GlobalAveragePool", "pool", [self._last])
        self._add("Flatten", "flat", [self._last])
        for name in ("_fc.weight", "_fc.bias"):
            self._add_constant(name, self._tensors[name])
        self._add("Gemm", "logits", [self._last, "_fc.weight", "_fc.bias"], transB=1)
        self._add("Softmax", "probabilities", [self._last], axis=1)
        classes = len(self._tensors["_fc.bias"])
        graph = helper.make_graph(
            self._nodes,
            "EfficientNet-Lite0",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, classes])],
            self._constants,
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)

    def _add_block(self, block: str, stride: int) -> None:
        """Widen, look around, narrow again; what keeps its shape is added to what came in."""
        came_in = self._last
        if f"{block}._expand_conv.weight" in self._tensors:
            self._convolve(f"{block}._expand_conv", f"{block}._bn0")
        self._convolve(f"{block}._depthwise_conv", f"{block}._bn1", stride=stride)
        self._convolve(f"{block}._project_conv", f"{block}._bn2", is_linear=True)
        if stride == 1 and self._width(f"{block}._project_conv") == self._width_in(block):
            self._add("Add", f"{block}.sum", [self._last, came_in])

    def _convolve(self, name: str, norm: str, *, stride: int = 1, is_linear: bool = False) -> None:
        weight, bias = self._folded(name, norm)
        self._add_constant(f"{name}.weight", weight)
        self._add_constant(f"{name}.bias", bias)
        self._add(
            "Conv",
            name,
            [self._last, f"{name}.weight", f"{name}.bias"],
            kernel_shape=weight.shape[2:],
            strides=[stride, stride],
            group=len(weight) if "depthwise" in name else 1,
            auto_pad="SAME_UPPER",
        )
        if not is_linear:
            self._add("Clip", f"{name}.relu6", [self._last, "zero", "six"])

    def _folded(self, name: str, norm: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return a convolution's weight and bias with the normalisation after it worked in."""
        gain, bias, mean, variance = (
            self._tensors[f"{norm}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + EPSILON)
        weight = self._tensors[f"{name}.weight"] * scale[:, None, None, None]
        return weight.astype(np.float32), (bias - mean * scale).astype(np.float32)

    def _width(self, convolution: str) -> int:
        return len(self._tensors[f"{convolution}.weight"])

    def _width_in(self, block: str) -> int:
        """Return how many channels come into a block."""
        first = self._tensors.get(f"{block}._expand_conv.weight")
        return self._width(f"{block}._depthwise_conv") if first is None else first.shape[1]

    def _add(self, kind: str, name: str, inputs: Sequence[str], **attributes: Any) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        self._last = name

    def _add_constant(self, name: str, value: NDArray[Any] | np.float32) -> None:
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
