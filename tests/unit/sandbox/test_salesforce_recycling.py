"""Merging, bringing back and erasing, over the SOAP calls that do it."""

from __future__ import annotations

import pytest

from sandbox.salesforce import saved
from tests.unit.sandbox.salesforce_bench import SalesforceBench
from tests.unit.sandbox.salesforce_soap import merge, soap


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def names(org: SalesforceBench, where: str = "", verb: str = "queryAll") -> list[str]:
    return [
        row["LastName"] for row in org.ask(f"SELECT LastName FROM Lead {where} ORDER BY LastName", verb).json()["records"]
    ]


def test_a_merge_leaves_the_master_with_what_belonged_to_the_others(org: SalesforceBench) -> None:
    master, first, second = (org.lead(LastName=name) for name in ("Able", "Baker", "Cole"))
    task = org.create("Task", Subject="Call", WhoId=second, Status="Not Started", Priority="Normal")
    assert "<success>true</success>" in merge(org, master, first, second)
    assert names(org, verb="query") == ["Able"]
    assert names(org, f"WHERE IsDeleted = true AND MasterRecordId = '{master}'") == ["Baker", "Cole"]
    assert org.read("Task", task)["WhoId"] == master


def test_a_merge_of_different_objects_or_with_the_gone_is_refused(org: SalesforceBench) -> None:
    lead, other = org.lead(), org.lead()
    contact = org.create("Contact", LastName="Lind")
    assert "INVALID_TYPE" in merge(org, lead, contact)
    assert "LIMIT_EXCEEDED" in merge(org, lead, lead)
    merge(org, lead, other)
    assert "ENTITY_IS_DELETED" in merge(org, lead, other)


def test_what_was_deleted_comes_back_with_its_children(org: SalesforceBench) -> None:
    lead = org.lead(LastName="Able")
    org.http.delete(f"/services/data/v67.0/sobjects/Lead/{lead}")
    assert names(org, verb="query") == []
    assert "<success>true</success>" in soap(org, "undelete", f"<ids>{lead}</ids>")
    assert names(org, verb="query") == ["Able"]
    assert "UNDELETE_FAILED" in soap(org, "undelete", f"<ids>{lead}</ids>")


def test_of_what_is_erased_no_query_and_no_read_shows_anything(org: SalesforceBench) -> None:
    lead = org.lead(LastName="Able", Email="able@acme.example")
    assert "INVALID_OPERATION" in soap(org, "emptyRecycleBin", f"<ids>{lead}</ids>")
    org.http.delete(f"/services/data/v67.0/sobjects/Lead/{lead}")
    assert names(org) == ["Able"]
    assert "<success>true</success>" in soap(org, "emptyRecycleBin", f"<ids>{lead}</ids>")
    assert names(org) == []
    assert org.http.get(f"/services/data/v67.0/sobjects/Lead/{lead}").status_code == 404
    assert "INVALID_CROSS_REFERENCE_KEY" in soap(org, "undelete", f"<ids>{lead}</ids>")
    assert "able@acme.example" not in str(org.org.store.find(lead))


def test_what_is_erased_stays_so_in_a_state_that_is_saved_and_loaded(org: SalesforceBench) -> None:
    lead = org.lead(LastName="Able")
    org.http.delete(f"/services/data/v67.0/sobjects/Lead/{lead}")
    before = saved.save(org.org)
    soap(org, "emptyRecycleBin", f"<ids>{lead}</ids>")
    after = saved.save(org.org)
    saved.load(org.org, before)
    assert names(org) == ["Able"]
    saved.load(org.org, after)
    assert names(org) == []


def test_an_unknown_operation_is_a_fault(org: SalesforceBench) -> None:
    assert "INVALID_OPERATION" in soap(org, "describeGlobal", "")
