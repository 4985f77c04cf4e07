"""Reads the tensors of a PyTorch checkpoint without PyTorch, and without running what is in it.

A checkpoint of the older kind (torch.save before 1.6): five pickles one after the other, a magic
number, a version, facts of the machine, the tensors' descriptions and the storages' keys; then,
for each key, a count (64 bits, little-endian) and the bytes.
"""

import hashlib
import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
VERSION = 1001
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class CheckpointError(Exception):
    """A file is not the checkpoint that it should be; the message says what is wrong."""


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    count: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In numbers, not bytes. These weights are those of TensorFlow, whose axes come otherwise."""

    def found_in(self, storages: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        rest = storages[self.storage.key][self.offset :]
        last = sum((n - 1) * step for n, step in zip(self.shape, self.strides, strict=True))
        if min((self.offset, *self.strides)) < 0 or min(self.shape, default=1) < 1:
            raise CheckpointError("A tensor has no place in its storage.")
        if last >= len(rest):
            raise CheckpointError("A tensor goes on beyond the end of its storage.")
        strides = [step * rest.itemsize for step in self.strides]
        return as_strided(rest, self.shape, strides, writeable=False)


def read_checkpoint(content: bytes, sha256: str) -> Tensors:
    """Return the tensors by name; raise CheckpointError before anything of another file is read."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise CheckpointError(f"The weights have the SHA-256 {found}, not {sha256}.")
    return read_tensors(io.BytesIO(content))


def read_tensors(stream: BinaryIO) -> Tensors:
    """Return the tensors by name; only the few names that build tensors mean anything in it."""
    try:
        magic, version, machine, described, keys = (_Unpickler(stream).load() for _ in range(5))
        if (magic, version, machine["little_endian"]) != (MAGIC_NUMBER, VERSION, True):
            raise CheckpointError("This is not a checkpoint of the kind that is read here.")
        known = {each.storage.key: each.storage for each in described.values()}
        storages = {key: _read_storage(stream, known[key]) for key in keys}
        return {name: tensor.found_in(storages) for name, tensor in described.items()}
    except (pickle.UnpicklingError, EOFError, KeyError, ValueError, TypeError, AttributeError) as e:
        raise CheckpointError(f"The checkpoint cannot be read: {e}.") from e


class _Unpickler(pickle.Unpickler):
    """Finds nothing but what describes tensors, and of that only descriptions of our own."""

    def find_class(self, module: str, name: str) -> Any:
        match module, name:
            case "collections", "OrderedDict":
                return OrderedDict
            case "torch._utils", "_rebuild_tensor_v2":
                return _describe
            case "torch", _ if name in DTYPES:
                return DTYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a checkpoint")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _location, count, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError(f"a {kind} has no place in a checkpoint")
        return _Storage(str(key), dtype, int(count))


def _describe(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


def _read_storage(stream: BinaryIO, storage: _Storage) -> NDArray[Any]:
    count = int.from_bytes(stream.read(8), "little")
    if count != storage.count:
        _fail(storage)
    content = stream.read(count * storage.dtype.itemsize)
    if len(content) != count * storage.dtype.itemsize:
        _fail(storage)
    return np.frombuffer(content, storage.dtype)


def _fail(storage: _Storage) -> NoReturn:
    raise CheckpointError(f"The checkpoint ends early, or storage {storage.key} has another size.")
