"""Records that an account came with: made where somebody looks, seen with what became of them."""

import shutil
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from sandbox.__main__ import parser_for
from sandbox.hubspot.account import Account, Setup
from sandbox.hubspot.app import build
from sandbox.hubspot.crm import HubSpotTwin
from sandbox.hubspot.kinds import CALLS, COMPANIES, CONTACTS, DEALS, KINDS
from sandbox.hubspot.records import FIRST_ID, Row
from sandbox.hubspot.state import state_of
from sandbox.hubspot.stock import Stock
from sandbox.market.folder import MarketFolderError, store
from sandbox.market.generate import District, Ground
from sandbox.market.source import Grown, MarketName, Place
from tests.unit.sandbox.twin_client import Bench, HubSpotBench, still_clock

AS_OF = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NOW_MS = 1_795_338_000_000


class Watched:
    """A market that notes which of its districts were asked for."""

    def __init__(self, market: Grown) -> None:
        self._market = market
        self.name: MarketName = market.name
        self.ground: Ground = market.ground
        self.places = market.places
        self.asked: list[int] = []

    def district(self, place: Place) -> District:
        self.asked.append(place.number)
        return self._market.district(place)


@pytest.fixture(scope="module")
def grown() -> Grown:
    return Grown(420, 7, AS_OF)


@pytest.fixture
def market(grown: Grown) -> Watched:
    return Watched(grown)


@pytest.fixture
def account(market: Watched) -> Account:
    return Account(Setup(), still_clock(), Stock(market))


@pytest.fixture
def desk(account: Account) -> HubSpotBench:
    return HubSpotBench(Bench(HubSpotTwin(account), account.clock), account)


def ids(rows: list[Row]) -> list[int]:
    return [row.id for row in rows]


def contact(account: Account, number: int) -> Row:
    row = account.records(CONTACTS).find(str(number))
    assert row is not None
    return row


def test_an_account_starts_without_making_anything(desk: HubSpotBench, market: Watched) -> None:
    assert desk.http.get("/_twin/health").status_code == 200
    assert market.asked == []


def test_a_first_page_of_contacts_makes_one_district_of_them_and_no_activities(desk: HubSpotBench, market: Watched) -> None:
    page = desk.http.get("/crm/objects/2026-03/contacts", params={"limit": 100}).json()
    assert len(page["results"]) == 100
    assert market.asked == [0]


def test_a_district_is_made_once(account: Account, market: Watched) -> None:
    for _ in range(3):
        account.records(CONTACTS).page(0, 10)
    assert market.asked == [0]


def test_an_id_leads_to_its_district_alone(account: Account, market: Watched) -> None:
    last = FIRST_ID + sum(place.hubspot.contacts for place in market.places) - 1
    assert contact(account, last).id == last
    assert account.records(CONTACTS).find(str(last + 1)) is None
    assert market.asked == [market.places[-1].number]


def test_pages_join_districts_without_gap_or_repetition(account: Account, market: Watched) -> None:
    for kind, name in ((CONTACTS, "contacts"), (COMPANIES, "companies"), (CALLS, "calls")):
        records, after, seen = account.records(kind), 0, list[int]()
        while rows := records.page(after, 37):
            seen += ids(rows)
            after = rows[-1].id + 1
        assert seen == list(range(FIRST_ID, FIRST_ID + sum(getattr(place.hubspot, name) for place in market.places)))


def test_links_of_contacts_are_there_whatever_was_looked_at_before(grown: Grown) -> None:
    forwards, backwards = (Account(Setup(), still_clock(), Stock(grown)) for _ in range(2))
    rows = list(forwards.records(CONTACTS).live())
    pairs = [(row.id, kind) for row in rows for kind in (COMPANIES, CALLS, DEALS)]
    found = [list(forwards.links.of(CONTACTS, number, kind).items()) for number, kind in pairs]
    assert any(found)
    assert [list(backwards.links.of(CONTACTS, number, kind).items()) for number, kind in reversed(pairs)] == found[::-1]


