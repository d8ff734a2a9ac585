"""Who may call, and how often: tokens, rate windows, the daily allowance."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.hubspot import scopes
from sandbox.hubspot.problems import CREDENTIALS_NOT_FOUND, Problem, locked, too_many

ACCESS_TOKEN_SECONDS = 1_800
LOCK = timedelta(seconds=2)
ACCOUNT_ZONE = ZoneInfo("America/New_York")
"""The account's time zone, in which the daily allowance starts anew at midnight."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Made-up secrets of one account: a static token, and an OAuth app with its refresh token.

    Both have been granted every scope but `without_scopes`.
    """

    token: str = "pat-eu1-made-up"  # noqa: S105 - made up
    client_id: str = "00000000-made-up-client"
    client_secret: str = "made-up-client-secret"  # noqa: S105 - made up
    refresh_token: str = "eu1-made-up-refresh"  # noqa: S105 - made up
    without_scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much is allowed (defaults: Professional tier; HubSpot docs: usage limits)."""

    burst_per_ten_seconds: int = 190
    oauth_per_ten_seconds: int = 110
    associations_per_ten_seconds: int = 150
    searches_per_second: int = 5
    per_day: int = 625_000
    upserts_before_lock: int = 2_000


class Tokens:
    """Static and OAuth access tokens, with their ends and what they may do."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self.granted = scopes.ALL - credentials.without_scopes
        self._expires: dict[str, datetime] = {}
        self._revoked: set[str] = set()
        self._letters = random.Random(credentials.refresh_token)

    def check(self, headers: Mapping[str, str], now: datetime) -> str:
        """The caller's token.

        Raises:
            Problem: 401 INVALID_AUTHENTICATION without a known token, EXPIRED_AUTHENTICATION after its end.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token in self._revoked:
            raise Problem(401, "INVALID_AUTHENTICATION", CREDENTIALS_NOT_FOUND)
        if token == self._credentials.token:
            return token
        ends = self._expires.get(token)
        if ends is None:
            raise Problem(401, "INVALID_AUTHENTICATION", CREDENTIALS_NOT_FOUND)
        if ends <= now:
            message = f"The OAuth token used to make this call expired {int((now - ends).total_seconds())} second(s) ago."
            raise Problem(401, "EXPIRED_AUTHENTICATION", message)
        return token

    def is_static(self, token: str) -> bool:
        """Whether this is the account's static token."""
        return token == self._credentials.token

    def expire(self, headers: Mapping[str, str], now: datetime) -> None:
        """End the token of these headers: an OAuth one expires, the static one is revoked for good."""
        token = headers.get("authorization", "").partition(" ")[2]
        if token in self._expires:
            self._expires[token] = now - timedelta(seconds=1)
        elif token == self._credentials.token:
            self._revoked.add(token)

    def issue(self, client_id: str | None, client_secret: str | None, refresh_token: str | None, now: datetime) -> str:
        """A new access token, for a refresh token that has not been revoked.

        Raises:
            Problem: 400 BAD_CLIENT_ID or BAD_REFRESH_TOKEN.
        """
        self.check_app(client_id, client_secret)
        mine = self._credentials.refresh_token
        if refresh_token != mine or mine in self._revoked:
            raise oauth_problem("BAD_REFRESH_TOKEN", "missing or unknown refresh token")
        token = f"CMade-up-{self._letters.getrandbits(64):016x}"
        self._expires[token] = now + timedelta(seconds=ACCESS_TOKEN_SECONDS)
        return token

    def check_app(self, client_id: str | None, client_secret: str | None) -> None:
        """Refuse any other app than the account's. Raises `Problem` 400 BAD_CLIENT_ID."""
        mine = self._credentials
        if (client_id, client_secret) != (mine.client_id, mine.client_secret):
            raise oauth_problem("BAD_CLIENT_ID", "missing or invalid client id or secret")

    def revoke(self, token: str) -> None:
        """End a token. Access tokens that a refresh token has given live on until they expire (HubSpot docs: OAuth)."""
        self._revoked.add(token)

    def seconds_left(self, token: str, now: datetime) -> int:
        """How long an access token of the app will be taken; 0 when it is none, has expired or was revoked."""
        ends = self._expires.get(token)
        if ends is None or token in self._revoked:
            return 0
        return max(0, int((ends - now).total_seconds()))

    def refreshes(self, token: str) -> bool:
        """Whether this is the app's refresh token, and still good."""
        return token == self._credentials.refresh_token and token not in self._revoked


