"""The sidecar's files: a manifest, and a folder of arrays for each layer.

Arrays are written to a folder that nobody knows yet; then the manifest that names it takes the place of the old one. So a
crash leaves the old sidecar or the new one. All numbers are little-endian.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, overload

import msgspec
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from leadline.sidecar.layer import Layer, Told
from scoring.columns import Column, Table
from scoring.core import Kept
from scoring.folding import Folded
from scoring.reading import Value

FORMAT = 1
"""Another number whenever facts, folds or files come to mean something else."""
_MANIFEST = "manifest.json"
_NUMBERS = ("who", "firsts", "days", "weights", "micros", "counts")


class FieldNote(msgspec.Struct, frozen=True):
    """A field's column: how many distinct values, in a file of how many bytes, and the questions whose answers are kept."""

    name: str
    distinct: int
    bytes: int
    questions: tuple[str, ...]


class LayerNote(msgspec.Struct, frozen=True):
    """A layer: its folder, its moment, and how long each of its arrays is and of which type."""

    folder: str
    as_of: datetime
    people: int
    fields: tuple[FieldNote, ...]
    signals: tuple[str, ...]
    arrays: dict[str, tuple[str, int]]


class Manifest(msgspec.Struct, frozen=True):
    """What is in the sidecar. `key` stands for the rules its answers and folds were made under."""

    format: int
    byte_order: str
    key: str
    layers: tuple[LayerNote, ...]


class Values(Sequence[Value]):
    """A field's distinct values, read when somebody asks for one of them."""

    def __init__(self, path: Path, count: int) -> None:
        self._path = path
        self._count = count
        self._read: list[Value] | None = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Value: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Value]: ...
    def __getitem__(self, place: int | slice) -> Value | Sequence[Value]:
        return self._all()[place]

    def __iter__(self) -> Iterator[Value]:
        return iter(self._all())

    def _all(self) -> list[Value]:
        if self._read is None:
            self._read = _decode_values(self._path.read_bytes())
        return self._read


