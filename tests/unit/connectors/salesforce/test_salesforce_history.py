"""Since when fields hold their values: by rows of field history that lead to what is said now."""

from __future__ import annotations

import re
from typing import Any

import pytest

from connectors.records import Ref
from connectors.salesforce.history import Histories, since
from connectors.salesforce.mapping import mapped
from connectors.salesforce.rows import Row, as_moment
from connectors.salesforce.schema import Field, Schema
from tests.unit.connectors.salesforce.stand_ins import Answer, Asked, MovableClock, World, scripted_world

HISTORY = ("Id", "CreatedDate", "LeadId", "Field", "OldValue", "NewValue")
LEAD = ("Id", "SystemModstamp", "Title", "AnnualRevenue")
ANN = "00Q000000000001AAA"


def change(day: int, old: Any, new: Any, field: str = "AnnualRevenue", at: str = "10:00:00") -> dict[str, Any]:
    """A row of LeadHistory, of a day of November."""
    return {
        "Id": f"017{day:015d}",
        "CreatedDate": f"2026-11-{day:02d}T{at}.000+0000",
        "LeadId": ANN,
        "Field": field,
        "OldValue": old,
        "NewValue": new,
    }


@pytest.mark.parametrize(
    ("changes", "present", "day"),
    [
        ([change(9, None, 40000)], 40000, 9),
        ([change(9, 30000, "40000.00")], 40000, 9),
        ([change(9, 40000, "40,000"), change(5, 30000, 40000)], 40000, 5),
        ([change(9, 40000, "40,000")], 40000, 9),
        ([change(9, 30000, 40000), change(5, 40000, 30000), change(2, None, 40000)], 40000, 9),
        ([change(9, 30000, 40000)], 50000, None),
        ([change(9, 40000, None)], None, None),
        ([change(9, "CFO", 40000, field="Title")], 40000, None),
        ([change(9, None, None)], 40000, None),
        ([], 40000, None),
    ],
)
def test_the_present_value_began_with_the_change_that_led_to_it(
    changes: list[dict[str, Any]], present: int | None, day: int | None
) -> None:
    lead = Schema("Lead", (Field("AnnualRevenue", "currency"),), MovableClock)  # type: ignore[arg-type]
    (column,) = mapped("Lead", {}, lead)
    found = since([Row(one, "CreatedDate") for one in changes], column, present)
    assert found == (None if day is None else as_moment(f"2026-11-{day:02d}T10:00:00Z"))


def org(clock: MovableClock, history: list[dict[str, Any]] | None, asked: list[str]) -> World:
    """An org with one Lead; `history` None: the user may not see histories. `asked` is what it is queried for."""
    world = scripted_world(clock)

    def script(call: Asked) -> Answer:
        if "/describe" in call.path:
            name = call.path.split("/")[-2]
            if name == "Lead" or (name == "LeadHistory" and history is not None):
                fields = LEAD if name == "Lead" else HISTORY
                return Answer({"name": name, "fields": [described(one) for one in fields]})
            return Answer([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], 404)
        query = call.query["q"]
        asked.append(query)
        rows = history or [] if "FROM LeadHistory" in query else [LEADS_NOW]
        rows = [] if "Id > " in query else rows
        return Answer({"totalSize": len(rows), "done": True, "records": rows})

    world.scripted.script = script
    return world


LEADS_NOW = {"Id": ANN, "SystemModstamp": "2026-11-20T10:00:00.000+0000", "Title": "CEO", "AnnualRevenue": 40000.0}


def described(name: str) -> dict[str, Any]:
    kinds = {"OldValue": "anyType", "NewValue": "anyType", "AnnualRevenue": "currency", "Id": "id"}
    kind = "datetime" if name.endswith(("Date", "stamp")) else kinds.get(name, "string")
    return {"name": name, "type": kind, "filterable": kind != "anyType"}


def test_changes_are_asked_for_by_record_and_field_alone_and_as_far_back_as_they_go(
    clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_SECRET", "made-up")
    asked: list[str] = []
    world = org(clock, [change(5, None, 40000)], asked)
    told = Histories(world.org).held_since(
        [Ref("Lead", ANN)], frozenset({"person.company_annual_revenue", "person.title", "person.budget"})
    )
    assert told == {Ref("Lead", ANN): {"person.company_annual_revenue": as_moment("2026-11-05T10:00:00Z")}}
    history, present = asked
    assert "FROM LeadHistory" in history
    assert "Field IN ('AnnualRevenue','Title')" in history
    assert not re.search(r"WHERE.*(OldValue|NewValue)", history)
    assert "FROM Lead " in present
    verbs = [path.partition("/")[0] for path in world.scripted.paths() if path.startswith("query")]
    assert verbs == ["queryAll", "query"]


def test_where_histories_may_not_be_seen_there_is_no_date_and_no_query(
    clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_SECRET", "made-up")
    asked: list[str] = []
    world = org(clock, None, asked)
    assert Histories(world.org).held_since([Ref("Lead", ANN)], frozenset({"person.title"})) == {}
    assert asked == []


def test_records_without_a_change_are_not_read(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_SECRET", "made-up")
    asked: list[str] = []
    world = org(clock, [], asked)
    assert Histories(world.org).held_since([Ref("Lead", ANN)], frozenset({"person.title"})) == {}
    assert len(asked) == 1


def test_four_hundred_records_are_one_query_of_changes(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_SECRET", "made-up")
    asked: list[str] = []
    world = org(clock, [], asked)
    refs = [Ref("Lead", f"00Q{number:015d}") for number in range(10_000)]
    for start in range(0, len(refs), 400):
        Histories(world.org).held_since(refs[start : start + 400], frozenset({"person.title"}))
    assert len(asked) == 25