def test_every_link_is_known_from_both_ends(account: Account) -> None:
    links = {(start, to, one, other) for start, to, one, other, _ in account.links.pairs()}
    assert links
    assert {(to, start, other, one) for start, to, one, other in links} == links


def test_what_was_changed_is_seen_on_pages_and_by_id(account: Account) -> None:
    records = account.records(CONTACTS)
    records.change(contact(account, FIRST_ID + 1), {"jobtitle": "CFO"}, NOW_MS)
    assert [row.properties.get("jobtitle") == "CFO" for row in records.page(0, 3)] == [False, True, False]
    assert contact(account, FIRST_ID + 1).properties["jobtitle"] == "CFO"


def test_archived_and_purged_ones_leave_their_page_and_others_move_up(account: Account) -> None:
    records = account.records(CONTACTS)
    records.archive(contact(account, FIRST_ID + 1), NOW_MS)
    records.purge(contact(account, FIRST_ID + 3))
    assert ids(records.page(0, 3)) == [FIRST_ID, FIRST_ID + 2, FIRST_ID + 4]
    assert ids(records.archived_page(0, 3)) == [FIRST_ID + 1]
    assert records.find(str(FIRST_ID + 3)) is None
    assert ids(list(records.all()))[:4] == [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2, FIRST_ID + 4]


def test_a_whole_page_of_archived_records_does_not_end_the_list(account: Account) -> None:
    records = account.records(CONTACTS)
    for number in range(FIRST_ID, FIRST_ID + 20):
        records.archive(contact(account, number), NOW_MS)
    assert ids(records.page(0, 5)) == list(range(FIRST_ID + 20, FIRST_ID + 25))


def test_new_records_come_after_those_that_were_there(account: Account, market: Watched) -> None:
    end = FIRST_ID + sum(place.hubspot.contacts for place in market.places)
    made = account.records(CONTACTS).create({"firstname": "Ann"}, NOW_MS)
    assert made.id == end
    assert ids(account.records(CONTACTS).page(end - 2, 10)) == [end - 2, end - 1, end]


def test_an_address_is_found_until_it_is_given_up(account: Account) -> None:
    records = account.records(CONTACTS)
    row = next(row for row in records.live() if "email" in row.properties)
    address = row.properties["email"]
    assert records.find_by("email", address.upper()) == row
    changed = records.change(row, {"email": "new@seller.example"}, NOW_MS)
    assert records.find_by("email", address) is None
    assert records.find_by("email", "new@seller.example") == changed
    records.archive(changed, NOW_MS)
    assert records.find_by("email", "new@seller.example") is None


def test_a_page_shows_a_change_to_a_record_that_it_showed_before(desk: HubSpotBench) -> None:
    def titles() -> list[str | None]:
        page = desk.http.get("/crm/objects/2026-03/contacts", params={"limit": 3, "properties": "jobtitle"})
        return [result["properties"]["jobtitle"] for result in page.json()["results"]]

    before = titles()
    body = {"properties": {"jobtitle": "Chief of Tests"}}
    desk.http.patch(f"/crm/objects/2026-03/contacts/{FIRST_ID}", json=body)
    assert titles() == ["Chief of Tests", *before[1:]]


def test_looking_about_changes_nothing(account: Account, grown: Grown) -> None:
    untouched = Account(Setup(), still_clock(), Stock(grown))
    looked = list(chain.from_iterable(account.records(kind).live() for kind in KINDS))
    assert looked
    assert state_of(account) == state_of(untouched)


def test_a_warmed_type_is_made_before_the_start(tmp_path: Path) -> None:
    # More districts than a market in a folder remembers.
    folder = tmp_path / "market"
    store(folder, MarketName(1_800, 7, AS_OF), 1, lambda _: None)
    options = parser_for("hubspot").parse_args(["--market", str(folder), "--warm", "contacts"])
    crm = build(options, still_clock()).crm
    assert isinstance(crm, HubSpotTwin)
    shutil.rmtree(folder)
    assert sum(1 for _ in crm.account.records(CONTACTS).live()) > 1_000
    with pytest.raises(MarketFolderError):
        crm.account.records(CALLS).page(0, 1)
