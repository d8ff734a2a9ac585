"""Misbehaviour with a form of its own in each CRM: half done batches, rows and pages that come again, lapsed tokens."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

OBJECTS = "/crm/objects/2026-03"
LOCK = "UNABLE_TO_LOCK_ROW"


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def strike(bench: HubSpotBench | SalesforceBench, kind: str, **rest: Any) -> None:
    """The next call meets this."""
    bench.bench.faults.replace([{"kind": kind, **rest}])


class TestHalfABatchAtHubSpot:
    def test_one_half_is_done_and_the_other_says_that_it_is_locked(self, desk: HubSpotBench) -> None:
        ids = [desk.create("contacts", email=f"p{number}@acme.example") for number in range(5)]
        inputs = [{"id": one, "objectWriteTraceId": one, "properties": {"jobtitle": "Buyer"}} for one in ids]
        strike(desk, "half_batch")
        told = desk.post("contacts/batch/update", {"inputs": inputs})
        said = told.json()
        assert told.status_code == 207
        done = [row["id"] for row in said["results"]]
        struck = [error["context"]["objectWriteTraceId"][0] for error in said["errors"]]
        assert sorted(done + struck) == sorted(ids)
        assert (len(done), len(struck), said["numErrors"]) == (2, 3, 3)
        assert {error["category"] for error in said["errors"]} == {"LOCKED"}
        assert [one for one in ids if desk.read("contacts", one, "jobtitle")["jobtitle"]] == sorted(done)

    def test_inputs_without_a_trace_are_named_by_their_ids(self, desk: HubSpotBench) -> None:
        ids = [desk.create("contacts", email=f"p{number}@acme.example") for number in range(2)]
        strike(desk, "half_batch")
        said = desk.post("contacts/batch/update", {"inputs": [{"id": one, "properties": {"phone": "1"}} for one in ids]})
        assert said.status_code == 207
        (error,) = said.json()["errors"]
        assert error["context"]["ids"][0] in ids

    def test_an_archive_is_locked_as_a_whole(self, desk: HubSpotBench) -> None:
        ids = [desk.create("contacts", email=f"p{number}@acme.example") for number in range(2)]
        strike(desk, "half_batch")
        assert desk.post("contacts/batch/archive", {"inputs": [{"id": one} for one in ids]}).status_code == 423
        assert len(desk.http.get(f"{OBJECTS}/contacts").json()["results"]) == 2

    def test_a_write_of_one_record_is_locked_as_a_whole(self, desk: HubSpotBench) -> None:
        strike(desk, "half_batch")
        assert desk.post("contacts", {"properties": {"email": "a@acme.example"}}).status_code == 423
        assert desk.http.get(f"{OBJECTS}/contacts").json()["results"] == []

    def test_a_batch_that_is_wrong_is_refused_as_ever(self, desk: HubSpotBench) -> None:
        inputs = [{"id": "1", "properties": {"nosuch": "x"}}] * 2
        strike(desk, "half_batch")
        assert desk.post("contacts/batch/create", {"inputs": inputs}).status_code == 400


class TestPagesAtHubSpot:
    def test_some_rows_of_a_page_come_twice(self, desk: HubSpotBench) -> None:
        ids = [desk.create("contacts", email=f"p{number}@acme.example") for number in range(5)]
        strike(desk, "duplicate_rows")
        shown = [row["id"] for row in desk.http.get(f"{OBJECTS}/contacts?limit=5").json()["results"]]
        assert len(shown) == 8
        assert list(dict.fromkeys(shown)) == ids

    @pytest.mark.parametrize("struck", [1, 2])
    def test_a_repeated_page_comes_again_and_then_the_list_goes_on(self, desk: HubSpotBench, struck: int) -> None:
        ids = [desk.create("contacts", email=f"p{number}@acme.example") for number in range(6)]
        strike(desk, "repeat_page", occurrence=struck)
        pages = list(linked_pages(desk.http, f"{OBJECTS}/contacts?limit=2"))
        expected = [ids[0:2], ids[2:4], ids[4:6]]
        expected.insert(struck, expected[struck - 1])
        assert pages == expected

    def test_a_search_repeats_its_page_too(self, desk: HubSpotBench) -> None:
        for number in range(3):
            desk.create("contacts", email=f"p{number}@acme.example")
        desk.bench.clock.advance(60)
        strike(desk, "repeat_page")
        first = desk.search("contacts", limit=2).json()
        again = desk.search("contacts", limit=2, after=first["paging"]["next"]["after"]).json()
        assert again["results"] == first["results"]
        last = desk.search("contacts", limit=2, after=again["paging"]["next"]["after"]).json()
        assert len(last["results"]) == 1

    def test_the_last_page_has_nothing_to_repeat(self, desk: HubSpotBench) -> None:
        strike(desk, "repeat_page")
        assert desk.http.get(f"{OBJECTS}/contacts").json() == {"results": []}


def linked_pages(http: httpx.Client, link: str) -> Any:
    while link:
        said = http.get(link).json()
        yield [row["id"] for row in said["results"]]
        link = said.get("paging", {}).get("next", {}).get("link", "").removeprefix("http://twin")


def test_a_lasting_token_of_hubspot_is_refused_for_one_call_only(desk: HubSpotBench) -> None:
    strike(desk, "lapse")
    assert [desk.http.get(f"{OBJECTS}/contacts").status_code for _ in range(2)] == [401, 200]


def test_a_session_of_salesforce_ends_and_another_can_be_opened(org: SalesforceBench) -> None:
    strike(org, "lapse")
    assert [org.http.get(f"{BASE}/limits").status_code for _ in range(2)] == [401, 401]
    org.sign_in()
    assert org.http.get(f"{BASE}/limits").status_code == 200


class TestHalfACollectionAtSalesforce:
    def test_results_keep_the_order_and_half_of_them_could_not_be_locked(self, org: SalesforceBench) -> None:
        ids = [org.lead() for _ in range(5)]
        rows = [{"attributes": {"type": "Lead"}, "Id": one, "Title": "Buyer"} for one in ids]
        strike(org, "half_batch")
        told = org.http.patch(f"{BASE}/composite/sobjects", json={"records": rows}).json()
        titles = [org.http.get(f"{BASE}/sobjects/Lead/{one}").json()["Title"] for one in ids]
        assert [title is not None for title in titles] == [row["success"] for row in told]
        assert [row["id"] for row in told if row["success"]] == [o for o, title in zip(ids, titles, strict=True) if title]
        assert [row["errors"][0]["statusCode"] for row in told if not row["success"]] == [LOCK] * 3

    def test_all_or_none_does_none(self, org: SalesforceBench) -> None:
        rows = [{"attributes": {"type": "Lead"}, "LastName": "Lind", "Company": "Acme"}] * 4
        strike(org, "half_batch")
        told = org.http.post(f"{BASE}/composite/sobjects", json={"allOrNone": True, "records": rows}).json()
        codes = sorted(row["errors"][0]["statusCode"] for row in told)
        assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK"] * 2 + [LOCK] * 2
        assert list(org.org.store.rows("Lead")) == []

    def test_a_delete_by_ids_is_halved_too(self, org: SalesforceBench) -> None:
        ids = [org.lead() for _ in range(4)]
        strike(org, "half_batch")
        told = org.http.delete(f"{BASE}/composite/sobjects?ids={','.join(ids)}").json()
        gone = [org.http.get(f"{BASE}/sobjects/Lead/{one}").status_code == 404 for one in ids]
        assert gone == [row["success"] for row in told]
        assert gone.count(True) == 2

    def test_a_write_of_one_record_is_a_400(self, org: SalesforceBench) -> None:
        strike(org, "half_batch")
        told = org.http.post(f"{BASE}/sobjects/Lead", json={"LastName": "Lind", "Company": "Acme"})
        assert (told.status_code, told.json()[0]["errorCode"]) == (400, LOCK)


class TestPagesAtSalesforce:
    def test_some_rows_of_a_query_come_twice_and_the_total_stays(self, org: SalesforceBench) -> None:
        ids = [org.lead() for _ in range(4)]
        strike(org, "duplicate_rows")
        told = query(org, "SELECT Id FROM Lead ORDER BY Id")
        shown = [row["Id"] for row in told["records"]]
        assert (told["totalSize"], len(shown)) == (4, 7)
        assert list(dict.fromkeys(shown)) == ids

    def test_a_count_is_never_given_twice(self, org: SalesforceBench) -> None:
        org.lead()
        strike(org, "duplicate_rows")
        assert len(query(org, "SELECT COUNT(Id) n FROM Lead GROUP BY Company")["records"]) == 1

    @pytest.mark.parametrize("struck", [1, 2])
    def test_a_repeated_page_comes_again_and_then_the_query_goes_on(self, org: SalesforceBench, struck: int) -> None:
        for _ in range(1000):
            org.load("Lead", LastName="Lind", Company="Acme")
        strike(org, "repeat_page", occurrence=struck)
        org.http.headers["Sforce-Query-Options"] = "batchSize=200"
        told = query(org, "SELECT Id FROM Lead ORDER BY Id")
        pages = [[row["Id"] for row in told["records"]]]
        while not told["done"]:
            told = org.http.get(told["nextRecordsUrl"]).json()
            pages.append([row["Id"] for row in told["records"]])
        assert pages[struck] == pages[struck - 1]
        ids = [one for page in pages for one in page]
        assert len(set(ids)) == 1000
        assert len(ids) == 1000 + len(pages[struck])


def query(org: SalesforceBench, soql: str) -> Any:
    return org.http.get(f"{BASE}/query", params={"q": soql}).json()


def test_under_skew_a_write_is_stamped_with_the_wrong_time_and_the_next_is_not(org: SalesforceBench) -> None:
    strike(org, "clock_skew", seconds=-20)
    stamps = [query_stamp(org, org.lead()) for _ in range(2)]
    assert stamps == ["2026-11-22T08:59:40.000+0000", "2026-11-22T09:00:00.000+0000"]


def query_stamp(org: SalesforceBench, record_id: str) -> str:
    stamp: str = org.http.get(f"{BASE}/sobjects/Lead/{record_id}").json()["CreatedDate"]
    return stamp
