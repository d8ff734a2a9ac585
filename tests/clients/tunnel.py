"""A CONNECT proxy that leads the CRMs' public host names to the twins, and nothing else anywhere.

A client with a built-in host name is given this proxy and the certificate authorities of both twins; it talks TLS to
`api.hubapi.com` as it would in production. Names that are not listed are refused, so nothing leaves loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import trustme

LOOPBACK = "127.0.0.1"
CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Target:
    """A twin's port. `names` are host name patterns; a plain-http twin gets TLS put in front of it."""

    names: tuple[str, ...]
    port: int
    speaks_tls: bool


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A running proxy. `refused` lists the hosts that clients asked for in vain."""

    url: str
    refused: list[str]


@contextlib.contextmanager
def tunnel(targets: tuple[Target, ...], ca_out: Path) -> Iterator[Tunnel]:
    """Run the proxy on a free port beside the caller. `ca_out` gets the certificate of its own authority (PEM)."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_out))
    proxy = _Proxy(targets, authority)
    thread = threading.Thread(target=asyncio.run, args=(proxy.serve(),))
    thread.start()
    try:
        port = proxy.port.result(timeout=10)
        yield Tunnel(f"http://{LOOPBACK}:{port}", proxy.refused)
    finally:
        proxy.stop()
        thread.join(timeout=10)


class _Proxy:
    """Accepts CONNECT, finds the twin of the asked name, and carries bytes both ways."""

    def __init__(self, targets: tuple[Target, ...], authority: trustme.CA) -> None:
        self._targets = targets
        self._authority = authority
        self._entrances: dict[Target, int] = {}
        self._ended: Future[None] = Future()
        self.port: Future[int] = Future()
        self.refused: list[str] = []

    def stop(self) -> None:
        """End `serve`, from any thread."""
        self._ended.set_result(None)

    async def serve(self) -> None:
        """Serve until `stop` is called; `port` is set once the proxy listens."""
        async with contextlib.AsyncExitStack() as stack:
            for target in self._targets:
                self._entrances[target] = await stack.enter_async_context(self._entrance(target))
            async with await asyncio.start_server(self._accept, LOOPBACK, 0) as server:
                self.port.set_result(int(server.sockets[0].getsockname()[1]))
                await asyncio.wrap_future(self._ended)

    @contextlib.asynccontextmanager
    async def _entrance(self, target: Target) -> AsyncIterator[int]:
        """The port where TLS is spoken for this target: its own, or one opened here in front of it."""
        if target.speaks_tls:
            yield target.port
            return
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(*target.names).configure_cert(context)

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _join((reader, writer), target.port)

        async with await asyncio.start_server(carry, LOOPBACK, 0, ssl=context) as server:
            yield int(server.sockets[0].getsockname()[1])

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            writer.close()
            return
        method, _, rest = head.partition(" ")
        host, _, port = rest.partition(" ")[0].rpartition(":")
        target = self._target(host) if method == "CONNECT" and port == "443" else None
        if target is None:
            self.refused.append(f"{method} {host}:{port}")
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _join((reader, writer), self._entrances[target])

    def _target(self, host: str) -> Target | None:
        return next((t for t in self._targets if any(fnmatchcase(host.lower(), name) for name in t.names)), None)


async def _join(client: tuple[asyncio.StreamReader, asyncio.StreamWriter], port: int) -> None:
    """Carry bytes both ways between a client and a local port until both have ended."""
    reader, writer = client
    try:
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        writer.close()
        return
    # A cancelled connection is the proxy's own end, which needs no report.
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(ConnectionError, RuntimeError):
        writer.close()
