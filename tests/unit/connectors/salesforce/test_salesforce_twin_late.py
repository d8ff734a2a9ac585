"""Rows that queries see late, with the time stamp of their write, are not missed: a pull looks back far enough."""

from pathlib import Path

import pytest

from connectors.records import Stream
from connectors.salesforce.connector import SalesforceConnector
from tests.unit.connectors.salesforce.stand_ins import Control, connector_for, running_twin, settings_for

LONGEST_SECONDS = 540


def pulled(connector: SalesforceConnector, cursor: str | None) -> tuple[set[str], str | None]:
    """The ids that a whole pull brings, and where the next one starts."""
    met: set[str] = set()
    for page in connector.pull(Stream.CONTACTS, cursor):
        met |= {record.ref.id for record in page.records}
        cursor = page.cursor
    return met, cursor


def test_what_was_not_to_be_seen_comes_with_the_next_pull(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_twin(tmp_path, "--people", "0", "--late-share", "1") as twin:
        connector = connector_for(settings_for(twin, monkeypatch))
        control = Control(connector)
        leads = {control.create("Lead", {"LastName": f"Late {number}", "Company": "Acme"}) for number in range(5)}
        first, cursor = pulled(connector, None)
        assert first == set()
        twin.control("clock", {"advance_seconds": LONGEST_SECONDS})
        second, cursor = pulled(connector, cursor)
        assert second == leads
        connector.close()
