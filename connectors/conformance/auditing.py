"""Rules of what a nightly audit asks: the census is the account, and what it does not show has a whereabouts."""

from __future__ import annotations

from typing import Any, TypeAlias

from connectors.conformance.reading import LATER_SECONDS, contents, latest, read
from connectors.conformance.world import World
from connectors.contract import Connector
from connectors.records import (
    CompanyRecord,
    DealRecord,
    EngagementRecord,
    OwnerRecord,
    PersonRecord,
    Record,
    Ref,
    Removed,
    Stream,
)

COUNTED = frozenset({Stream.CONTACTS, Stream.COMPANIES, Stream.DEALS})
"""Streams of which every record is one of the CRM's; of engagements the CRM counts many that a pull leaves out."""


LiveRecord: TypeAlias = PersonRecord | CompanyRecord | DealRecord | EngagementRecord


class AuditRules:
    """What `census`, `whereabouts` and `fetch` promise about the streams that a connector declares as audited."""

    def test_a_census_shows_what_a_first_pull_yields(self, world: World, connector: Connector[Any]) -> None:
        """Every live record with the time of its last change, and nothing else."""
        people = _populate(world)
        world.archive_person(people[-1])
        world.advance(LATER_SECONDS)
        for stream in sorted(connector.capabilities.audited):
            live = _live(latest(read(connector, stream).records))
            seen = _census(world.connector(), stream)
            assert seen.keys() == live.keys(), f"{stream}: a census and a first pull disagree on who is there"
            moved = [ref for ref, one in live.items() if seen[ref] != one.modified_at]
            assert not moved, f"{stream}: a census and a first pull disagree on when {moved} changed"

    def test_an_empty_account_has_an_empty_census(self, world: World, connector: Connector[Any]) -> None:
        """No sighting, and an end."""
        for stream in sorted(connector.capabilities.audited):
            assert _census(connector, stream) == {}

    def test_edits_during_a_census_hide_nobody(self, world: World, connector: Connector[Any]) -> None:
        """Who changes while it goes on is seen all the same."""
        people = world.add_people(world.several_pages)
        world.advance(LATER_SECONDS)
        parts = iter(connector.census(Stream.CONTACTS))
        seen = {sighting.ref for sighting in next(parts).sightings}
        world.edit_person(people[0], title="Moved up")
        world.edit_person(people[-1], title="Moved up")
        world.advance(LATER_SECONDS)
        seen |= {sighting.ref for part in parts for sighting in part.sightings}
        assert set(people) <= seen

    def test_a_census_goes_on_after_any_part(self, world: World, connector: Connector[Any]) -> None:
        """From the cursor of any part, another process sees the rest."""
        _populate(world)
        world.advance(LATER_SECONDS)
        for stream in sorted(connector.capabilities.audited):
            parts = [*connector.census(stream)]
            for number, part in enumerate(parts, start=1):
                before = {sighting.ref for one in parts[:number] for sighting in one.sightings}
                rest = {sighting.ref for one in world.connector().census(stream, part.cursor) for sighting in one.sightings}
                missing = {sighting.ref for one in parts for sighting in one.sightings} - before - rest
                assert not missing, f"{stream} cut off after part {number} of {len(parts)}: {missing} were never seen"

    def test_a_census_moves_no_pull(self, world: World, connector: Connector[Any]) -> None:
        """What changed is still news for the pull after it."""
        world.add_people(1)
        cursor = read(connector).cursor
        (added,) = world.add_people(1)
        world.advance(LATER_SECONDS)
        assert added in _census(connector, Stream.CONTACTS)
        assert added in latest(read(connector, cursor=cursor).records)

    def test_the_count_is_that_of_the_census(self, world: World, connector: Connector[Any]) -> None:
        """So that an audit can tell that it saw all."""
        _populate(world)
        world.advance(LATER_SECONDS)
        for stream in sorted(connector.capabilities.audited & COUNTED if connector.capabilities.counts else ()):
            assert connector.count(stream) == len(_census(connector, stream)), stream

    def test_fetched_records_are_those_of_a_pull(self, world: World, connector: Connector[Any]) -> None:
        """Whole, with their associations, in every stream; those that are gone are left out."""
        people = _populate(world)
        world.archive_person(people[-1])
        world.advance(LATER_SECONDS)
        for stream in sorted(connector.capabilities.audited):
            live = _live(latest(read(connector, stream).records))
            asked = [*live, people[-1]] if stream is Stream.CONTACTS else [*live]
            assert contents(connector.fetch(asked)) == contents(live.values()), stream

    def test_lost_people_have_a_whereabouts(self, world: World, connector: Connector[Any]) -> None:
        """Archived, merged and erased are told apart; who is live is left out."""
        (live,) = world.add_people(1)
        lost = world.lose_people()
        world.advance(LATER_SECONDS)
        found = connector.whereabouts([live, *(one.ref for one in lost)])
        assert {one.ref: (one.reason, one.into) for one in found} == {one.ref: (one.reason, one.into) for one in lost}
        assert not [one for one in found if one.at.utcoffset() is None]
        assert connector.whereabouts(()) == ()

    def test_live_records_of_every_stream_are_not_lost(self, world: World, connector: Connector[Any]) -> None:
        """Asking for what is there finds nothing missing."""
        _populate(world)
        world.advance(LATER_SECONDS)
        for stream in sorted(connector.capabilities.audited):
            assert connector.whereabouts([*_census(connector, stream)]) == (), stream


def _populate(world: World) -> tuple[Ref, ...]:
    """People on several pages, with companies, deals and engagements."""
    people = world.add_people(world.several_pages)
    world.add_company(employees=240)
    world.add_deal(people[0], amount=20_000.0)
    for someone in people[:3]:
        world.add_engagement(someone)
    return people


def _live(records: dict[Ref, Record]) -> dict[Ref, LiveRecord]:
    return {ref: one for ref, one in records.items() if not isinstance(one, Removed | OwnerRecord)}


def _census(connector: Connector[Any], stream: Stream) -> dict[Ref, Any]:
    sightings = [sighting for part in connector.census(stream) for sighting in part.sightings]
    assert not [one for one in sightings if one.modified_at.utcoffset() is None], "times are aware"
    return {one.ref: one.modified_at for one in sightings}