def oauth_problem(code: str, message: str) -> Problem:
    """400 of the OAuth endpoints: the code is both status and category."""
    return Problem(400, code, message, extra={"status": code})


class Window:
    """Calls within a rolling window. Refused calls count too, so that hammering does not help (believed)."""

    def __init__(self, limit: int, width_seconds: float) -> None:
        self.limit = limit
        self._width_seconds = width_seconds
        self._times: deque[float] = deque()

    def take(self, at_seconds: float) -> bool:
        """Count one call; False when it is over the limit."""
        times = self._times
        while times and times[0] <= at_seconds - self._width_seconds:
            times.popleft()
        times.append(at_seconds)
        return len(times) <= self.limit

    def remaining(self) -> int:
        """Calls left, as of the last one."""
        return max(0, self.limit - len(self._times))


class Locks:
    """Locks on object types that are upserted into by the thousand within moments (HubSpot docs: 423).

    How many it takes is made up; a lock holds for two seconds.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._recent: dict[str, deque[tuple[datetime, int]]] = {}
        self._ends: dict[str, datetime] = {}

    def take(self, kind: str, records: int, now: datetime) -> None:
        """Count upserted records of a type.

        Raises:
            Problem: 423 LOCKED while a lock holds, and when these are too many within two seconds.
        """
        recent = self._recent.setdefault(kind, deque())
        while recent and recent[0][0] <= now - LOCK:
            recent.popleft()
        if now < self._ends.get(kind, now):
            raise locked()
        recent.append((now, records))
        if sum(number for _, number in recent) > self._most:
            self._ends[kind] = now + LOCK
            raise locked()


class Limits:
    """All limits of one account (HubSpot docs: usage limits)."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._burst = Window(allowance.burst_per_ten_seconds, 10.0)
        self._oauth = Window(allowance.oauth_per_ten_seconds, 10.0)
        self._associations = Window(allowance.associations_per_ten_seconds, 10.0)
        self._search = Window(allowance.searches_per_second, 1.0)
        self._day_ends = datetime.min.replace(tzinfo=UTC)
        self.used_today = 0

    def resets_at(self) -> datetime:
        """When the daily count starts anew, as of the last call."""
        return self._day_ends

    def take_search(self, now: datetime, request_id: str) -> None:
        """Count a search: its own limit per second, and the day's; not the ten-second one.

        Raises:
            Problem: 429 SECONDLY or DAILY.
        """
        self.take_day(now, request_id)
        if not self._search.take(now.timestamp()):
            raise too_many("SECONDLY", request_id)

    def take(self, now: datetime, request_id: str, static: str, lane: str) -> tuple[tuple[str, str], ...]:
        """Count any other call and return the rate headers of its answer.

        `static` is "static" for the account's own token and "oauth" for an app's, which has no daily count;
        `lane` "associations" counts against the limit of that API as well.

        Raises:
            Problem: 429 DAILY or TEN_SECONDLY_ROLLING.
        """
        if static == "static":
            self.take_day(now, request_id)
        window = self._burst if static == "static" else self._oauth
        fits = window.take(now.timestamp())
        if lane == "associations":
            fits = self._associations.take(now.timestamp()) and fits
        if not fits:
            raise too_many("TEN_SECONDLY_ROLLING", request_id)
        return self._headers(window, static)

    def take_day(self, now: datetime, request_id: str) -> None:
        """Count against the day.

        Raises:
            Problem: 429 DAILY when the allowance is used up.
        """
        if now >= self._day_ends:
            self.used_today = 0
            tomorrow = now.astimezone(ACCOUNT_ZONE).date() + timedelta(days=1)
            midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ACCOUNT_ZONE)
            self._day_ends = midnight.astimezone(UTC)
        if self.used_today >= self.allowance.per_day:
            raise too_many("DAILY", request_id)
        self.used_today += 1

    def _headers(self, window: Window, static: str) -> tuple[tuple[str, str], ...]:
        burst = (
            ("X-HubSpot-RateLimit-Interval-Milliseconds", "10000"),
            ("X-HubSpot-RateLimit-Max", str(window.limit)),
            ("X-HubSpot-RateLimit-Remaining", str(window.remaining())),
        )
        if static != "static":
            return burst
        left = self.allowance.per_day - self.used_today
        return (
            *burst,
            ("X-HubSpot-RateLimit-Daily", str(self.allowance.per_day)),
            ("X-HubSpot-RateLimit-Daily-Remaining", str(left)),
        )
