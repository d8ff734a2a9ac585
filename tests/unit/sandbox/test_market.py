"""The made-up market: the same for both twins, believable in its shares, and true to its hidden propensity."""

import hashlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from statistics import mean

import msgspec
import pytest

from sandbox.market.generate import generate, grow
from sandbox.market.ids import ACCOUNT, CONTACT, LEAD, salesforce_id
from sandbox.market.model import Company, Deal, Event, Market, Person

AS_OF = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
PRINT_DIGEST = """
import hashlib, msgspec
from datetime import UTC, datetime
from sandbox.market.generate import generate
market = generate(300, 7, datetime(2026, 11, 21, 9, 30, tzinfo=UTC))
print(hashlib.sha256(msgspec.json.encode(market)).hexdigest())
"""


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(2_000, 7, AS_OF)


def digest(market: Market) -> str:
    return hashlib.sha256(msgspec.json.encode(market)).hexdigest()


def events_by_person(market: Market) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in market.events:
        found.setdefault(event.person, []).append(event)
    return found


def bant_elements(person: Person) -> int:
    return sum(
        (
            person.budget is not None or person.budget_status is not None,
            person.buying_role is not None,
            person.purchase_timeframe is not None,
            person.pain_point is not None,
        )
    )


def test_two_processes_with_other_hash_seeds_grow_the_same_market() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PRINT_DIGEST],
            cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert digests == {digest(generate(300, 7, AS_OF))}


def test_another_seed_grows_another_market() -> None:
    assert digest(generate(300, 7, AS_OF)) != digest(generate(300, 8, AS_OF))


def test_the_time_zone_and_the_fraction_of_a_second_of_as_of_do_not_matter() -> None:
    elsewhere = AS_OF.astimezone(timezone(timedelta(hours=5, minutes=30))).replace(microsecond=123_456)
    assert digest(generate(100, 7, elsewhere)) == digest(generate(100, 7, AS_OF))


def test_the_market_moves_with_as_of() -> None:
    later = generate(100, 7, AS_OF + timedelta(days=7))
    assert max(event.at for event in later.events) > AS_OF


def test_who_people_are_does_not_hang_on_as_of(market: Market) -> None:
    # Twins started seconds apart, each with its own now, must still agree on whom they know.
    def identity(person: Person) -> tuple[object, ...]:
        return person.email, person.email_in_salesforce, person.title, person.in_hubspot, person.in_salesforce, person.owner

    for later in (AS_OF + timedelta(seconds=3), AS_OF + timedelta(days=2, hours=5)):
        assert [identity(p) for p in generate(2_000, 7, later).people] == [identity(p) for p in market.people]


def test_a_naive_as_of_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        generate(10, 7, datetime(2026, 11, 21))  # noqa: DTZ001 - the naive time is the point


def test_fewer_people_than_none_are_refused() -> None:
    with pytest.raises(ValueError, match="people"):
        generate(-1, 7, AS_OF)


def test_a_market_without_people_is_an_account_just_opened() -> None:
    market = generate(0, 7, AS_OF)
    assert (market.companies, market.people, market.deals, market.events) == ((), (), (), ())
    assert market.owners
    assert market.queues
    assert market.campaigns


def test_the_default_market_has_the_promised_counts(market: Market) -> None:
    counts = (len(market.companies), len(market.people), len(market.deals), len(market.events))
    assert counts == (400, 2_000, 300, 25_000)
    assert len(market.owners) == 12


