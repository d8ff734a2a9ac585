"""One org: its schema, records, permissions, sessions and allowance, put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.clock import TwinClock
from sandbox.market.source import MarketName
from sandbox.refusals import Refusals
from sandbox.salesforce.access import Access
from sandbox.salesforce.bulk.jobs import JobBook, Pace
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.fields import Value
from sandbox.salesforce.furniture import ADMIN_ID, INBOUND_QUEUE_ID, INTEGRATION_USER_ID, ORG_ID, furniture
from sandbox.salesforce.history import TRACKED, Histories, entries
from sandbox.salesforce.lateness import Lateness
from sandbox.salesforce.records import Judges, Records
from sandbox.salesforce.rules import Rules
from sandbox.salesforce.schema import STANDARD, Schema, SObject
from sandbox.salesforce.sessions import ConnectedApp, Sessions
from sandbox.salesforce.soql.engine import Engine
from sandbox.salesforce.store import Store
from sandbox.salesforce.tooling import Tooling
from sandbox.salesforce.usage import Usage


@dataclass(frozen=True, slots=True)
class OrgSettings:
    """What differs from org to org.

    `hidden_fields` (`Lead.DoNotCall`) are taken out of the user's profile; of `tracked_fields` a history is kept.
    A bulk job takes up to `bulk_seconds` of the
    twin's time; how long, which pages of a query are short, and which writes are seen late, is drawn with `seed`.
    `late_share` of all writes are seen late.
    """

    client_id: str = "3MVG9made0up0consumer0key"
    client_secret: str = "made0up0consumer0secret"  # noqa: S105 - made up, for a twin on loopback
    username: str = "integration@acme.example"
    refresh_token: str = "5Aep861made0up0refresh0token"  # noqa: S105 - made up too
    jwt_public_key: str | None = None
    session_seconds: float = 7200.0
    daily_calls: int = 100_000
    hidden_fields: tuple[str, ...] = ()
    tracked_fields: tuple[str, ...] = TRACKED
    bulk_seconds: float = 2.0
    seed: int = 7
    late_share: float = 0.0


class Org:
    """The parts of one org, with the records that every org has: itself, two users and a queue."""

    def __init__(
        self,
        settings: OrgSettings,
        clock: TwinClock,
        refusals: Refusals,
        wall_seconds: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self.seed = settings.seed
        self.schema = Schema((*STANDARD, *entries(settings.tracked_fields)))
        self.market: MarketName | None = None
        self.store = Store(self.schema, clock, Lateness(settings.late_share, settings.seed))
        self.access = Access(self.schema, self.store)
        self.engine = Engine(self.schema, self.store, self.access)
        self.rules = Rules(self.schema, self.store, clock)
        histories = Histories(self.schema, self.store, settings.tracked_fields)
        judges = Judges(self.rules, refusals)
        self.records = Records(self.schema, self.store, self.access, judges, INBOUND_QUEUE_ID, histories)
        self.tooling = Tooling(self.schema, self.store, self.access, clock)
        self.usage = Usage(clock, settings.daily_calls)
        self.jobs = JobBook(clock, Pace(settings.bulk_seconds, settings.seed))
        app = ConnectedApp(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            username=settings.username,
            user_id=INTEGRATION_USER_ID,
            org_id=ORG_ID,
            refresh_token=settings.refresh_token,
            jwt_public_key=settings.jwt_public_key,
            session_seconds=settings.session_seconds,
        )
        self.sessions = Sessions(app, clock, wall_seconds)
        self._furnish(settings.username)
        for name in settings.hidden_fields:
            self.access.hide(name)
        self._counted_at = 0.0
        self._counts: dict[str, int] = {}

    def object_named(self, name: str) -> SObject:
        """The object a path names.

        Raises:
            SalesforceError: NOT_FOUND.
        """
        sobject = self.schema.find(name)
        if sobject is None:
            raise not_found()
        return sobject

    def record_counts(self) -> Mapping[str, int]:
        """Approximate numbers of records, counted at most once an hour: they lag behind (as recorded)."""
        now = self.clock.seconds()
        if not self._counts or now - self._counted_at > 3600:
            self._counted_at = now
            self._counts = {sobject.name: self.store.count(sobject.name) for sobject in self.schema}
        return self._counts

    def forget(self) -> None:
        """Work out anew what follows from records: they have been replaced."""
        self._counts = {}
        self.access.forget()
        self.jobs.forget()

    def _furnish(self, username: str) -> None:
        now = self.store.now()
        for kind, values in furniture(username):
            self.store.load(kind, values | self.system_values(now, now))

    @staticmethod
    def system_values(created: str, modified: str) -> dict[str, Value]:
        """The system fields of a seeded record, by its stored times."""
        return {
            "CreatedDate": created,
            "CreatedById": ADMIN_ID,
            "LastModifiedDate": modified,
            "LastModifiedById": ADMIN_ID,
            "SystemModstamp": modified,
        }
