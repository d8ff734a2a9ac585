"""A market is read as far as it is asked for, and what is read later is what was there from the start."""

from pathlib import Path

import pytest

from sandbox.market.folder import Stored, store
from sandbox.market.generate import District
from sandbox.market.source import Grown, MarketName, MarketSource, Place
from sandbox.salesforce.seed.districts import settle
from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench
from tests.unit.sandbox.twin_client import START

PEOPLE, SEED = 1000, 7


class Watched:
    """A market that notes which districts are asked for."""

    def __init__(self, source: MarketSource) -> None:
        self.name, self.ground, self.places = source.name, source.ground, source.places
        self.read: list[int] = []
        self._source = source

    def district(self, place: Place) -> District:
        self.read.append(place.number)
        return self._source.district(place)


@pytest.fixture(scope="module")
def grown() -> Grown:
    return Grown(PEOPLE, SEED, START)


@pytest.fixture
def market(grown: Grown) -> Watched:
    return Watched(grown)


@pytest.fixture
def org(market: Watched) -> SalesforceBench:
    org = SalesforceBench()
    settle(org.org, market)
    return org


def test_starting_and_counting_read_nothing(org: SalesforceBench, market: Watched) -> None:
    counted = {kind: org.ask(f"SELECT COUNT() FROM {kind}").json()["totalSize"] for kind in ("Lead", "Task", "Account")}
    assert market.read == []
    assert counted == {kind: len(org.org.store.rows(kind)) for kind in counted}


@pytest.mark.parametrize("tail", ["ORDER BY Id LIMIT 50", "ORDER BY Id", "", "LIMIT 50", "WHERE Country != null LIMIT 20"])
def test_a_first_page_reads_a_district_or_two(org: SalesforceBench, market: Watched, tail: str) -> None:
    reply = org.ask(f"SELECT Id FROM Lead {tail}", **{"Sforce-Query-Options": "batchSize=200"})
    assert reply.json()["records"]
    assert len(market.read) < len(market.places)


@pytest.mark.parametrize("kind", ["Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "Event"])
def test_a_record_by_id_reads_its_district_alone(org: SalesforceBench, market: Watched, grown: Grown, kind: str) -> None:
    everything = SalesforceBench()
    settle(everything.org, grown)
    rows = list(everything.org.store.rows(kind))
    middle = rows[len(rows) // 2]
    found = org.org.store.find(middle.id)
    assert found is not None
    assert found.values == middle.values
    assert len(set(market.read)) == 1
    assert [org.org.store.find(row.id) is not None for row in rows] == [True] * len(rows)


def test_people_are_read_without_their_activity(org: SalesforceBench) -> None:
    org.rows("SELECT Id FROM Lead")
    blocks = org.org.store.table("Task").blocks
    assert blocks.count(None) == len(blocks)


def test_paging_on_by_id_reads_from_where_it_has_come_to(org: SalesforceBench, market: Watched, grown: Grown) -> None:
    last = max(row.id for row in org.org.store.rows("Contact"))
    fresh = SalesforceBench()
    watched = Watched(grown)
    settle(fresh.org, watched)
    assert fresh.rows(f"SELECT Id FROM Contact WHERE Id >= '{last}' ORDER BY Id LIMIT 200") == [{"Id": last}]
    assert watched.read == [len(watched.places) - 1]


def test_new_records_are_numbered_behind_all_of_the_market(org: SalesforceBench) -> None:
    task = org.create("Task", Subject="Call")
    assert task > max(row.id for row in org.org.store.rows("Task") if row.id != task)


def test_a_query_s_further_pages_hold_the_rows_that_were_there_when_it_was_asked(org: SalesforceBench) -> None:
    first = org.ask("SELECT Id FROM Contact", **{"Sforce-Query-Options": "batchSize=200"}).json()
    doomed = sorted(row.id for row in org.org.store.rows("Contact"))[:3]
    for contact in doomed:
        org.http.delete(f"{BASE}/sobjects/Contact/{contact}")
    org.create("Contact", LastName="New")
    found, page = [row["Id"] for row in first["records"]], first
    while not page["done"]:
        page = org.http.get(page["nextRecordsUrl"]).json()
        found += [row["Id"] for row in page["records"]]
    assert len(found) == len(set(found)) == first["totalSize"]
    assert set(doomed) <= set(found)


def test_what_was_changed_before_does_not_reach_what_is_read_later(org: SalesforceBench, grown: Grown) -> None:
    member = next(event.person for event in grown.district(grown.places[0]).events if event.channel == "campaign_member")
    person = grown.district(grown.places[0]).people[member]
    kind = "Lead" if person.in_salesforce == "lead" else "Contact"
    [record] = org.column(f"SELECT Id FROM {kind} WHERE Email = '{person.email_in_salesforce}' LIMIT 1")
    org.update(kind, record, LastName="Changed")
    assert org.column("SELECT Id FROM CampaignMember WHERE Name LIKE '%Changed'") == []


def test_a_stored_market_gives_the_same_org(tmp_path: Path, org: SalesforceBench) -> None:
    folder = tmp_path / "market"
    store(folder, MarketName(PEOPLE, SEED, START), workers=1, progress=lambda _: None)
    stored = SalesforceBench()
    settle(stored.org, Stored(folder))
    assert stored.http.get("/_twin/state").content == org.http.get("/_twin/state").content
