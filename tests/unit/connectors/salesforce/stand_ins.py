"""Two stand-ins for an org: one scripted reply by reply, and the twin as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

from connectors.budget import Budget
from connectors.contract import Call, Context
from connectors.salesforce.client import Client, OrgSession
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.org import Org
from connectors.salesforce.paths import ROW_CREATE, ROW_UPDATE, Endpoint, Request
from connectors.salesforce.schema import Schemas
from connectors.salesforce.settings import SalesforceSettings

ROOT = Path(__file__).parents[4]
TOKEN = "00Dmade0up!token"  # made up
SECRET = "made-up-consumer-secret"  # made up


class MovableClock:
    """The time of a test; it stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@dataclass(frozen=True)
class Answer:
    """One scripted HTTP answer; `body` is sent as JSON unless it is bytes."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request as the scripted org saw it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Script = Callable[[Asked], Answer]


class ScriptedOrg(BaseAdapter):
    """Answers the sign-in itself and everything else by the script."""

    def __init__(self) -> None:
        super().__init__()
        self.script: Script = lambda _: Answer([])
        self.sign_ins: list[Answer] = []
        self.asked: list[Asked] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        query = {name: found[0] for name, found in parse_qs(parts.query).items()}
        body = request.body or b""
        text = body.decode() if isinstance(body, bytes) else body
        asked = Asked(request.method or "", parts.path, query, dict(request.headers), text)
        self.asked.append(asked)
        if parts.path.endswith("/oauth2/token"):
            good = Answer({"access_token": TOKEN, "id": "https://acme.my.salesforce.com/id/00D1/0051"})
            answer = self.sign_ins.pop(0) if self.sign_ins else good
        else:
            answer = self.script(asked)
        return _response(request, answer)

    def close(self) -> None:
        pass

    def paths(self) -> list[str]:
        return [asked.path.rpartition("/v67.0/")[2] for asked in self.asked]


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response.url = request.url or ""
    response.request = request
    response._content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    return response


@dataclass
class World:
    """A scripted org with everything that a part of the connector needs."""

    scripted: ScriptedOrg
    clock: MovableClock
    calls: list[Call]
    context: Context
    client: Client
    org: Org


def scripted_world(clock: MovableClock, **more: Any) -> World:
    """An org that answers by script, with pages of two rows."""
    settings = SalesforceSettings.model_validate(
        {
            "instance_url": "https://acme.my.salesforce.com",
            "auth": {"flow": "client_credentials", "client_id": "made-up-key", "client_secret": "env:SF_SECRET"},
            "page_size": 2,
        }
        | more
    )
    calls: list[Call] = []
    budget = Budget(SalesforceConnector.limits(settings), now=clock, sleep=lambda _: None)
    context = Context("sales", clock, budget, calls.append)
    session = OrgSession(settings.timeout_seconds, None)
    scripted = ScriptedOrg()
    session.mount("https://", scripted)
    client = Client(settings, context, session)
    return World(scripted, clock, calls, context, client, Org(settings, context, client, Schemas(client, context)))


@dataclass(frozen=True)
class Twin:
    """A running twin and what it told on start."""

    ready: Mapping[str, Any]

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    def control(self, name: str, body: Any = None) -> Any:
        """The twin's control surface: GET without a body, POST with one."""
        method = "GET" if body is None else "POST"
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self.ready["ca_file"]
            response = session.request(method, f"{self.url}/_twin/{name}", json=body, timeout=30)
        response.raise_for_status()
        return response.json()


@contextmanager
def running_twin(folder: Path, *options: str) -> Iterator[Twin]:
    """A twin as a process of its own, ended when the block ends. Queries see every write at once, unless told otherwise."""
    command = [sys.executable, "-m", "sandbox", "salesforce", "--port", "0", "--ca-out", str(folder / "ca.pem")]
    command += ["--late-share", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield Twin(json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait(timeout=20)


def settings_for(twin: Twin, monkeypatch: pytest.MonkeyPatch, **more: Any) -> SalesforceSettings:
    """Settings of a connection to the twin, with the demo's field map."""
    monkeypatch.setenv("SF_SECRET", str(twin.ready["client_secret"]))
    person = {
        "budget": "Budget__c",
        "budget_status": "Budget_Status__c",
        "buying_role": "Buying_Role__c",
        "purchase_timeframe": "Purchase_Timeframe__c",
        "target_date": "Target_Go_Live__c",
        "pain_point": "Pain_Point__c",
    }
    return SalesforceSettings.model_validate(
        {
            "instance_url": twin.url,
            "auth": {
                "flow": "client_credentials",
                "client_id": twin.ready["client_id"],
                "client_secret": "env:SF_SECRET",
            },
            "ca_file": twin.ready["ca_file"],
            "calls_per_10_seconds": 1000,
            "map": {"person": person},
        }
        | more
    )


def connector_for(settings: SalesforceSettings, calls: list[Call] | None = None) -> SalesforceConnector:
    """A connector in real time."""

    def now() -> datetime:
        return datetime.now(UTC)

    budget = Budget((), now=now, sleep=lambda _: None)
    return SalesforceConnector(settings, Context("sales", now, budget, (calls if calls is not None else []).append))


class Control:
    """Changes the org as somebody else would: past the connector, over the same session."""

    def __init__(self, connector: SalesforceConnector) -> None:
        self._client = connector._org.client

    def ids(self, soql: str) -> list[str]:
        return [str(values["Id"]) for values in self._client.query(soql).records]

    def row(self, object_name: str, record_id: str) -> dict[str, Any]:
        return self._client.ask(
            Request(Endpoint("GET", ROW_UPDATE.template), {"object": object_name, "id": record_id}), dict[str, Any]
        )

    def create(self, object_name: str, values: Mapping[str, Any]) -> str:
        request = Request(ROW_CREATE, {"object": object_name}, payload=dict(values))
        return str(self._client.ask(request, dict[str, Any])["id"])

    def update(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        self._client.run(Request(ROW_UPDATE, {"object": object_name, "id": record_id}, payload=dict(values)))

    def delete(self, object_name: str, record_id: str) -> None:
        self._client.run(Request(Endpoint("DELETE", ROW_UPDATE.template), {"object": object_name, "id": record_id}))
