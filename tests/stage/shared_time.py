"""A clock that stands still, shared by processes: the twins', the program's under test, and the test's."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime
from pathlib import Path

_SECONDS = struct.Struct("d")


class SharedTime:
    """Seconds since 1970 in a file that every process maps. It moves when told, never by itself."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), _SECONDS.size)

    @classmethod
    def starting(cls, file: Path, at: datetime) -> SharedTime:
        """A new clock at this moment, in this file."""
        file.write_bytes(_SECONDS.pack(at.timestamp()))
        return cls(file)

    def seconds(self) -> float:
        """Seconds since 1970."""
        found: float = _SECONDS.unpack_from(self._memory)[0]
        return found

    def now(self) -> datetime:
        """The same as an aware UTC time."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def move(self, seconds: float) -> None:
        """Let time pass for everybody; time that would run backwards stands still."""
        _SECONDS.pack_into(self._memory, 0, self.seconds() + max(0.0, seconds))
