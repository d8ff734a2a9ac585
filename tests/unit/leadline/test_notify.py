"""People hear of a problem once when it begins and once when it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from leadline.notify import Notifier, apprise_sender, send_to
from leadline.problems import Problems
from leadline.state.database import Database
from tests.engine import MovableTime

# Apprise looks for an old module of the standard library at its first message, and does without where it is gone.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

DOWN = "sales cannot be read: no answer"
FIX = "Nothing: it is tried again with every cycle."


class Heard:
    """Somebody who listens, or for a while does not."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self.listens = True

    def __call__(self, title: str, body: str) -> bool:
        if self.listens:
            self.messages.append((title, body))
        return self.listens


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def problems(database: Database) -> Problems:
    return Problems(database, MovableTime().clock())


@pytest.fixture
def notifier(database: Database, heard: Heard) -> Notifier:
    return Notifier(database, MovableTime().clock(), heard)


def test_a_problem_is_told_once_when_it_begins_and_once_when_it_is_over(
    problems: Problems, notifier: Notifier, heard: Heard
) -> None:
    for _ in range(3):
        problems.open("sales:pull", DOWN, FIX)
        notifier.tell()
    assert heard.messages == [("Leadline: problems, 1 new", f"error: {DOWN}. {FIX}")]
    for _ in range(2):
        problems.end("sales:pull")
        notifier.tell()
    assert heard.messages[1:] == [("Leadline: problems, 1 over", f"over: {DOWN}")]


def test_a_problem_that_comes_back_is_news(problems: Problems, notifier: Notifier, heard: Heard) -> None:
    for _ in range(2):
        problems.open("sales:pull", DOWN, FIX)
        notifier.tell()
        problems.end("sales:pull")
        notifier.tell()
    assert [title for title, _ in heard.messages] == ["Leadline: problems, 1 new", "Leadline: problems, 1 over"] * 2


def test_a_problem_that_was_over_before_anybody_heard_is_not_told(
    problems: Problems, notifier: Notifier, heard: Heard
) -> None:
    problems.open("sales:pull", DOWN, FIX)
    problems.end("sales:pull")
    notifier.tell()
    assert heard.messages == []


def test_what_nobody_took_is_told_again_also_by_another_process(
    database: Database, problems: Problems, notifier: Notifier, heard: Heard
) -> None:
    problems.open("sales:pull", DOWN, FIX)
    heard.listens = False
    notifier.tell()
    heard.listens = True
    Notifier(database, MovableTime().clock(), heard).tell()
    notifier.tell()
    assert len(heard.messages) == 1


def test_several_come_in_one_message(problems: Problems, notifier: Notifier, heard: Heard) -> None:
    problems.open("a", "one", FIX)
    notifier.tell()
    problems.end("a")
    problems.open("b", "two", FIX, "warning")
    notifier.tell()
    assert heard.messages[1] == ("Leadline: problems, 1 new, 1 over", f"warning: two. {FIX}\nover: one")


class Hook(HTTPServer):
    """A webhook on loopback that keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, str]] = []
        self.paths: list[str] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                hook.paths.append(self.path)
                hook.bodies.append(json.loads(self.rfile.read(length)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Quiet."""

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_gets_title_and_body(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLINE_TEST_NOTIFY", f"json://127.0.0.1:{hook.server_port}/leadline")
    assert apprise_sender(["env:LEADLINE_TEST_NOTIFY"])("Leadline: problems, 1 new", DOWN)
    (body,) = hook.bodies
    assert (body["title"], body["message"]) == ("Leadline: problems, 1 new", DOWN)


@pytest.mark.parametrize(
    "url", ["nonsense", "json://127.0.0.1:1/nobody", ""], ids=["no such kind", "nobody there", "not set"]
)
def test_a_target_that_does_not_take_it_is_told_to_the_caller(url: str, tmp_path: Path) -> None:
    secret = tmp_path / "notify"
    secret.write_text(url, encoding="utf-8")
    assert not apprise_sender([f"file:{secret}"])("title", "body")


def test_an_address_takes_its_place_in_the_url(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLINE_TEST_NOTIFY", f"json://127.0.0.1:{hook.server_port}/to/{{email}}")
    assert send_to("env:LEADLINE_TEST_NOTIFY", "ana&bo@seller.example", "1 lead waits", "contacts/1 in sales")
    assert hook.paths == ["/to/ana&bo@seller.example"]
    assert not send_to("env:LEADLINE_TEST_NOTIFY", None, "title", "body")
    assert not send_to("env:LEADLINE_TEST_NOTHING", "ana@seller.example", "title", "body")
