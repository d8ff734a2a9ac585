"""Rows that queries see late, with the time stamp of their write."""

from random import Random

import pytest

from sandbox.salesforce.lateness import LONGEST_SECONDS, Lateness
from sandbox.salesforce.org import OrgSettings
from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error

NAMES = "SELECT LastName FROM Lead"


@pytest.fixture
def org() -> SalesforceBench:
    """An org that shows every write late."""
    return SalesforceBench(OrgSettings(late_share=1.0))


def settle(org: SalesforceBench) -> None:
    org.clock.advance(LONGEST_SECONDS)


def test_a_new_row_is_there_by_id_and_not_yet_in_queries(org: SalesforceBench) -> None:
    lead = org.lead()
    assert org.read("Lead", lead)["LastName"] == "Lind"
    for verb in ("query", "queryAll"):
        assert org.rows(NAMES, verb) == org.rows(f"{NAMES} WHERE Id = '{lead}'", verb) == []
        assert org.ask("SELECT COUNT() FROM Lead", verb).json()["totalSize"] == 0


def test_it_appears_within_nine_minutes_with_an_older_time_stamp_than_rows_seen_before(org: SalesforceBench) -> None:
    late = org.lead(LastName="Late")
    written_at = org.read("Lead", late)["SystemModstamp"]
    org.clock.advance(60)
    seen = org.load("Lead", LastName="Seen", Company="Acme")
    assert org.column(NAMES) == ["Seen"]
    settle(org)
    rows = org.rows("SELECT Id, SystemModstamp FROM Lead ORDER BY SystemModstamp, Id")
    assert [row["Id"] for row in rows] == [late, seen]
    assert rows[0]["SystemModstamp"] == written_at


def test_a_client_that_looks_back_ten_minutes_meets_every_row(org: SalesforceBench) -> None:
    pauses = Random(3)
    met: set[str] = set()
    made: set[str] = set()
    looked_at = org.clock.now()
    for _ in range(40):
        made.add(org.lead())
        org.clock.advance(pauses.uniform(1, 300))
        since = f"{(looked_at.timestamp() - 600):.0f}"
        moment = looked_at.fromtimestamp(int(since), looked_at.tzinfo).isoformat()
        looked_at = org.clock.now()
        met |= set(org.column(f"SELECT Id FROM Lead WHERE SystemModstamp >= {moment}".replace("+00:00", "Z")))
    settle(org)
    met |= set(org.column(NAMES.replace("LastName", "Id")))
    assert met == made


def test_a_changed_row_is_found_as_it_was(org: SalesforceBench) -> None:
    lead = org.lead(Email="old@acme.example")
    settle(org)
    assert org.update("Lead", lead, Email="new@acme.example", LastName="Lang").status_code == 204
    assert org.read("Lead", lead)["LastName"] == "Lang"
    assert org.column(NAMES) == org.column(f"{NAMES} WHERE Email = 'old@acme.example'") == ["Lind"]
    assert org.column(f"{NAMES} WHERE Email = 'new@acme.example'") == []
    assert org.column(f"{NAMES} ORDER BY SystemModstamp, Id LIMIT 1") == ["Lind"]
    settle(org)
    assert org.column(f"{NAMES} WHERE Email = 'new@acme.example'") == ["Lang"]


def test_a_deleted_row_is_still_listed(org: SalesforceBench) -> None:
    lead = org.lead()
    settle(org)
    org.http.delete(f"{BASE}/sobjects/Lead/{lead}")
    assert error(org.http.get(f"{BASE}/sobjects/Lead/{lead}"))[0] == 404
    assert org.column(NAMES) == ["Lind"]
    assert org.ask("SELECT COUNT() FROM Lead").json()["totalSize"] == 1
    settle(org)
    assert org.column(NAMES) == []
    assert org.column("SELECT Id FROM Lead WHERE IsDeleted = true") == []


def test_what_is_held_back_of_a_row_is_seen_when_the_row_is_written_again(org: SalesforceBench) -> None:
    lead = org.lead(LastName="First")
    org.update("Lead", lead, LastName="Second")
    assert org.column(NAMES) == ["First"]


def test_a_key_that_is_taken_is_refused_though_no_query_shows_who_has_it() -> None:
    org = SalesforceBench(OrgSettings(late_share=1.0))
    org.make_activity_key()
    lead = org.lead()
    org.create("Task", WhoId=lead, Subject="Call", Sync_Key__c="k")
    assert org.column("SELECT Id FROM Task WHERE Sync_Key__c = 'k'") == []
    again = org.http.post(f"{BASE}/sobjects/Task", json={"WhoId": lead, "Subject": "Call", "Sync_Key__c": "k"})
    assert error(again) == (400, "DUPLICATE_VALUE")


def test_what_was_taken_back_leaves_nothing_behind(org: SalesforceBench) -> None:
    lead = org.lead()
    settle(org)
    reply = org.collection(
        "PATCH", "Lead", {"id": lead, "LastName": "Other"}, {"id": lead[:-3] + "AAA", "LastName": "x"}, allOrNone=True
    )
    assert [row["success"] for row in reply.json()] == [False, False]
    assert org.column(NAMES) == ["Lind"]
    settle(org)
    assert org.column(NAMES) == ["Lind"]


def test_permissions_hold_at_once(org: SalesforceBench) -> None:
    org.create("PermissionSet", Name="Sync", Label="Sync")
    assert org.column("SELECT Name FROM PermissionSet") == ["Sync"]


def test_a_share_of_the_writes_is_late_and_the_same_for_the_same_seed() -> None:
    draws = [[Lateness(0.02, seed).draw_seconds() for _ in range(1)] for seed in (7, 7)]
    assert draws[0] == draws[1]
    one, two = Lateness(0.02, 7), Lateness(0.02, 7)
    first, second = ([each.draw_seconds() for _ in range(2000)] for each in (one, two))
    late = [seconds for seconds in first if seconds is not None]
    assert first == second
    assert 20 < len(late) < 80
    assert all(0 < seconds <= LONGEST_SECONDS for seconds in late)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        Lateness(share)
