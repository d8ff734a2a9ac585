"""Keeping the state of an account, and bringing it back: what differs from the market it came with, as MessagePack."""

from __future__ import annotations

import msgspec

from sandbox.hubspot.account import Account
from sandbox.hubspot.formulas import read
from sandbox.hubspot.kinds import KINDS, Kind
from sandbox.hubspot.labels import Labels
from sandbox.hubspot.links import ChangedLinks, KeptLinks
from sandbox.hubspot.records import Differences
from sandbox.hubspot.rules import FormRule
from sandbox.hubspot.schema import Definition, Group, KindSchema
from sandbox.hubspot.stages import Pipelines
from sandbox.hubspot.uniques import Uniques
from sandbox.market.source import MarketName

_TWIN = "hubspot"
_FORMAT = 1


class _Definitions(msgspec.Struct, frozen=True):
    """All properties and groups of one object type; HubSpot's own can have been changed too."""

    active: dict[str, Definition]
    archived: dict[str, Definition]
    groups: dict[str, Group]


class _Saved(msgspec.Struct, frozen=True):
    """An account, but for what belongs to its command line: secrets, limits, users, required properties."""

    twin: str
    format: int
    market: MarketName | None
    records: dict[str, Differences]
    links: ChangedLinks
    definitions: dict[str, _Definitions]
    pipelines: Pipelines
    labels: Labels
    rules: dict[tuple[str, str], dict[str, FormRule]]
    kept_links: KeptLinks = msgspec.field(default_factory=dict)


_decoder = msgspec.msgpack.Decoder(_Saved)


def save(account: Account) -> bytes:
    """Everything that differs from the market, and which market that is."""
    saved = _Saved(
        twin=_TWIN,
        format=_FORMAT,
        market=account.market,
        records={kind.name: account.records(kind).differences() for kind in KINDS},
        links=account.links.changed,
        definitions={kind.name: _definitions(account.schema.of(kind)) for kind in KINDS},
        pipelines=account.pipelines,
        labels=account.labels,
        rules=account.rules.by_property,
        kept_links=account.links.kept,
    )
    return msgspec.msgpack.encode(saved)


def load(account: Account, content: bytes) -> None:
    """Bring a saved state back.

    Raises:
        ValueError: it is none, or that of an account with another market; nothing has changed.
    """
    try:
        saved = _decoder.decode(content)
    except msgspec.MsgspecError as problem:
        raise ValueError(f"this is no saved state of a HubSpot twin: {problem}") from problem
    if (saved.twin, saved.format) != (_TWIN, _FORMAT):
        raise ValueError(f"this is the saved state of a {saved.twin} twin in format {saved.format}")
    if saved.market != account.market:
        raise ValueError(f"this state belongs to another market: {saved.market}, not {account.market}")
    account.links.changed = saved.links
    account.links.kept = saved.kept_links
    account.pipelines = saved.pipelines
    account.labels = saved.labels
    account.rules.by_property = saved.rules
    account.uniques = Uniques()
    for kind in KINDS:
        _restore_definitions(account.schema.of(kind), saved.definitions[kind.name])
        _restore_records(account, kind, saved.records[kind.name])


def _definitions(schema: KindSchema) -> _Definitions:
    return _Definitions(schema.active, schema.archived, schema.groups)


def _restore_definitions(schema: KindSchema, saved: _Definitions) -> None:
    for name in schema.formulas:
        del schema.traits[name]
    schema.formulas.clear()
    schema.active = dict(saved.active)
    schema.archived = dict(saved.archived)
    schema.groups = dict(saved.groups)
    for definition in saved.active.values():
        if definition.calculationFormula:
            schema.put(definition, read(definition.calculationFormula))


def _restore_records(account: Account, kind: Kind, saved: Differences) -> None:
    account.records(kind).restore(saved)
    names = account.schema.of(kind).own_unique()
    for row in saved.rows if names else ():
        if row.archived_ms is None:
            account.uniques.hold(kind.name, names, row.id, row.properties)
