"""The state of an org as bytes: what differs from its market, to be brought back over the same market.

Sessions, query locators, bulk jobs, rules and locks are not part of it, as they are not of `/_twin/state`.
"""

from __future__ import annotations

import msgspec

from sandbox.market.source import MarketName
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.store import StoredRecords
from sandbox.salesforce.tooling import StoredDefinitions

_FORMAT = "salesforce 1"


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    """`market` is None for an org without people, whose few records are all among `records`."""

    format: str
    market: MarketName | None
    fields: dict[str, list[Field]]
    records: StoredRecords
    definitions: StoredDefinitions


_decoder = msgspec.msgpack.Decoder(_Saved)


def save(org: Org) -> bytes:
    """Everything that differs from the org's market, and which market that is."""
    fields = {sobject.name: sobject.custom_fields for sobject in org.schema}
    saved = _Saved(_FORMAT, org.market, fields, org.store.save(), org.tooling.save())
    return msgspec.msgpack.encode(saved)


def load(org: Org, content: bytes) -> None:
    """Bring exactly that state back.

    Raises:
        ValueError: these bytes hold no state of an org, or that of one with another market; nothing has changed.
    """
    try:
        saved = _decoder.decode(content)
    except msgspec.MsgspecError as problem:
        raise ValueError(f"no saved state of a Salesforce twin: {problem}") from problem
    if saved.format != _FORMAT:
        raise ValueError(f"the state was saved as {saved.format!r}, not as {_FORMAT!r}")
    if saved.market != org.market:
        raise ValueError(f"the state belongs to another market: {saved.market}, not {org.market}")
    _restore_fields(org, saved.fields)
    org.store.restore(saved.records)
    org.tooling.restore(saved.definitions)
    org.forget()


def _restore_fields(org: Org, fields: dict[str, list[Field]]) -> None:
    for sobject in org.schema:
        known = {field.name for field in sobject.custom_fields}
        for name in known:
            sobject.remove(name)
        for field in fields.get(sobject.name, []):
            sobject.add(field)
            if field.name not in known:
                org.store.index(sobject.name, field)
