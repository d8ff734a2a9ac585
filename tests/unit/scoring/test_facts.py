from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from scoring.facts import FactsError, decode_facts
from scoring.lists import Lists, MissingListError, registrable_domain

LINE = {
    "id": "p1",
    "person": {"email": "a@acme.example", "topics": ["x", "y"], "opted_out": False, "title": None},
    "company": {"employees": 240},
    "deals": [{"id": "d1", "stage": "proposal", "open": True, "won": False, "amount": 20000, "close_date": "2026-12-31"}],
    "events": [{"id": "e1", "type": "page_view", "at": "2026-11-01T10:00:00+02:00", "url": "/pricing", "seconds": 40}],
    "overrides": [{"points": 10.5, "why": "met", "by": "ana", "until": "2026-12-31T00:00:00Z"}],
    "dates": {"person.email": "2026-01-02"},
}


def test_a_line_becomes_facts_in_utc() -> None:
    facts = decode_facts(json.dumps(LINE))
    assert facts.fields()["person.topics"] == ("x", "y")
    assert facts.fields()["company.employees"] == 240
    assert facts.events[0].at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert facts.events[0].fields == {"url": "/pricing", "seconds": 40}
    assert facts.overrides[0].points == Decimal("10.5")
    assert facts.deals[0].open
    assert facts.dates == {"person.email": datetime(2026, 1, 2, tzinfo=UTC)}


def test_an_id_is_enough_and_may_be_a_number() -> None:
    assert decode_facts(b'{"id": 7, "person": null, "events": null}').id == "7"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": ""}, "id is missing"),
        ({"event": []}, "unknown key 'event'"),
        ({"person": []}, "person is not an object"),
        ({"person": {"x": {"y": 1}}}, "person.x is neither"),
        ({"person": {"x": [1]}}, "person.x is neither"),
        ({"events": {}}, "events is not a list"),
        ({"events": [{"id": "e", "type": "x"}]}, r"events\[0\].at is missing"),
        ({"events": [{"id": "e", "type": "x", "at": "yesterday"}]}, r"events\[0\].at is missing or no ISO"),
        ({"events": [{"id": "e", "type": "x", "at": "0001-01-01T00:00:00+10:00"}]}, r"events\[0\].at"),
        ({"events": [{"id": "e", "type": "x", "at": "12026-01-01"}]}, r"events\[0\].at"),
        ({"events": [{"id": "e", "at": "2026-01-01"}]}, r"events\[0\].type"),
        ({"overrides": [{"points": "ten", "until": "2026-01-01"}]}, r"overrides\[0\].points"),
        ({"overrides": [{"points": 1}]}, r"overrides\[0\].until"),
        ({"deals": [{"id": "d", "open": "yes"}]}, r"deals\[0\].open"),
    ],
)
def test_a_bad_line_says_what_and_where_and_never_the_value(change: dict[str, Any], words: str) -> None:
    with pytest.raises(FactsError, match=words) as caught:
        decode_facts(json.dumps({**LINE, **change}))
    assert "yesterday" not in str(caught.value)


@pytest.mark.parametrize("line", ["", "[]", "{", '{"id": NaN}', b"\xff", '{"id": "\\ud800"}', "[" * 100_000])
def test_what_is_no_json_object_is_refused(line: bytes | str) -> None:
    with pytest.raises(FactsError):
        decode_facts(line)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Ana@Mail.Acme.CO.UK", "acme.co.uk"),
        ("https://user:pw@www.acme.example:443/a@b?c#d", "acme.example"),
        ("acme.example/path", "acme.example"),
        ("acme.example.", "acme.example"),
        ("www.bücher.example", "xn--bcher-kva.example"),
        ("co.uk", None),
        ("localhost", None),
        ("", None),
        ("a@", None),
        ("a..b", None),
        ("x" * 300 + ".example", None),
    ],
)
def test_the_registrable_domain_of_addresses_urls_and_hosts(text: str, domain: str | None) -> None:
    assert registrable_domain(text) == domain


def test_lists_know_values_and_domains_whatever_the_case() -> None:
    lists = Lists.of({"rivals": [" WWW.Rival.Example ", "", "Big Rival"]})
    assert lists.values_of("rivals") == {"www.rival.example", "big rival"}
    assert lists.domains_of("rivals") == {"rival.example"}
    with pytest.raises(MissingListError):
        lists.domains_of("friends")
