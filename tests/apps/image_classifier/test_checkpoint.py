"""Reading a checkpoint without PyTorch: what is read, and that nothing in it is run."""

import io
import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_classifier import model_file
from image_classifier.checkpoint import (
    MAGIC_NUMBER,
    VERSION,
    CheckpointError,
    read_checkpoint,
    read_tensors,
)

FACTS = {"protocol_version": VERSION, "little_endian": True, "type_sizes": {}}


def checkpoint(
    shape: tuple[int, ...] = (2, 3),
    strides: tuple[int, ...] = (1, 2),
    offset: int = 0,
    *,
    rebuild: str = "torch._utils _rebuild_tensor_v2",
    kind: str = "torch FloatStorage",
    told: int = 6,
    magic: int = MAGIC_NUMBER,
) -> bytes:
    """Return a checkpoint with one tensor `weight` over the numbers 0 to 5, in pickle's opcodes."""

    def name(words: str) -> bytes:
        return b"c%s\n" % words.replace(" ", "\n").encode()

    def numbers(*values: int) -> bytes:
        return b"(" + b"".join(b"I%d\n" % each for each in values) + b"t"

    storage = b"(S'storage'\n" + name(kind) + b"S'7'\nS'cpu'\nI6\nNtQ"
    arguments = storage + b"I%d\n" % offset + numbers(*shape) + numbers(*strides) + b"NN"
    described = b"(dS'weight'\n" + name(rebuild) + b"(" + arguments + b"tRs."
    facts = b"".join(pickle.dumps(each) for each in (magic, VERSION, FACTS))
    content = np.arange(6, dtype="<f4").tobytes()
    return facts + described + pickle.dumps(["7"]) + told.to_bytes(8, "little") + content


def read(content: bytes) -> Any:
    return read_tensors(io.BytesIO(content))


def test_a_tensor_whose_axes_come_in_another_order() -> None:
    weight = read(checkpoint())["weight"]
    assert weight.tolist() == [[0, 2, 4], [1, 3, 5]]
    assert read(checkpoint((2,), (1,), offset=4))["weight"].tolist() == [4, 5]
    assert not weight.flags.writeable


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (checkpoint(magic=7), "not a checkpoint of the kind"),
        (checkpoint(told=5), "another size"),
        (checkpoint()[:-1], "ends early"),
        (checkpoint()[:150], "cannot be read"),
        (checkpoint(offset=1), "beyond the end"),
        (checkpoint((2, 4)), "beyond the end"),
        (checkpoint(offset=-1), "no place"),
        (checkpoint(strides=(1, -1)), "no place"),
        (checkpoint(shape=(0, 3)), "no place"),
        (checkpoint(rebuild="torch._utils _rebuild_parameter"), "_rebuild_parameter has no place"),
        (checkpoint(kind="torch ByteStorage"), "ByteStorage has no place"),
    ],
)
def test_what_is_none(content: bytes, said: str) -> None:
    with pytest.raises(CheckpointError, match=said):
        read(content)


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_nothing_in_it_is_run(tmp_path: Path) -> None:
    bait = tmp_path / "made"
    parts = [MAGIC_NUMBER, VERSION, FACTS, OrderedDict(weight=Evil(bait)), []]
    for position in range(5):
        with_it = [*parts[:position], Evil(bait), *parts[position + 1 :]]
        with pytest.raises(CheckpointError, match=r"posix\.mkdir has no place"):
            read(b"".join(pickle.dumps(part, 2) for part in with_it))
    assert not bait.exists()
    pickle.loads(pickle.dumps(Evil(bait), 2))  # noqa: S301
    assert bait.exists(), "the bait is one"


@pytest.mark.parametrize("name", ["builtins.eval", "torch.load", "numpy.load", "collections.deque"])
def test_no_other_name_means_anything(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    with pytest.raises(CheckpointError, match="has no place"):
        read(f"c{module}\n{attribute}\n.".encode())


def test_other_weights_are_refused_before_they_are_read() -> None:
    with pytest.raises(CheckpointError, match=f"not {model_file.WEIGHTS_SHA256}"):
        read_checkpoint(b"cos\nsystem\n.", model_file.WEIGHTS_SHA256)
