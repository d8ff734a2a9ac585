"""Command line and construction of the HubSpot twin."""

from __future__ import annotations

import argparse

from sandbox.clock import TwinClock
from sandbox.hubspot.access import Allowance, Credentials
from sandbox.hubspot.account import Account, Setup
from sandbox.hubspot.crm import HubSpotTwin
from sandbox.hubspot.seed import owners_of
from sandbox.hubspot.stock import Stock
from sandbox.market.source import Grown
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


def build(arguments: argparse.Namespace, clock: TwinClock) -> Launch:
    """The twin with its market; with `--people 0` an account that has only owners."""
    credentials = Credentials(arguments.token, arguments.client_id, arguments.client_secret, arguments.refresh_token)
    allowance = Allowance(
        burst_per_ten_seconds=arguments.burst_limit,
        associations_per_ten_seconds=arguments.association_limit,
        searches_per_second=arguments.search_limit,
        per_day=arguments.daily_limit,
    )
    as_of = (arguments.as_of or clock.now()).replace(microsecond=0)
    source = Grown(arguments.people, arguments.seed, as_of)
    account = Account(Setup(credentials, allowance, owners_of(source.ground.owners)), clock, Stock(source))
    shown = {
        "token": credentials.token,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "refresh_token": credentials.refresh_token,
    }
    return Launch(HubSpotTwin(account), shown)
