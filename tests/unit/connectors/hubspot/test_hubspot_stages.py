"""A stage goes into the lifecycle stage where the admin named a value for it."""

from __future__ import annotations

import pytest

from connectors.contract import Update, Written
from connectors.records import Ref, Scalar
from connectors.stages import CRM_STAGE
from tests.unit.connectors.hubspot.conftest import Build
from tests.unit.connectors.hubspot.scripted import Script
from tests.unit.connectors.hubspot.shapes import batch, row

ANA = Ref("contacts", "7")
VALUES = {"mql": "marketingqualifiedlead", "sql": "salesqualifiedlead"}


def test_the_stage_goes_out_with_the_score(build: Build, script: Script) -> None:
    script.then(batch(row("7")))
    update = Update(ANA, {"score": 61, CRM_STAGE: "marketingqualifiedlead"})
    assert build(lifecycle_stage=VALUES).write([update]) == (Written(ANA),)
    assert script.asked[0].body["inputs"][0]["properties"] == {
        "leadline_score": "61",
        "lifecyclestage": "marketingqualifiedlead",
    }


def test_without_values_there_is_no_place(build: Build) -> None:
    connector = build()
    assert connector.stage_place(connector.settings) is None


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (None, "marketingqualifiedlead"),
        ("lead", "marketingqualifiedlead"),
        ("marketingqualifiedlead", None),
        ("customer", None),
        ("other", None),
        ("4711", "marketingqualifiedlead"),
    ],
)
def test_contacts_move_forward_in_hubspots_order(build: Build, shown: Scalar, wanted: str | None) -> None:
    connector = build(lifecycle_stage=VALUES)
    place = connector.stage_place(connector.settings)
    assert place is not None
    assert place.value_to_set("mql", shown, None) == wanted


@pytest.mark.parametrize(("mapped", "field"), [({}, "lifecycle"), ({"lifecycle": None, "phase": "lifecyclestage"}, "phase")])
def test_what_a_contact_shows_is_read_where_it_is_mapped(build: Build, mapped: dict[str, str | None], field: str) -> None:
    connector = build(lifecycle_stage=VALUES, map={"person": mapped})
    place = connector.stage_place(connector.settings)
    assert place is not None
    assert place.field == field
