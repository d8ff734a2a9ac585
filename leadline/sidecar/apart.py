"""Events gathered by a second process, while this one reads the people. On one core, or for a few, it is not worth it.

Whatever becomes of the second process, the first can do its work itself. It reads what is committed, in a transaction that
takes no turn: as long as the first process holds the turn and has written nothing, both read the same database. It is asked
and answers through pipes, and ends when either of them does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadline.sidecar.gathering import Gathered, gather
from leadline.state.database import Database
from scoring.columns import Column, Table


class _Errand(msgspec.Struct, frozen=True):
    """What is to be gathered, and where."""

    url: str
    asked: list[str]


class _Numbers(msgspec.Struct, frozen=True):
    """An array on its way."""

    kind: str
    content: memoryview

    def array(self) -> NDArray[np.generic]:
        return np.frombuffer(self.content, dtype=self.kind)


class _Field(msgspec.Struct, frozen=True):
    name: str
    codes: _Numbers
    values: list[str | int | float | bool | None]


class _Answer(msgspec.Struct, frozen=True):
    """`Gathered`, on its way."""

    keys: list[str]
    own: _Numbers
    at: _Numbers
    fields: list[_Field]
    ids: list[str]
    starts: list[int]


class Helper:
    """A second process at work."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.process_id = process.pid

    def gathered(self) -> Gathered | None:
        """What it has gathered, once it has; None when it came to nothing."""
        content = _pipe(self._process.stdout).read()
        return _as_gathered(_decode_answer(content)) if self._process.wait() == 0 else None


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def helper(database: Database, asked: Collection[str]) -> Iterator[Helper]:
    """A process that gathers all events, with what is asked of them, while the block runs, and does not outlive it.

    The database has to be one that another process can open, and the block within a transaction of it that wrote nothing.
    """
    # The URL has a password in it: it goes through the pipe, never onto the command line.
    errand = _Errand(database.url.render_as_string(hide_password=False), sorted(asked))
    command = [sys.executable, "-m", "leadline.sidecar.apart"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            try:
                _pipe(process.stdin).write(msgspec.msgpack.encode(errand))
                _pipe(process.stdin).close()
            except BrokenPipeError:
                pass  # it has ended already, and gathers nothing
            yield Helper(process)
        finally:
            process.kill()


def main() -> None:
    """Gather what is asked on standard input, and write it to standard output."""
    errand = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Errand)
    database = Database(errand.url)
    with database.snapshot() as tx:
        found = gather(tx, errand.asked, None)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_as_answer(found)))


def _as_answer(found: Gathered) -> _Answer:
    fields = [_Field(name, _numbers(one.codes), list(one.values)) for name, one in found.fields.columns.items()]  # type: ignore[arg-type] # fields of events are plain values
    return _Answer(list(found.keys), _numbers(found.own), _numbers(found.at), fields, list(found.ids), list(found.starts))


def _as_gathered(answer: _Answer) -> Gathered:
    own: NDArray[np.int32] = answer.own.array().astype(np.int32, copy=False)
    at: NDArray[np.int64] = answer.at.array().astype(np.int64, copy=False)
    columns = {one.name: Column(one.codes.array(), one.values) for one in answer.fields}  # type: ignore[arg-type] # whole numbers, by kind
    return Gathered(answer.keys, own, at, Table(len(at), columns), answer.ids, answer.starts)


def _numbers(array: NDArray[np.generic]) -> _Numbers:
    return _Numbers(array.dtype.str, memoryview(array.tobytes()))


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


_decode_answer = msgspec.msgpack.Decoder(_Answer).decode

if __name__ == "__main__":
    main()
