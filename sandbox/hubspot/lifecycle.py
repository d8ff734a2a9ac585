"""The two ways in which records go for good: merged into another, or deleted for privacy."""

from __future__ import annotations

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot.call import Call, answer, nothing
from sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, Kind
from sandbox.hubspot.linking import hand_over, sever
from sandbox.hubspot.objects import find_row
from sandbox.hubspot.problems import invalid, record_not_found
from sandbox.hubspot.records import Row
from sandbox.hubspot.render import record, shown_names

_MERGED = (CONTACTS, COMPANIES, DEALS)
"""The types that have a path for merging in HubSpot's list of operations."""


class Merge(msgspec.Struct, frozen=True):
    """The body of a merge."""

    primaryObjectId: str  # noqa: N815 - wire name
    objectIdToMerge: str  # noqa: N815 - wire name


class PrivacyDeletion(msgspec.Struct, frozen=True):
    """The body of a privacy deletion."""

    objectId: str  # noqa: N815 - wire name
    idProperty: str | None = None  # noqa: N815 - wire name


def merge(call: Call) -> Reply:
    """POST merge: both records end, a new one with a new id takes their place (HubSpot docs: merge).

    The primary's values win; the new record lists the former ids, and either of them leads to it.
    """
    body = call.body(Merge)
    account, kind = call.account, call.kind
    if kind not in _MERGED:
        raise invalid(f"Records of the type {kind.name} cannot be merged")
    primary, other = account.live(kind, body.primaryObjectId), account.live(kind, body.objectIdToMerge)
    if primary is None or other is None or primary.id == other.id:
        raise invalid(f"Could not merge {kind.singular} {body.objectIdToMerge} into {body.primaryObjectId}")
    records, now_ms = account.records(kind), account.clock.milliseconds()
    values = {**other.properties, **primary.properties}
    values[kind.merged] = merged_ids(kind, primary, other, now_ms)
    account.archive(kind, primary)
    account.archive(kind, other)
    row = account.create(kind, values)
    for former in (primary, other):
        hand_over(account, kind, former, row)
        records.purge(records.find(str(former.id)) or former)
        records.alias(former, row)
    shown = record(kind, row, shown_names(account, kind, [*kind.shown, kind.merged]))
    return answer(shown, effect=f"merged {kind.name} {other.id} into {primary.id}, now {row.id}")


def merged_ids(kind: Kind, primary: Row, other: Row, now_ms: int) -> str:
    """The list of former ids: contacts with the time of the merge, other objects without."""
    earlier = [row.properties[kind.merged] for row in (primary, other) if kind.merged in row.properties]
    if kind is CONTACTS:
        return ";".join([*earlier, f"{primary.id}:{now_ms}", f"{other.id}:{now_ms}"])
    return ";".join([*earlier, str(primary.id), str(other.id)])


def gdpr_delete(call: Call) -> Reply:
    """POST gdpr-delete: the record and its history are gone at once and for good.

    An e-mail address that nobody has is fine: HubSpot notes that it must not come back, this twin does not.
    """
    body = call.body(PrivacyDeletion)
    row = find_row(call.account, call.kind, body.objectId, body.idProperty)
    if row is None and body.idProperty == "email":
        return nothing("")
    if row is None:
        raise record_not_found(body.objectId)
    sever(call.account, call.kind, row)
    call.account.archive(call.kind, row)
    call.account.records(call.kind).purge(call.account.records(call.kind).find(str(row.id)) or row)
    return nothing(f"privacy-deleted {call.kind.name} {row.id}")
