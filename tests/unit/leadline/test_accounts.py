"""A company's score on the company: where the admin gave it a place, and only when there is something to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from connectors.company import CompanyFields
from connectors.records import DealRecord, DealRole, Ref, Scalar
from leadline.state.database import Database
from scoring.qualification import parse_qualification
from tests.engine import TwoCrms, company, contact, engaged

ACME = Ref("companies", "7")
EVERY_PLACE = CompanyFields(
    score="acct_score",
    fit="acct_fit",
    engagement="acct_engagement",
    roles_covered="acct_covered",
    roles_missing="acct_missing",
)
ROLES = [
    {"id": "decision_maker", "when": {"person.seniority": {"in": ["c_level", "vp"]}}},
    {"id": "champion", "when": {"person.buying_role": "champion"}},
]


@pytest.fixture
def world(database: Database) -> TwoCrms:
    world = TwoCrms(database)
    world.company_score = EVERY_PLACE
    raw = {"framework": "bant", "elements": {"need": {"ask": "Which?"}}, "buying_roles": ROLES}
    world.qualification = parse_qualification(raw)
    world.sales.put(company("7", name="Acme"))
    return world


def shown(world: TwoCrms, ref: Ref = ACME) -> Mapping[str, Scalar]:
    return world.sales.ours(ref)


def works_at_acme(world: TwoCrms, number: str, **fields: Scalar) -> None:
    world.sales.put(contact(number, f"p{number}@acme.example", company=ACME, fields={"title": "Assistant", **fields}))


def test_a_company_shows_what_its_people_make(world: TwoCrms) -> None:
    works_at_acme(world, "1", title="VP Sales", country="DE")
    works_at_acme(world, "2", title="Intern")
    engaged(world, "1")
    world.run()
    found = shown(world)
    assert found["score"] == found["fit"] + found["engagement"]  # type: ignore[operator] # both are numbers
    assert isinstance(found["engagement"], int)
    assert found["engagement"] > 0
    assert (found["roles_covered"], found["roles_missing"]) == ("decision maker", "champion")


def test_a_company_without_people_is_left_alone(world: TwoCrms) -> None:
    world.run()
    assert shown(world) == {}


def test_without_a_place_nothing_is_written(world: TwoCrms) -> None:
    world.company_score = CompanyFields()
    works_at_acme(world, "1", title="VP Sales")
    world.run()
    assert shown(world) == {}


def test_only_values_with_a_place_are_written(world: TwoCrms) -> None:
    world.company_score = CompanyFields(roles_missing="acct_missing")
    works_at_acme(world, "1", title="VP Sales")
    world.run()
    assert shown(world) == {"roles_missing": "champion"}


def test_a_place_given_later_is_filled(world: TwoCrms) -> None:
    world.company_score = CompanyFields()
    works_at_acme(world, "1", title="VP Sales")
    world.run()
    world.company_score, world.revision = EVERY_PLACE, "2"
    world.run()
    assert shown(world)["roles_covered"] == "decision maker"


def test_nothing_new_is_written_nothing(world: TwoCrms) -> None:
    works_at_acme(world, "1", title="VP Sales")
    world.run()
    before = world.tally.outcomes.copy()
    for _ in range(5):
        world.later(days=1)
        world.run()
    assert world.tally.outcomes == before


def test_who_leaves_takes_their_role_with_them(world: TwoCrms) -> None:
    works_at_acme(world, "1", title="VP Sales")
    works_at_acme(world, "2", buying_role="champion")
    world.run()
    assert shown(world)["roles_missing"] is None
    world.sales.put(contact("2", "p2@acme.example", fields={"buying_role": "champion"}))
    world.run()
    assert shown(world)["roles_missing"] == "champion"


def test_the_last_to_leave_empties_it(world: TwoCrms) -> None:
    works_at_acme(world, "1", title="VP Sales")
    world.run()
    world.sales.put(contact("1", "p1@acme.example", fields={"title": "VP Sales"}))
    world.run()
    assert set(shown(world).values()) == {None}


def test_who_is_removed_counts_no_more(world: TwoCrms) -> None:
    works_at_acme(world, "1", title="VP Sales")
    works_at_acme(world, "2", buying_role="champion")
    world.run()
    world.sales.archive(Ref("contacts", "2"))
    world.run()
    assert shown(world)["roles_missing"] == "champion"


def test_a_role_in_a_deal_counts(world: TwoCrms) -> None:
    works_at_acme(world, "1")
    part = DealRole(Ref("contacts", "1"), "champion")
    world.sales.put(
        DealRecord(ref=Ref("deals", "1"), modified_at=world.time.now, stage="proposal", open=True, won=False, people=(part,))
    )
    world.run()
    assert shown(world)["roles_covered"] == "champion"


def test_a_killed_process_finds_the_company_still_due(world: TwoCrms) -> None:
    works_at_acme(world, "1", title="VP Sales")

    @dataclass
    class Once:
        calls: int = 0

        def __call__(self) -> None:
            self.calls += 1
            if self.calls == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.cycle().once(Once())
    world.time.now += timedelta(minutes=5)
    world.run()
    assert shown(world)["roles_covered"] == "decision maker"
