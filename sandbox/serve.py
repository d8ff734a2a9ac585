"""Running a twin on loopback: the socket, the server, the ready line, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.clock import TwinClock
from sandbox.exchange import Crm
from sandbox.faults import FaultPlan
from sandbox.gate import HANG_UP, Gate
from sandbox.journal import Journal

LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files of a server certificate (with its chain) and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Launch:
    """A CRM ready to be served, with what its clients must know.

    `credentials` (made up) go into the ready line. With `tls` it is served over https.
    """

    crm: Crm
    credentials: Mapping[str, str] = field(default_factory=dict)
    tls: Tls | None = None


class _Spelled(bytes):
    """A header name that the server sends as it is spelled here, where it would send it in lower case."""

    def lower(self) -> bytes:
        return self


def _keep_spelling(gate: Gate) -> ASGIApp:
    """Send header names as the CRMs spell them: some clients know no other spelling."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def spell(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [(_spelled(name), value) for name, value in message["headers"]]
            await send(message)

        await gate(scope, receive, spell)

    return app


def _spelled(name: bytes) -> bytes:
    # The server looks for this one in lower case, and must find it.
    return name.lower() if name.lower() == b"content-length" else _Spelled(name)


class _HangUpProtocol(HttpToolsProtocol):
    """HTTP that an app may end in the middle of an answer, and that does not linger at the end of the server."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {HANG_UP: {"close": self.transport.close}}

    def shutdown(self) -> None:
        # Closing TLS waits for the client's farewell, which an idle one does not send.
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()


class _TwinServer(uvicorn.Server):
    """A server that leaves the signals to its caller, so that SIGTERM ends the process with exit code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one."""
    # The protocol is named because asyncio switches off the delay of small packets only then.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    return listener


def run(launch: Launch, clock: TwinClock, faults: FaultPlan, port: int, ready_file: Path | None) -> None:
    """Serve until SIGTERM or SIGINT. Prints one line of JSON (and writes it to `ready_file`) once it listens."""
    gate = Gate(launch.crm, clock, Journal(), faults)
    config = uvicorn.Config(
        _keep_spelling(gate),
        http=_HangUpProtocol,
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,
        ssl_certfile=None if launch.tls is None else launch.tls.certificate,
        ssl_keyfile=None if launch.tls is None else launch.tls.key,
    )
    listener = listen(port)
    line = _ready_line(launch, listener.getsockname()[1])
    gc.collect()
    gc.freeze()
    asyncio.run(_serve(_TwinServer(config), listener, line, ready_file))


def _ready_line(launch: Launch, port: int) -> str:
    scheme = "http" if launch.tls is None else "https"
    facts = {"twin": launch.crm.name, "url": f"{scheme}://{LOOPBACK}:{port}", "pid": os.getpid()}
    return json.dumps(facts | dict(launch.credentials))


async def _serve(server: _TwinServer, listener: socket.socket, line: str, ready_file: Path | None) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop)
    serving = loop.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        if ready_file is not None:
            await asyncio.to_thread(_write_whole, ready_file, line + "\n")
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    await serving


def _write_whole(path: Path, text: str) -> None:
    """Write so that a reader sees nothing or all of it."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
