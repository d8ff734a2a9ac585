"""CSV as Bulk API 2.0 writes and reads it: the job says which delimiter and which line ending."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.bulk.problems import JobFailedError
from sandbox.salesforce.errors import SalesforceError

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """The names of the delimiter and the line ending of one job."""

    delimiter: str = "COMMA"
    line_ending: str = "LF"

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Dialect:
        """What a job's creation asks for.

        Raises:
            SalesforceError: INVALIDJOB for a name that is none, or for another content type than CSV.
        """
        dialect = cls(body.get("columnDelimiter") or "COMMA", body.get("lineEnding") or "LF")
        wanted = (body.get("contentType") or "CSV", dialect.delimiter, dialect.line_ending)
        for value, known in zip(wanted, ({"CSV"}, DELIMITERS, LINE_ENDINGS), strict=True):
            if not isinstance(value, str) or value not in known:
                raise SalesforceError("INVALIDJOB", f"InvalidJob : '{value}' is none of {', '.join(known)}")
        return dialect

    def line(self, values: Iterable[str]) -> str:
        """One record with its line ending. Every value is quoted, the empty ones too."""
        joined = f'"{DELIMITERS[self.delimiter]}"'.join(value.replace('"', '""') for value in values)
        return f'"{joined}"{LINE_ENDINGS[self.line_ending]}'

    def check_line_endings(self, text: str) -> None:
        """Uploaded text must hold no other line ending than the declared one, not even within quotes.

        Raises:
            JobFailedError: as the org words it.
        """
        crlf = text.count("\r\n")
        bare = text.count("\n") - crlf
        if (self.line_ending == "LF" and crlf) or (self.line_ending == "CRLF" and bare):
            message = f"LineEnding is invalid on user data. Current LineEnding setting is {self.line_ending}"
            raise JobFailedError(f"ClientInputError : {message}")

    def rows(self, text: str) -> Iterator[list[str]]:
        """The records of an uploaded text, its header among them. Blank lines are none; nothing is trimmed.

        Raises:
            csv.Error: at the record that cannot be read.
        """
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[self.delimiter], strict=True)
        return (row for row in reader if row)