@pytest.mark.parametrize("people", [1, 4, 7, 23, 199, 401, 1_003])
def test_any_size_has_its_exact_counts_and_sound_keys(people: int) -> None:
    market = generate(people, 3, AS_OF)
    counts = (len(market.companies), len(market.people), len(market.deals), len(market.events))
    assert counts == (max(1, people // 5), people, people * 15 // 100, people * 25 // 2)
    for things in (
        market.owners,
        market.queues,
        market.campaigns,
        market.companies,
        market.people,
        market.deals,
        market.events,
    ):
        assert [thing.key for thing in things] == list(range(len(things)))


def test_districts_one_at_a_time_are_the_market(market: Market) -> None:
    def people_of_districts() -> Iterator[Person]:
        for district in grow(2_000, 7, AS_OF):
            yield from district.people

    assert tuple(people_of_districts()) == market.people


def test_a_third_of_the_people_are_in_both_crms_and_nobody_in_none(market: Market) -> None:
    membership = Counter((person.in_hubspot, person.in_salesforce != "none") for person in market.people)
    assert membership[False, False] == 0
    assert membership[True, True] / 2_000 == pytest.approx(1 / 3, abs=0.02)
    assert membership[True, False] / 2_000 == pytest.approx(1 / 3, abs=0.03)


def test_salesforce_has_leads_contacts_and_converted_leads(market: Market) -> None:
    kinds = Counter(person.in_salesforce for person in market.people)
    assert kinds["lead"] > 400
    assert kinds["contact"] > 400
    assert kinds["converted"] > 150


def test_only_converted_people_have_a_conversion_time_and_it_follows_their_creation(market: Market) -> None:
    for person in market.people:
        assert (person.converted_at is not None) == (person.in_salesforce == "converted")
        assert person.converted_at is None or person.created_at <= person.converted_at <= AS_OF


def test_titles_come_in_six_languages_and_two_chinese_scripts(market: Market) -> None:
    languages = Counter(person.language for person in market.people)
    assert set(languages) == {"en", "de", "fr", "es", "zh-Hans", "zh-Hant", "ru"}
    assert min(languages.values()) > 20
    titles = {person.title for person in market.people}
    assert {"Geschäftsführer", "Directrice commerciale", "销售总监", "業務經理", "Менеджер по продажам"} <= titles


def test_every_address_and_domain_is_made_up(market: Market) -> None:
    addresses = [address for person in market.people for address in (person.email, person.email_in_salesforce) if address]
    addresses += [owner.email for owner in market.owners]
    domains = [address.rpartition("@")[2].lower() for address in addresses] + [
        company.domain for company in market.companies
    ]
    assert all(domain.endswith(".example") for domain in domains)
    assert all(address.isascii() and " " not in address for address in addresses)
    free = [domain for domain in domains if domain in {"freemail.example", "webpost.example"}]
    assert 0.05 < len(free) / len(domains) < 0.25


def test_no_two_companies_share_a_domain(market: Market) -> None:
    assert len({company.domain for company in market.companies}) == len(market.companies)


def test_every_field_that_crms_lack_is_missing_somewhere_and_known_mostly(market: Market) -> None:
    for field in ("first_name", "email", "title", "country", "lead_source", "owner", "company"):
        missing = sum(getattr(person, field) is None for person in market.people)
        assert 0 < missing < 600, field
    for field in ("city", "employees", "industry", "annual_revenue"):
        missing = sum(getattr(company, field) is None for company in market.companies)
        assert 0 < missing < 200, field


def test_two_per_cent_are_doubles_of_an_earlier_row(market: Market) -> None:
    doubles = [person for person in market.people if person.duplicate_of is not None]
    assert len(doubles) == 40
    for double in doubles:
        assert double.duplicate_of is not None
        original = market.people[double.duplicate_of]
        assert original.key < double.key
        assert (original.last_name, original.title or double.title) == (double.last_name, double.title or original.title)


def test_doubles_repeat_an_address_in_other_case_within_salesforce_or_bring_another(market: Market) -> None:
    same = other = 0
    for double in market.people:
        if double.duplicate_of is None:
            continue
        original = market.people[double.duplicate_of]
        assert double.email is not None
        assert original.email is not None
        assert double.email != original.email
        if double.email.lower() == original.email.lower():
            same += 1
            assert double.in_salesforce != "none"
            assert original.in_salesforce != "none"
        else:
            other += 1
    assert same > 5
    assert other > 5


def test_hubspot_has_each_address_once_whatever_its_case(market: Market) -> None:
    addresses = [person.email.lower() for person in market.people if person.in_hubspot and person.email]
    assert len(addresses) == len(set(addresses))


def test_queues_own_leads_of_salesforce_only(market: Market) -> None:
    queued = [person for person in market.people if person.queue is not None]
    assert len(queued) > 30
    assert all(person.in_salesforce == "lead" and not person.in_hubspot for person in queued)


def test_owners_who_left_still_own_people(market: Market) -> None:
    gone = {owner.key for owner in market.owners if not owner.active}
    assert len(gone) == 2
    assert sum(person.owner in gone for person in market.people) > 20


def test_a_quarter_has_something_on_bant_and_six_per_cent_most_of_it(market: Market) -> None:
    elements = Counter(bant_elements(person) for person in market.people)
    assert (2_000 - elements[0]) / 2_000 == pytest.approx(0.26, abs=0.01)
    assert (elements[3] + elements[4]) / 2_000 == pytest.approx(0.06, abs=0.01)


def test_bant_is_known_of_likely_buyers_and_contradicts_some(market: Market) -> None:
    known = mean(person.propensity for person in market.people if bant_elements(person))
    unknown = mean(person.propensity for person in market.people if not bant_elements(person))
    assert known > unknown + 0.1
    assert sum(person.budget_status in {"none", "frozen"} for person in market.people) > 10
    assert all((person.bant_at is not None) == (bant_elements(person) > 0) for person in market.people)


def test_no_time_lies_in_the_future_and_creation_comes_first(market: Market) -> None:
    dated: list[Person | Company | Deal] = [*market.people, *market.companies, *market.deals]
    for thing in dated:
        assert thing.created_at <= thing.modified_at <= AS_OF
        assert thing.created_at.tzinfo is UTC
    by_person = events_by_person(market)
    for person in market.people:
        assert all(person.created_at <= event.at <= person.modified_at for event in by_person.get(person.key, []))


def test_rivals_of_the_seller_are_in_the_market_and_do_not_buy(market: Market) -> None:
    rivals = {
        company.key for company in market.companies if company.domain in {"scorewright.example", "gradepoint-rivals.example"}
    }
    assert len(rivals) == 2
    assert mean(person.propensity for person in market.people if person.company in rivals) < 0.1


def test_salesforce_ids_have_eighteen_characters_that_tell_case_apart() -> None:
    # The check letters follow from which of each five characters are capitals: 00Q is 4 of 0..31, hence E.
    assert salesforce_id(LEAD, 1) == "00Q5g0000000001EAA"
    ids = {salesforce_id(prefix, number).lower() for prefix in (LEAD, CONTACT, ACCOUNT) for number in range(1, 5_001)}
    assert len(ids) == 15_000
