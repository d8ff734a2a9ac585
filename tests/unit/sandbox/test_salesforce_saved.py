"""The state of an org is kept as what differs from its market, and brought back over it."""

import pytest

from sandbox.market.source import Grown
from sandbox.salesforce.crm import SalesforceCrm
from sandbox.salesforce.org import OrgSettings
from sandbox.salesforce.seed.districts import settle
from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench
from tests.unit.sandbox.twin_client import START

NUMBER = {"type": "Number", "label": "Score", "precision": 5, "scale": 2}


@pytest.fixture(scope="module")
def grown() -> Grown:
    return Grown(300, 7, START)


def fresh(grown: Grown, settings: OrgSettings | None = None) -> SalesforceBench:
    org = SalesforceBench(settings)
    settle(org.org, grown)
    return org


def state(org: SalesforceBench) -> bytes:
    return bytes(org.http.get("/_twin/state").content)


def crm(org: SalesforceBench) -> SalesforceCrm:
    return SalesforceCrm(org.org, org.refusals)


def busy(org: SalesforceBench) -> None:
    """Changes of every sort."""
    org.make_field("Lead.Score__c", **NUMBER)
    org.make_activity_key()
    org.grant("Lead.Score__c")
    leads = [row["Id"] for row in org.rows("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 5")]
    for lead in leads[:3]:
        assert org.update("Lead", lead, Score__c=7.5, Email=None, Title="Changed").status_code == 204
    org.http.delete(f"{BASE}/sobjects/Lead/{leads[3]}")
    org.create("Task", WhoId=leads[4], Subject="Call", Sync_Key__c="k")
    org.clock.advance(5)
    org.lead(LastName="New")


def test_another_twin_of_the_same_market_goes_on_where_this_one_was(grown: Grown) -> None:
    org, other = fresh(grown), fresh(grown)
    busy(org)
    crm(other).load(crm(org).save())
    assert state(other) == state(org)
    assert "Score__c" in other.described("Lead")
    assert other.create("Task", Subject="Next") == org.create("Task", Subject="Next")
    assert other.column("SELECT Subject FROM Task WHERE Sync_Key__c = 'K'") == ["Call"]


def test_going_back_undoes_everything_since(grown: Grown) -> None:
    org = fresh(grown)
    before, saved = state(org), crm(org).save()
    busy(org)
    assert state(org) != before
    crm(org).load(saved)
    assert state(org) == before
    assert "Score__c" not in org.described("Lead")
    assert org.make_field("Lead.Score__c", **NUMBER).status_code == 201
    assert org.column("SELECT Id FROM Lead WHERE Title = 'Changed'") == []


def test_what_is_not_to_be_seen_yet_stays_so(grown: Grown) -> None:
    org, other = (fresh(grown, OrgSettings(late_share=1.0)) for _ in range(2))
    lead = org.lead(LastName="Late")
    crm(other).load(crm(org).save())
    assert other.read("Lead", lead)["LastName"] == "Late"
    assert other.column("SELECT Id FROM Lead WHERE LastName = 'Late'") == []
    other.clock.advance(540)
    assert other.column("SELECT Id FROM Lead WHERE LastName = 'Late'") == [lead]


def test_only_differences_are_kept(grown: Grown) -> None:
    org = fresh(grown)
    assert len(crm(org).save()) < len(state(org)) / 2


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x93\x01\x02\x03"])
def test_other_bytes_are_refused(grown: Grown, content: bytes) -> None:
    org = fresh(grown)
    before = state(org)
    with pytest.raises(ValueError, match="no saved state"):
        crm(org).load(content)
    assert state(org) == before


def test_another_market_is_refused(grown: Grown) -> None:
    org, other = fresh(grown), fresh(Grown(300, 8, START))
    before = state(other)
    with pytest.raises(ValueError, match="another market"):
        crm(other).load(crm(org).save())
    assert state(other) == before
