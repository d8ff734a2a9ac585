"""What logs look like, and what they leave out."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from connectors.contract import Call
from connectors.records import Stream
from leadline import logs
from leadline.tally import Logging, Several, Tally


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def crash() -> None:
    token = "pat-eu1-made-up"  # stands in a frame, where careless tracebacks print it
    raise RuntimeError(f"ana@acme.example: {token}")


def log_a_crash() -> None:
    try:
        crash()
    except RuntimeError as error:
        try:
            raise KeyError("bo@birch.example") from error
        except KeyError:
            structlog.get_logger().exception("crashed", connection="sales")


def test_lines_are_json_when_nobody_watches() -> None:
    heard = io.StringIO()
    logs.configure(heard)
    structlog.get_logger().info("cycle", connection="sales", written=3)
    line = json.loads(heard.getvalue())
    assert (line["event"], line["level"], line["connection"], line["written"]) == ("cycle", "info", "sales", 3)
    assert line["timestamp"].endswith("Z")


def test_lines_are_readable_on_a_terminal() -> None:
    heard = Terminal()
    logs.configure(heard)
    structlog.get_logger().info("cycle", connection="sales")
    assert "cycle" in heard.getvalue()
    assert not heard.getvalue().startswith("{")


@pytest.mark.parametrize("target", [io.StringIO, Terminal])
def test_a_crash_tells_types_and_places_and_no_words_or_values(target: type[io.StringIO]) -> None:
    heard = target()
    logs.configure(heard)
    log_a_crash()
    text = heard.getvalue()
    for told in ("KeyError", "RuntimeError", "test_logs.py", "crash"):
        assert told in text
    for secret in ("ana@", "bo@", "made-up"):
        assert secret not in text


def test_the_libraries_own_logs_are_silent(caplog: pytest.LogCaptureFixture) -> None:
    logs.configure(io.StringIO())
    for name in ("urllib3.connectionpool", "simple_salesforce.api", "hubspot", "alembic.runtime", "sqlalchemy.engine"):
        logging.getLogger(name).error("GET /contacts?email=ana@acme.example")
    assert caplog.text == ""


def test_only_calls_that_went_wrong_are_worth_a_line() -> None:
    heard = io.StringIO()
    logs.configure(heard)
    observer = Logging()
    for status in (200, 204, 0, 404, 503):
        observer.called("sales", Call("GET /contacts", status, 0.1))
    assert [json.loads(line)["status"] for line in heard.getvalue().splitlines()] == [0, 404, 503]


def test_a_tally_counts_each_connection_for_itself() -> None:
    first, second = Tally(), Tally()
    both = Several(first, second)
    both.called("sales", Call("GET /contacts", 200, 0.1))
    both.called("marketing", Call("GET /contacts", 200, 0.1))
    both.pulled("sales", Stream.CONTACTS, 7)
    both.delivered("sales", "values", "written", 3)
    both.delivered("sales", "task", "opened", 1)
    both.scored(5, 0)
    both.phase("sales", "pull")
    for tally in (first, second):
        assert tally.counts("sales") == {"calls": 1, "read.contacts": 7, "opened": 1, "written": 3}
        assert tally.counts("marketing") == {"calls": 1}
        assert tally.persons == 5
