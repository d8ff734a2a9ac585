"""Starting the Salesforce twin: its own knobs, the org, and the certificate it is served with."""

from __future__ import annotations

import argparse
import atexit
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import trustme

from sandbox.clock import TwinClock
from sandbox.market.folder import Stored
from sandbox.market.source import Grown
from sandbox.refusals import Refusals
from sandbox.salesforce.crm import SalesforceCrm
from sandbox.salesforce.history import TRACKED
from sandbox.salesforce.org import Org, OrgSettings
from sandbox.salesforce.seed.districts import settle, staff
from sandbox.serve import Launch, Tls

HOSTS = ("127.0.0.1", "localhost", "*.my.salesforce.com", "login.salesforce.com", "test.salesforce.com")

LATE_SHARE = 0.02
"""How many of all writes queries see late, unless told otherwise: one in fifty."""

_STAFF_ONLY = 200
"""The size of the market whose reps and queues an org without people has."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The knobs that only this twin has."""
    standard = OrgSettings()
    parser.add_argument("--client-id", default=standard.client_id, help="consumer key of the external client app")
    parser.add_argument("--client-secret", default=standard.client_secret, help="its consumer secret")
    parser.add_argument("--username", default=standard.username, help="the integration user")
    parser.add_argument("--jwt-public-key", type=Path, help="PEM file; allows the JWT bearer flow")
    parser.add_argument("--ca-out", type=Path, help="where to put the certificate authority's PEM")
    parser.add_argument("--daily-calls", type=int, default=standard.daily_calls, help="API calls in 24 hours")
    parser.add_argument("--session-seconds", type=float, default=standard.session_seconds)
    parser.add_argument("--bulk-seconds", type=float, default=standard.bulk_seconds, help="the longest a bulk job takes")
    parser.add_argument("--late-share", type=share, default=LATE_SHARE, help="of all writes, that queries see late")
    parser.add_argument("--hide-field", action="append", default=[], help="a field out of the user's reach: Lead.DoNotCall")
    parser.add_argument("--track-field", action="append", default=[], help="keep a field's history as well: Lead.Title")


def share(written: str) -> float:
    """A part of one, from 0 to 1. Raises ValueError for anything else."""
    found = float(written)
    if not 0 <= found <= 1:
        raise ValueError(written)
    return found


def build(arguments: argparse.Namespace, clock: TwinClock) -> Launch:
    """The org, seeded, with what a client must know to reach it."""
    settings = settings_of(arguments)
    refusals = Refusals()
    org = Org(settings, clock, refusals)
    as_of = (arguments.as_of or clock.now()).replace(microsecond=0)
    if arguments.market is None:
        seed_org(org, arguments.people, arguments.seed, as_of)
    else:
        settle(org, Stored(arguments.market))
    folder = Path(tempfile.mkdtemp(prefix="salesforce-twin-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ca_file = arguments.ca_out or folder / "ca.pem"
    tls = _certificate(folder, ca_file)
    credentials = {
        "ca_file": str(ca_file),
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "username": settings.username,
        "refresh_token": settings.refresh_token,
    }
    return Launch(SalesforceCrm(org, refusals), credentials, tls)


def settings_of(arguments: argparse.Namespace) -> OrgSettings:
    """The org's settings from the command line."""
    key_file: Path | None = arguments.jwt_public_key
    return OrgSettings(
        client_id=arguments.client_id,
        client_secret=arguments.client_secret,
        username=arguments.username,
        jwt_public_key=None if key_file is None else key_file.read_text(encoding="utf-8"),
        session_seconds=arguments.session_seconds,
        daily_calls=arguments.daily_calls,
        hidden_fields=tuple(arguments.hide_field),
        tracked_fields=(*TRACKED, *arguments.track_field),
        bulk_seconds=arguments.bulk_seconds,
        seed=arguments.seed,
        late_share=arguments.late_share,
    )


def seed_org(org: Org, people: int, seed: int, as_of: datetime) -> None:
    """Fill the org with this CRM's part of the market; without people only users and queues come in."""
    if people > 0:
        settle(org, Grown(people, seed, as_of))
    else:
        staff(org, Grown(_STAFF_ONLY, seed, as_of))


def _certificate(folder: Path, ca_file: Path) -> Tls:
    authority = trustme.CA()
    issued = authority.issue_cert(*HOSTS)
    tls = Tls(folder / "server.pem", folder / "server.key")
    tls.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    tls.key.write_bytes(issued.private_key_pem.bytes())
    authority.cert_pem.write_to_path(str(ca_file))
    return tls
