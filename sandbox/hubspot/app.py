"""Command line and construction of the HubSpot twin."""

from __future__ import annotations

import argparse
from collections import deque

from sandbox.clock import TwinClock
from sandbox.hubspot import scopes
from sandbox.hubspot.access import Allowance, Credentials
from sandbox.hubspot.account import Account, Setup
from sandbox.hubspot.crm import HubSpotTwin
from sandbox.hubspot.kinds import KINDS, named
from sandbox.hubspot.rules import requirement
from sandbox.hubspot.seed import owners_of
from sandbox.hubspot.stock import Stock
from sandbox.market.folder import open_market
from sandbox.serve import Launch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The knobs of this twin: made-up secrets and limits."""
    secrets, allowance = Credentials(), Allowance()
    parser.add_argument("--token", default=secrets.token, help="static token that is accepted")
    parser.add_argument("--client-id", default=secrets.client_id, help="OAuth app")
    parser.add_argument("--client-secret", default=secrets.client_secret, help="its secret")
    parser.add_argument("--refresh-token", default=secrets.refresh_token, help="its refresh token")
    parser.add_argument("--burst-limit", type=int, default=allowance.burst_per_ten_seconds, help="calls per 10 s")
    parser.add_argument("--search-limit", type=int, default=allowance.searches_per_second, help="searches per s")
    parser.add_argument(
        "--association-limit", type=int, default=allowance.associations_per_ten_seconds, help="calls per 10 s"
    )
    parser.add_argument("--daily-limit", type=int, default=allowance.per_day, help="calls per day")
    parser.add_argument(
        "--without-scope", action="append", default=[], choices=sorted(scopes.ALL), metavar="SCOPE", help="one not granted"
    )
    parser.add_argument(
        "--require",
        action="append",
        default=[],
        type=requirement,
        metavar="OBJECT.PROPERTY[?PROPERTY=VALUE]",
        help="a property that writes of version 2026-09 must leave filled",
    )

    parser.add_argument(
        "--warm",
        action="append",
        default=[],
        choices=[kind.name for kind in KINDS],
        help="make all records of this type before the start; otherwise each is made when somebody looks for it",
    )


def build(arguments: argparse.Namespace, clock: TwinClock) -> Launch:
    """The twin with its market; with `--people 0` an account that has only owners."""
    credentials = Credentials(
        token=arguments.token,
        client_id=arguments.client_id,
        client_secret=arguments.client_secret,
        refresh_token=arguments.refresh_token,
        without_scopes=frozenset(arguments.without_scope),
    )
    allowance = Allowance(
        burst_per_ten_seconds=arguments.burst_limit,
        associations_per_ten_seconds=arguments.association_limit,
        searches_per_second=arguments.search_limit,
        per_day=arguments.daily_limit,
    )
    as_of = (arguments.as_of or clock.now()).replace(microsecond=0)
    source = open_market(arguments.market, arguments.people, arguments.seed, as_of)
    setup = Setup(credentials, allowance, owners_of(source.ground.owners), tuple(arguments.require))
    account = Account(setup, clock, Stock(source))
    for name in arguments.warm:
        deque(account.records(named(name)).live(), maxlen=0)
    shown = {
        "token": credentials.token,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "refresh_token": credentials.refresh_token,
    }
    return Launch(HubSpotTwin(account), shown)
