from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.errors import ContractBroken
from connectors.salesforce import cursor as cursors
from connectors.salesforce.cursor import Cursor, Place
from connectors.salesforce.paths import DESCRIBE, Request
from connectors.salesforce.soql import beyond, chunks, literal, one_of, quote, select

AT = datetime(2026, 11, 1, 10, 0, 0, 123456, tzinfo=UTC)


def test_quotes_and_backslashes_cannot_leave_a_literal() -> None:
    assert quote("O'Neil \\ Co") == "'O\\'Neil \\\\ Co'"


def test_times_keep_their_milliseconds() -> None:
    assert literal(AT) == "2026-11-01T10:00:00.123Z"


def test_a_page_starts_behind_the_last_row_also_among_equal_stamps() -> None:
    assert beyond("SystemModstamp", AT, "00Q1") == (
        "(SystemModstamp > 2026-11-01T10:00:00.123Z OR (SystemModstamp = 2026-11-01T10:00:00.123Z AND Id > '00Q1'))"
    )


def test_a_select_asks_for_each_column_once_and_leaves_empty_conditions_out() -> None:
    soql = select(("Id", "Name", "Id"), "Lead", ("", "A = 1", "B = 2"), order="Id", limit=5)
    assert soql == "SELECT Id, Name FROM Lead WHERE A = 1 AND B = 2 ORDER BY Id LIMIT 5"


def test_long_id_lists_are_split_so_that_an_address_fits() -> None:
    ids = [f"00Q{number:015d}" for number in range(900)]
    parts = list(chunks(ids))
    assert [len(part) for part in parts] == [400, 400, 100]
    assert [record_id for part in parts for record_id in part] == ids
    assert len(one_of("Id", parts[0]).replace("'", "%27").replace(",", "%2C")) < 13_000


def test_names_in_a_path_are_escaped() -> None:
    assert Request(DESCRIBE, {"object": "a/b"}).path == "sobjects/a%2Fb/describe"


def test_a_cursor_survives_being_stored() -> None:
    cursor = Cursor(AT, AT, Place("Lead", AT, "00Q1"), {"Lead": "0a"})
    assert cursors.read(cursors.write(cursor)) == cursor
    assert cursors.read(None) == Cursor()


@pytest.mark.parametrize("text", ["", "x", "[]", '{"place": 1}'])
def test_text_that_is_no_cursor_breaks_the_contract(text: str) -> None:
    with pytest.raises(ContractBroken):
        cursors.read(text)
