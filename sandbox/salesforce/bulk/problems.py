"""What ends a job as a whole, as against one row of it."""

from __future__ import annotations


class JobFailedError(Exception):
    """The job ends in `Failed`; `message` becomes its `errorMessage`."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