class Shelf:
    """The sidecar in one folder. One process at a time writes there, and others wait; who reads waits for nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder.with_name(f"{folder.name}.lock"))

    def read(self, key: str) -> tuple[Layer, ...] | None:
        """Its layers, the oldest first; None when there is none, or it is of other rules, or anything is wrong with it."""
        manifest = self._manifest()
        if manifest is None or not _is_of(manifest, key):
            return None
        try:
            return tuple(_read_layer(self.folder / note.folder, note) for note in manifest.layers)
        except (OSError, ValueError, EOFError):
            return None

    def replace(self, key: str, layer: Layer) -> None:
        """Write a sidecar of one layer, in place of whatever is there."""
        with self._writing():
            self._put(key, (), layer)

    def add(self, key: str, layer: Layer) -> bool:
        """Write a layer on top of those that are there; False, and nothing is written, when none of these rules are."""
        with self._writing():
            manifest = self._manifest()
            if manifest is None or not _is_of(manifest, key):
                return False
            self._put(key, manifest.layers, layer)
            return True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            yield

    def _put(self, key: str, below: tuple[LayerNote, ...], layer: Layer) -> None:
        taken = {path.name for path in self.folder.iterdir()}
        name = next(name for number in range(len(taken) + 1) if (name := f"layer-{number}") not in taken)
        layers = (*below, _write_layer(self.folder / name, name, layer))
        manifest = Manifest(FORMAT, sys.byteorder, key, layers)
        fresh = self.folder / f"{_MANIFEST}.new"
        _write(fresh, msgspec.json.encode(manifest))
        fresh.replace(self.folder / _MANIFEST)
        for unused in taken - {note.folder for note in layers} - {_MANIFEST, fresh.name}:
            shutil.rmtree(self.folder / unused, ignore_errors=True)

    def _manifest(self) -> Manifest | None:
        try:
            return _decode_manifest((self.folder / _MANIFEST).read_bytes())
        except (OSError, msgspec.MsgspecError):
            return None


def _is_of(manifest: Manifest, key: str) -> bool:
    return (manifest.format, manifest.byte_order, manifest.key) == (FORMAT, sys.byteorder, key)


def _write_layer(folder: Path, name: str, layer: Layer) -> LayerNote:
    folder.mkdir()
    arrays = dict(_arrays_of(layer))
    for file, numbers in arrays.items():
        with (folder / f"{file}.npy").open("wb") as stream:
            np.save(stream, numbers, allow_pickle=False)
            stream.flush()
            os.fsync(stream.fileno())
    columns = sorted(layer.kept.fields.columns.items())
    values = [msgspec.msgpack.encode(list(column.values)) for _, column in columns]
    for place, content in enumerate(values):
        _write(folder / f"field-{place}.values", content)
    return LayerNote(
        folder=name,
        as_of=layer.as_of,
        people=layer.kept.rows,
        fields=tuple(
            FieldNote(name, len(column.values), len(content), tuple(column.answers))
            for (name, column), content in zip(columns, values, strict=True)
        ),
        signals=tuple(layer.kept.folds),
        arrays={file: (numbers.dtype.str, len(numbers)) for file, numbers in arrays.items()},
    )


def _arrays_of(layer: Layer) -> Iterator[tuple[str, NDArray[Any]]]:
    yield from (("ids", layer.ids), ("gone", layer.gone), ("later", layer.later), ("later-who", layer.later_who))
    yield from (("told-scores", layer.told.scores), ("told-grades", layer.told.grades), ("given", layer.kept.given))
    for place, (_, column) in enumerate(sorted(layer.kept.fields.columns.items())):
        yield f"field-{place}", column.codes
        for number, answers in enumerate(column.answers.values()):
            yield f"field-{place}-answers-{number}", answers
    for place, folded in enumerate(layer.kept.folds.values()):
        yield from ((f"signal-{place}-{numbers}", getattr(folded, numbers)) for numbers in _NUMBERS)


def _read_layer(folder: Path, note: LayerNote) -> Layer:
    held = {file: _mapped(folder / f"{file}.npy", *kind) for file, kind in note.arrays.items()}
    columns = {one.name: _column(folder, place, one, held) for place, one in enumerate(note.fields)}
    nothing = np.zeros(0, dtype=np.int64)
    folds = {
        name: Folded(**{numbers: held[f"signal-{place}-{numbers}"] for numbers in _NUMBERS}, starts=nothing, taken=nothing)
        for place, name in enumerate(note.signals)
    }
    return Layer(
        as_of=note.as_of,
        ids=held["ids"],
        gone=held["gone"],
        kept=Kept(Table(note.people, columns), folds, held["given"]),
        told=Told(held["told-scores"], held["told-grades"]),
        later_who=held["later-who"],
        later=held["later"],
    )


def _column(folder: Path, place: int, note: FieldNote, held: Mapping[str, NDArray[Any]]) -> Column:
    values = folder / f"field-{place}.values"
    if values.stat().st_size != note.bytes:
        raise ValueError(values.name)
    answers = {question: held[f"field-{place}-answers-{number}"] for number, question in enumerate(note.questions)}
    return Column(held[f"field-{place}"], Values(values, note.distinct), answers)


def _mapped(path: Path, kind: str, length: int) -> NDArray[Any]:
    """An array where it lies. Raises ValueError when it is not what was written."""
    if not length:
        return np.zeros(0, dtype=kind)
    numbers: NDArray[Any] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    if numbers.dtype.str != kind or numbers.shape != (length,):
        raise ValueError(path.name)
    return numbers


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


_decode_manifest = msgspec.json.Decoder(Manifest).decode
_decode_values = msgspec.msgpack.Decoder(list[str | int | float | bool | tuple[str, ...] | None]).decode
