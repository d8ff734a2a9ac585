"""Field history: rows for each change of a tracked field, seen by whoever may read the field."""

from __future__ import annotations

import pytest

from sandbox.salesforce.crm import SalesforceCrm
from sandbox.salesforce.org import OrgSettings
from tests.unit.sandbox.salesforce_bench import BASE, REP_ID, SalesforceBench

TRACKED = ("Lead.Title", "Lead.Budget__c", "Lead.Description", "Account.NumberOfEmployees")
HISTORY = "SELECT Field, OldValue, NewValue, CreatedDate FROM LeadHistory ORDER BY Id"


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench(OrgSettings(tracked_fields=TRACKED))


def told(org: SalesforceBench) -> list[tuple[object, ...]]:
    return [(row["Field"], row["OldValue"], row["NewValue"]) for row in org.rows(HISTORY)]


def test_each_change_of_a_tracked_field_leaves_a_row_and_a_creation_none(org: SalesforceBench) -> None:
    lead = org.lead(Title="CFO")
    assert told(org) == []
    org.update("Lead", lead, Title="CEO", Phone="1")
    org.update("Lead", lead, Title="CEO")
    org.clock.advance(1.5)
    org.update("Lead", lead, Title=None, Budget__c=40_000)
    assert sorted(told(org), key=str) == [
        ("Budget__c", None, 40_000),
        ("Title", "CEO", None),
        ("Title", "CFO", "CEO"),
    ]
    (row,) = org.rows("SELECT LeadId, CreatedById, CreatedDate FROM LeadHistory WHERE Field = 'Budget__c'")
    assert row["LeadId"] == lead
    assert str(row["CreatedDate"]).endswith(".000+0000")


def test_of_long_text_only_the_change_is_told(org: SalesforceBench) -> None:
    org.update("Lead", org.lead(), Description="They need it by May.")
    assert told(org) == [("Description", None, None)]


@pytest.mark.parametrize("name", ["OldValue", "NewValue"])
def test_what_a_row_tells_can_be_neither_filtered_nor_sorted_by(org: SalesforceBench, name: str) -> None:
    described = org.described("LeadHistory")[name]
    assert (described["type"], described["filterable"]) == ("anyType", False)
    for query in (f"WHERE {name} = 'CEO'", f"ORDER BY {name}"):
        assert org.ask(f"SELECT Id FROM LeadHistory {query}").status_code == 400


def test_rows_of_fields_that_the_user_may_not_read_are_not_there() -> None:
    org = SalesforceBench(OrgSettings(tracked_fields=TRACKED, hidden_fields=("Lead.Title",)))
    lead = org.lead()
    org.org.records._histories.note(org.org.store.find(lead), {"Title": "CEO", "Budget__c": 1.0}, REP_ID)  # type: ignore[arg-type]  # it is there
    assert [row[0] for row in told(org)] == ["Budget__c"]
    assert org.ask("SELECT COUNT() FROM LeadHistory").json()["totalSize"] == 1


def test_an_object_of_which_nothing_is_tracked_has_no_history_object(org: SalesforceBench) -> None:
    assert org.http.get(f"{BASE}/sobjects/ContactHistory/describe").status_code == 404
    assert org.ask("SELECT Id FROM ContactHistory").json()[0]["errorCode"] == "INVALID_TYPE"


def test_nobody_writes_history_by_hand(org: SalesforceBench) -> None:
    assert org.http.post(f"{BASE}/sobjects/LeadHistory", json={"Field": "Title"}).status_code == 400


def test_history_goes_with_its_record(org: SalesforceBench) -> None:
    lead = org.lead(Title="CFO")
    org.update("Lead", lead, Title="CEO")
    org.http.delete(f"{BASE}/sobjects/Lead/{lead}")
    assert told(org) == []
    assert len(org.rows("SELECT Id FROM LeadHistory", "queryAll")) == 1


@pytest.mark.parametrize("names", [("Lead.NoSuch",), ("Task.Subject",), ("Nobody.Title",)])
def test_what_cannot_be_tracked_is_refused_at_the_start(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="cannot be tracked"):
        SalesforceBench(OrgSettings(tracked_fields=names))


def test_histories_are_in_what_is_saved_and_come_back(org: SalesforceBench) -> None:
    lead = org.lead(Title="CFO")
    org.update("Lead", lead, Title="CEO")
    crm = SalesforceCrm(org.org, org.refusals)
    kept = crm.save()
    org.update("Lead", lead, Title="COO")
    crm.load(kept)
    assert told(org) == [("Title", "CFO", "CEO")]
