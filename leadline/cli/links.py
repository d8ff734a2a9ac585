"""`links`, `separate` and `rejoin`: which records are one person and why, and how a wrong join is undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from threading import Event

import typer
from sqlalchemy import Connection

from connectors.records import Ref
from leadline.app import database_url, open_database
from leadline.cli.present import DEFAULT_CONFIG, FAILED, ConfigOption, err, load, out, told_plainly
from leadline.clock import stamp, system_clock
from leadline.identity import Joined, join
from leadline.state import links as stated
from leadline.state import people, records
from leadline.state.links import Edge, Key
from leadline.state.neighbours import Neighbourhood, neighbourhood

RECORD = typer.Argument(help="A record as `links` prints it: sales:contacts/123, or less if only one can be meant.")


def links(
    person: str = typer.Argument(help="An e-mail address, a CRM id, or a person's id."),
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Tell which records are one person, and the reason for each join."""
    with told_plainly():
        crm_types = {one.name: one.connector.type_name for one in load(config).connections}
        with open_database(database_url()) as database, database.begin() as tx:
            told = tell(tx, person, crm_types)
    for line in told:
        out.print(line, markup=False)
    if not told:
        err.print("error: nobody is known by that; try the CRM's record id", style="red")
        raise typer.Exit(FAILED)


def separate(record: str = RECORD) -> None:
    """Keep a record apart from the others of its person, whatever would join them."""
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        key = _the_record(tx, record)
        others = people.companions(tx, key)
        stated.separate(tx, key, others, system_clock(Event()).now())
    if not others:
        err.print(f"error: {key} is the only record of its person", style="red", markup=False)
        raise typer.Exit(FAILED)
    out.print(f"{key} is kept apart from {_listed(others)}, beginning with the next cycle.", markup=False)
    out.print(f"To let them join again: python -m leadline rejoin {key}", markup=False)


def rejoin(record: str = RECORD) -> None:
    """Let a record join others again that it was kept apart from."""
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        key = _the_record(tx, record)
        others = stated.rejoin(tx, key)
    if not others:
        err.print(f"error: {key} is not kept apart from any record", style="red", markup=False)
        raise typer.Exit(FAILED)
    out.print(f"{key} may join {_listed(others)} again, beginning with the next cycle.", markup=False)


def tell(tx: Connection, person: str, crm_types: Mapping[str, str]) -> list[str]:
    """The persons that may be meant, each with its records and the reasons that hold them together."""
    told: list[str] = []
    for found in people.find_persons(tx, person):
        own = people.records_of(tx, found)
        around = neighbourhood(tx, own, crm_types)
        joined = join(around.live, around.edges, around.survivors, [(one.a, one.b) for one in around.separations])
        dates = _email_dates(tx, around.live)
        for group in joined.groups:
            if set(group) & set(own):
                told += [f"{found}: {_listed(group)}", *(f"  {line}" for line in _reasons(group, around, joined, dates))]
    return told


def _reasons(group: tuple[Key, ...], around: Neighbourhood, joined: Joined, email_dates: Mapping[Key, str]) -> Iterator[str]:
    """Why these records are one person, the strongest reasons first, and what would join more but must not. Pure."""
    became = {**around.survivors, **{key: key for key in around.live}}
    inside = [edge for edge in sorted(around.edges) if became.get(edge.a) in group and became.get(edge.b) in group]
    for edge in inside:
        if edge.reason != "email":
            yield _dated(_sentence(edge), edge.since)
    named = {edge.b for edge in inside if edge.reason == "merge"}
    for key, survivor in sorted(around.survivors.items()):
        if survivor in group and key in around.members and key not in named:
            yield _dated(f"{key} was merged into {survivor} in {key.connection}", around.members[key].removed_at)
    for edge in joined.joining:
        if edge.reason == "email" and edge in inside:
            yield _dated(_sentence(edge), max(email_dates.get(edge.a, ""), email_dates.get(edge.b, "")))
    yield from _disagreements(inside)
    for edge in joined.kept_apart:
        if became.get(edge.a) in group or became.get(edge.b) in group:
            yield f"{_sentence(edge)}, but they are kept apart"
    for one in around.separations:
        if one.a in group or one.b in group:
            yield _dated(f"{one.a} is kept apart from {one.b}", stamp(one.since))


def _sentence(edge: Edge) -> str:
    match edge.reason:
        case "conversion":
            return f"{edge.a} was converted into {edge.b}"
        case "merge":
            return f"{edge.b} was merged into {edge.a} in {edge.a.connection}"
        case "native_sync":
            return f"{edge.a} holds the id of {edge.b}, stored by the vendors' own sync"
        case "email":
            return f"{edge.a} and {edge.b} have the same e-mail address"


def _disagreements(edges: Iterable[Edge]) -> Iterator[str]:
    """Records that the vendors' sync takes for several records of one object, which cannot be."""
    partners: dict[tuple[Key, str, str], set[Key]] = {}
    for edge in edges:
        if edge.reason == "native_sync":
            for one, other in ((edge.a, edge.b), (edge.b, edge.a)):
                partners.setdefault((one, other.connection, other.object), set()).add(other)
    for (record, _, _), others in sorted(partners.items()):
        if len(others) > 1:
            yield f"the vendors' own sync disagrees with itself: {_listed(sorted(others))} all stand for {record}"


def _email_dates(tx: Connection, keys: Iterable[Key]) -> dict[Key, str]:
    """Since when each record has its address, as stored times; for want of better, since we know the record."""
    by_connection: dict[str, list[Key]] = {}
    for key in keys:
        by_connection.setdefault(key.connection, []).append(key)
    found: dict[Key, str] = {}
    for connection, own in by_connection.items():
        held = records.load(tx, connection, [Ref(key.object, key.id) for key in own])
        for key in own:
            if one := held.get(Ref(key.object, key.id)):
                found[key] = one.field_dates.get("email") or stamp(one.first_seen_at)
    return found


def _dated(sentence: str, since: str | None) -> str:
    return f"{sentence} (since {since[:10]})" if since else sentence


def _listed(keys: Iterable[Key]) -> str:
    return ", ".join(str(key) for key in keys)


def _the_record(tx: Connection, text: str) -> Key:
    """The one live record that is meant.

    Raises:
        typer.Exit: none is, or several are; the message tells which.
    """
    found = people.find_records(tx, text)
    if len(found) == 1:
        return found[0]
    several = f"{text} may mean {_listed(found)}; name one of them in full"
    none = f"there is no such record: {text}; `python -m leadline links PERSON` prints how records are named"
    err.print(f"error: {several if found else none}", style="red", markup=False)
    raise typer.Exit(FAILED)
