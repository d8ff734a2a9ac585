"""Rules of `write` while no call fails: one outcome each, in order, and one bad record stops one record."""

from __future__ import annotations

from typing import Any

from connectors.conformance.reading import LATER_SECONDS, VALUES, comparable, contents, person, read
from connectors.conformance.world import World
from connectors.contract import Connector, Gone, Rejected, Update, Written
from connectors.records import Ref, Stream

REFUSAL = "Score fields are frozen during the audit"


class WriteRules:
    """What `write` promises."""

    def test_nothing_to_write_is_nothing(self, world: World, ready: Connector[Any]) -> None:
        """No update, no outcome, no call."""
        calls = len(world.calls)
        assert ready.write(()) == ()
        assert len(world.calls) == calls

    def test_each_update_has_its_outcome_in_order(self, world: World, ready: Connector[Any]) -> None:
        """However the connector groups them, a full batch of them."""
        people = _mixed(world.add_people(ready.capabilities.write_batch))
        outcomes = ready.write([Update(ref, {"score": number}) for number, ref in enumerate(people)])
        assert outcomes == tuple(Written(ref) for ref in people)
        shown = [world.ours_of(ref)["score"] for ref in (people[0], people[1], people[-1])]
        assert [float(value or 0) for value in shown] == [0, 1, len(people) - 1]

    def test_written_values_are_read_back(self, world: World, ready: Connector[Any]) -> None:
        """The next pull has them in `ours`, of the kind and under the names they were written with."""
        (someone,) = world.add_people(1)
        assert ready.write([Update(someone, VALUES)]) == (Written(someone),)
        world.advance(LATER_SECONDS)
        ours = person(read(world.connector()).records, someone).ours
        assert comparable(ours) == comparable(VALUES)

    def test_our_own_values_do_not_change_the_content(self, world: World, ready: Connector[Any]) -> None:
        """A write comes back as the same content, so that it starts nothing."""
        people = world.add_people(3)
        before = read(ready)
        world.advance(LATER_SECONDS)
        ready.write([Update(ref, VALUES) for ref in people])
        world.advance(LATER_SECONDS)
        after = contents(read(ready, cursor=before.cursor).records)
        assert set(people) <= after.keys()
        assert after.items() <= contents(before.records).items()

    def test_a_write_leaves_the_other_values_alone(self, world: World, ready: Connector[Any]) -> None:
        """Only what the update names changes; None clears."""
        (someone,) = world.add_people(1)
        ready.write([Update(someone, VALUES)])
        assert ready.write([Update(someone, {"score": 12, "reasons": None})]) == (Written(someone),)
        world.advance(LATER_SECONDS)
        ours = person(read(ready).records, someone).ours
        assert comparable(ours) == comparable({**VALUES, "score": 12, "reasons": None})

    def test_writing_the_same_again_is_safe(self, world: World, ready: Connector[Any]) -> None:
        """A repeated write is confirmed like the first."""
        (someone,) = world.add_people(1)
        assert ready.write([Update(someone, VALUES)]) == ready.write([Update(someone, VALUES)]) == (Written(someone),)

    def test_a_refused_record_stops_only_itself(self, world: World, ready: Connector[Any]) -> None:
        """The others are written; the refused one says why in the CRM's words."""
        people = _mixed(world.add_people(9))
        refused = people[4]
        world.refuse(refused, REFUSAL)
        outcomes = ready.write([Update(ref, {"score": 55}) for ref in people])
        assert [outcome.ref for outcome in outcomes] == list(people)
        verdict = outcomes[4]
        assert isinstance(verdict, Rejected)
        assert REFUSAL in verdict.reason
        assert verdict.code
        assert [outcome for outcome in outcomes if outcome.ref != refused] == [Written(r) for r in people if r != refused]
        assert [ref for ref in people if world.ours_of(ref).get("score") is not None] == [r for r in people if r != refused]

    def test_gone_records_are_gone(self, world: World, ready: Connector[Any]) -> None:
        """A record deleted since the last pull is no failure of the batch."""
        people = _mixed(world.add_people(5))
        world.archive_person(people[2])
        outcomes = ready.write([Update(ref, {"score": 55}) for ref in people])
        assert outcomes == tuple(Gone(ref) if ref == people[2] else Written(ref) for ref in people)

    def test_refused_and_gone_records_in_one_batch_keep_the_order(self, world: World, ready: Connector[Any]) -> None:
        """Each kind of outcome stands where its update stood."""
        people = _mixed(world.add_people(8))
        world.archive_person(people[6])
        world.refuse(people[1], REFUSAL)
        outcomes = ready.write([Update(ref, {"score": 55}) for ref in people])
        kinds = [Written, Rejected, Written, Written, Written, Written, Gone, Written]
        assert [(type(outcome), outcome.ref) for outcome in outcomes] == list(zip(kinds, people, strict=True))

    def test_a_write_during_a_pull_disturbs_neither(self, world: World, ready: Connector[Any]) -> None:
        """One pull and one write may be under way on one instance."""
        people = world.add_people(world.several_pages)
        pages = ready.pull(Stream.CONTACTS, None)
        records = list(next(pages).records)
        updates = [Update(ref, {"score": 5}) for ref in people[-3:]]
        assert ready.write(updates) == tuple(Written(update.ref) for update in updates)
        for page in pages:
            records.extend(page.records)
            cursor = page.cursor
        world.advance(LATER_SECONDS)
        records.extend(read(ready, cursor=cursor).records)
        assert set(people) <= contents(records).keys()


def _mixed(people: tuple[Ref, ...]) -> tuple[Ref, ...]:
    """First, last, second, last but one …: where the world added several objects, they alternate."""
    return tuple(people[index // 2] if index % 2 == 0 else people[-1 - index // 2] for index in range(len(people)))
