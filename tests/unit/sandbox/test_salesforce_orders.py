"""Queries that use the orders an org keeps find what a search of all rows finds, in the same order, and sooner."""

from time import thread_time

import pytest

from sandbox.salesforce.app import seed_org
from tests.unit.sandbox.salesforce_bench import SalesforceBench
from tests.unit.sandbox.twin_client import START

MIDDLE = "2026-10-01T00:00:00Z"
CONDITIONS = [
    f"SystemModstamp >= {MIDDLE}",
    f"SystemModstamp < {MIDDLE} AND CreatedDate > 2026-03-01T00:00:00Z",
    f"SystemModstamp > {MIDDLE} AND SystemModstamp <= 2026-11-01T00:00:00Z AND Country = 'DE'",
    f"(SystemModstamp > {MIDDLE} OR (SystemModstamp = {MIDDLE} AND Id > '00Q5g0000000050'))",
    "SystemModstamp = LAST_N_DAYS:30",
    "LastModifiedDate < LAST_MONTH",
    "CreatedDate >= THIS_YEAR AND CreatedDate <= LAST_WEEK",
    "Id > '00Q5g0000000050' AND Id < '00Q5g0000000090'",
    "Id IN ('00Q5g0000000021', '00Q5g0000000052', '00Q5g0000000023', '00T000000000000')",
    "OwnerId IN (SELECT Id FROM User WHERE IsActive = false)",
    "OwnerId = '0055g0000000001' OR OwnerId = '0055g0000000002'",
    "OwnerId = '0055g0000000001' OR Country = 'DE'",
    "OwnerId != '0055g0000000001' AND ConvertedContactId = null",
    "ConvertedContactId != null AND OwnerId NOT IN ('0055g0000000001')",
    "Email LIKE 'a%' AND Id IN (SELECT ConvertedContactId FROM Lead)",
    "Owner.Name LIKE '%a%' AND CreatedBy.Username = 'admin@acme.example'",
    "Id = '00Q5g0000000021' AND Id = '00Q5g0000000023'",
]
TAILS = ["", "ORDER BY Id", "ORDER BY SystemModstamp, Id LIMIT 7", "ORDER BY CreatedDate, Id", "LIMIT 5 OFFSET 2"]


@pytest.fixture(scope="module")
def org() -> SalesforceBench:
    """A market in which some have been changed, deleted and added since."""
    org = SalesforceBench()
    seed_org(org.org, 400, 7, START)
    leads = org.column("SELECT Id FROM Lead WHERE IsConverted = false")
    org.column(f"SELECT Id FROM Lead WHERE SystemModstamp >= {MIDDLE} AND OwnerId = '0055g0000000001'")
    for place, lead in enumerate(leads[:40]):
        org.clock.advance(place % 2)
        org.update("Lead", lead, Email=f"a{place}@acme.example", OwnerId="0055g0000000001AAA")
    for lead in leads[40:50]:
        org.http.delete(f"/services/data/v67.0/sobjects/Lead/{lead}")
    for _ in range(10):
        org.lead(Country="DE")
    return org


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("verb", ["query", "queryAll"])
def test_the_same_rows_in_the_same_order(org: SalesforceBench, tail: str, verb: str) -> None:
    for condition in CONDITIONS:
        # What is denied twice says nothing of single fields, so that every row is looked at.
        searched = org.rows(f"SELECT Id FROM Lead WHERE (NOT (NOT ({condition}))) {tail}", verb)
        assert org.rows(f"SELECT Id FROM Lead WHERE {condition} {tail}", verb) == searched, condition


def test_what_a_row_no_longer_has_does_not_find_it(org: SalesforceBench) -> None:
    lead = org.lead(Email="before@acme.example")
    assert org.column("SELECT Id FROM Lead WHERE Email = 'BEFORE@acme.example'") == [lead]
    org.update("Lead", lead, Email=None)
    assert org.column("SELECT Id FROM Lead WHERE Email = 'before@acme.example'") == []


def test_a_few_changed_rows_of_many_are_found_without_looking_at_all(org: SalesforceBench) -> None:
    org.clock.advance(60)
    for number in range(5000):
        org.load("Contact", LastName=f"Many {number}")
    org.clock.advance(60)
    changed = org.create("Contact", LastName="One")
    condition = f"SystemModstamp >= {org.clock.now():%Y-%m-%dT%H:%M:%S}Z"
    seconds = []
    for where in (condition, f"NOT (NOT ({condition}))"):
        assert org.column(f"SELECT Id FROM Contact WHERE {where}") == [changed]
        tries = []
        for _ in range(3):
            started = thread_time()
            org.rows(f"SELECT Id FROM Contact WHERE {where} ORDER BY SystemModstamp, Id LIMIT 100")
            tries.append(thread_time() - started)
        seconds.append(min(tries))
    assert seconds[0] < seconds[1]
