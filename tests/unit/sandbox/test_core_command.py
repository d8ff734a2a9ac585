"""The true command over a true socket."""

import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

OWNERS = "/crm/owners/2026-03"


class Twin:
    """A started twin."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.ready = json.loads(process.stdout.readline())
        headers = {"Authorization": f"Bearer {self.ready['token']}"}
        self.http = httpx.Client(base_url=self.ready["url"], headers=headers, timeout=20)

    def stop(self, with_signal: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(with_signal)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    command = [sys.executable, "-m", "sandbox", "hubspot", "--people", "0", "--ready-file", str(tmp_path / "ready")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    started = Twin(process)
    with started.http:
        yield started
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=20)


def test_the_ready_line_says_where_the_twin_is_and_how_to_sign_in(twin: Twin, tmp_path: Path) -> None:
    assert twin.ready["twin"] == "hubspot"
    assert twin.ready["pid"] == twin.process.pid
    assert twin.ready["url"].startswith("http://127.0.0.1:")
    assert json.loads((tmp_path / "ready").read_text()) == twin.ready
    assert twin.http.get(OWNERS).status_code == 200


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_zero_and_no_traceback(twin: Twin, with_signal: signal.Signals) -> None:
    twin.http.get(OWNERS)
    assert twin.stop(with_signal) == (0, "")


def test_a_cut_connection_is_closed_without_an_answer(twin: Twin) -> None:
    twin.http.post("/_twin/faults", json=[{"endpoint": "GET /crm/owners/*", "kind": "cut"}])
    with pytest.raises(httpx.RemoteProtocolError):
        twin.http.get(OWNERS)
    assert twin.http.get(OWNERS).status_code == 200
    assert twin.stop(signal.SIGTERM) == (0, "")


def test_header_names_are_spelled_as_the_crm_spells_them(twin: Twin) -> None:
    names = [name for name, _ in twin.http.get(OWNERS).headers.raw]
    assert {b"Date", b"Content-Type", b"X-HubSpot-RateLimit-Max"} <= set(names)


def test_a_truncated_answer_announces_more_than_it_sends(twin: Twin) -> None:
    whole = len(twin.http.get(OWNERS).content)
    twin.http.post("/_twin/faults", json=[{"endpoint": "GET /crm/owners/*", "kind": "truncate"}])
    received: list[bytes] = []
    with twin.http.stream("GET", OWNERS) as answer:
        assert int(answer.headers["content-length"]) == whole
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(answer.iter_bytes())
    assert len(b"".join(received)) <= whole // 2
    assert twin.stop(signal.SIGTERM) == (0, "")


def test_whatever_http_allows_reaches_the_crm_and_gets_its_own_answer(twin: Twin) -> None:
    for method in ("TRACE", "PROPFIND", "PURGE", "PUT"):
        refused = twin.http.request(method, "/crm/objects/2026-03/contacts")
        assert (refused.status_code, refused.json()["status"]) == (405, "error"), method
    assert twin.http.head(OWNERS).content == b""

    def chunks() -> Iterator[bytes]:
        yield b'{"properties": {"email"'
        yield b': "p@acme.example"}}'

    made = twin.http.post("/crm/objects/2026-03/contacts", content=chunks(), headers={"Expect": "100-continue"})
    assert made.status_code == 201
    garbled = twin.http.post("/crm/objects/2026-03/contacts", content=b"\xff\x00")
    assert (garbled.status_code, garbled.json()["category"]) == (400, "VALIDATION_ERROR")
    assert twin.stop(signal.SIGTERM) == (0, "")


def test_an_open_tls_connection_does_not_hold_up_the_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "salesforce", "--people", "0", "--ca-out", str(tmp_path / "ca.pem")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    trust = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    with httpx.Client(base_url=ready["url"], verify=trust, trust_env=False) as http:
        assert http.get("/services/data").status_code == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    # A server that waits for the client to hang up says on standard error that its patience ended.
    assert (process.returncode, errors) == (0, "")


def test_the_default_faults_are_called_by_name(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "hubspot", "--people", "0", "--faults", "default:100:3"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    started = Twin(process)
    with started.http:
        calm = {"X-Twin-Calm": "1"}
        assert [started.http.get(OWNERS, headers=calm).status_code for _ in range(20)] == [200] * 20
        with suppress(httpx.HTTPError):
            started.http.get(OWNERS)
        (entry,) = started.http.get("/_twin/journal?fault=?*").json()["entries"]
        assert entry["fault"]
        started.stop(signal.SIGTERM)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nosuch"], "invalid choice"),
        (["hubspot", "--nonsense"], "unrecognized arguments"),
        (["hubspot", "--faults", "default:much"], "--faults"),
        (["hubspot", "--faults", "no-such-file"], "no-such-file"),
    ],
)
def test_a_wrong_command_line_is_explained(arguments: list[str], word: str) -> None:
    command = [sys.executable, "-m", "sandbox", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert word in done.stderr
