"""A server that answers what a test wrote down: for answers that no well-behaved HubSpot gives on demand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What to answer. `claims` is the Content-Length to announce instead of the true one, `cut` to give no answer."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    claims: int | None = None
    raw: bytes | None = None
    delay_seconds: float = 0.0
    cut: bool = False


class Script:
    """Answers in the order they were given; `asked` is what came in, `answered` what was said to it."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.answered: list[Answer] = []
        self.connections = 0
        self._answers: list[Answer] = []
        self.rule: Callable[[Asked], tuple[int, Any]] | None = None

    def then(self, body: Any = None, status: int = 200, **more: Any) -> Script:
        self._answers.append(Answer(status, body, **more))
        return self

    def by(self, rule: Callable[[Asked], tuple[int, Any]]) -> None:
        """Answer by a rule from now on: status and body for a request."""
        self.rule = rule

    def next(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        self.answered.append(self._answer(asked))
        return self.answered[-1]

    def _answer(self, asked: Asked) -> Answer:
        if self.rule is not None:
            return Answer(*self.rule(asked))
        return self._answers.pop(0) if self._answers else Answer(500, {"message": "the script has ended"})


@contextmanager
def serving() -> Iterator[Script]:
    """A script behind a loopback port."""
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            script.connections += 1
            super().setup()

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            address = urlsplit(self.path)
            asked = Asked(
                self.command,
                address.path,
                parse_qsl(address.query),
                json.loads(sent) if sent else None,
                dict(self.headers.items()),
            )
            answer = script.next(asked)
            sleep(answer.delay_seconds)
            if answer.cut:
                self.close_connection = True
                return
            data = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data) if answer.claims is None else answer.claims))
            self.end_headers()
            self.wfile.write(data)
            if answer.claims is not None:
                self.close_connection = True

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - names the base class looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
