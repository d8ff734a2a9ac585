"""`/healthz`, `/readyz` and `/metrics` on a port of the daemon's own; off unless `monitoring.port` is set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from leadline.heartbeat import Heartbeat, Pulse
from leadline.metrics import CONTENT_TYPE, Metrics
from leadline.outage import Outage
from leadline.settings.model import Monitoring
from leadline.state.database import DatabaseUnavailable

Answer = tuple[HTTPStatus, str, bytes]


class PortUnavailable(Exception):
    """The monitoring port cannot be opened; says which and why."""


class Monitor:
    """Answers the three questions. Never shows a person, a record or a secret."""

    def __init__(self, heartbeat: Heartbeat, metrics: Metrics, outage: Outage) -> None:
        self._heartbeat = heartbeat
        self._outage = outage
        self._routes: dict[str, Callable[[], Answer]] = {
            "/healthz": self.health,
            "/readyz": self.readiness,
            "/metrics": lambda: (HTTPStatus.OK, CONTENT_TYPE, metrics.text()),
        }

    def answer(self, path: str) -> Answer:
        """The answer to a GET of `path`. A database that is away is a 503 that says so."""
        route = self._routes.get(path)
        if route is None:
            return _told(HTTPStatus.NOT_FOUND, "not found", {"paths": sorted(self._routes)})
        try:
            return route()
        except (DatabaseUnavailable, SQLAlchemyError):
            return _told(HTTPStatus.SERVICE_UNAVAILABLE, "the database cannot be used", {})

    def health(self) -> Answer:
        """200 while every connection had a good cycle within two of its intervals, else 503."""
        pulses = self._pulses()
        silent = [one.connection for one in pulses if one.silent]
        status = HTTPStatus.SERVICE_UNAVAILABLE if silent else HTTPStatus.OK
        return _told(status, f"silent: {', '.join(silent)}" if silent else "ok", _shown(pulses))

    def readiness(self) -> Answer:
        """200 once every connection has had a good cycle since the start of this process, else 503."""
        pulses = self._pulses()
        waiting = [one.connection for one in pulses if not self._heartbeat.heard(one)]
        status = HTTPStatus.SERVICE_UNAVAILABLE if waiting else HTTPStatus.OK
        return _told(status, f"waiting for {', '.join(waiting)}" if waiting else "ready", _shown(pulses))

    def _pulses(self) -> tuple[Pulse, ...]:
        """Without asking a database that is known to be away, which may take long to say so."""
        if self._outage.trouble is not None:
            raise self._outage.trouble
        return self._heartbeat.pulses()


@contextmanager
def served(monitor: Monitor, settings: Monitoring) -> Iterator[int | None]:
    """Serve as long as the block lasts; gives the port, None when monitoring is off.

    Raises:
        PortUnavailable: the port is taken, or not ours to take.
    """
    if settings.port is None:
        yield None
        return
    try:
        server = ThreadingHTTPServer((settings.host, settings.port), _handler(monitor))
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise PortUnavailable(f"monitoring cannot listen on {where}: {error.strerror}") from error
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="monitor", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _shown(pulses: tuple[Pulse, ...]) -> dict[str, Any]:
    shown = {
        one.connection: {
            "last_good_at": None if one.last_good_at is None else one.last_good_at.isoformat(),
            "silent": one.silent,
        }
        for one in pulses
    }
    return {"connections": shown}


def _told(status: HTTPStatus, says: str, more: dict[str, Any]) -> Answer:
    return status, "application/json", json.dumps({"status": says, **more}).encode()


def _handler(monitor: Monitor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, media_type, body = monitor.answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def version_string(self) -> str:
            return "leadline"

        def log_message(self, *arguments: object) -> None:
            """Scrapes are not worth a line."""

    return Handler
