"""Records taken out of the bin again: what a person does in the app, for which HubSpot has no public API.

Sources: HubSpot knowledge base "Restore deleted records" (90 days; not over a live record with the same address) and
"Understand restorable and permanent contact deletions" (activities come back with the contact).
"""

from __future__ import annotations

from typing import Any

import msgspec

from sandbox.hubspot.account import Account
from sandbox.hubspot.kinds import known
from sandbox.hubspot.linking import rejoin

KEPT_MILLISECONDS = 90 * 86_400_000


class Restoration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The order of `/_twin/restore`: a type by its plural, and an id."""

    object: str
    id: str


def restore(account: Account, order: Any) -> None:
    """Make a record live again, with its id, its values, and its associations with what is still there.

    Raises:
        ValueError: the order is none, or the record is not in the bin, no longer there, or its unique value is taken.
    """
    asked = msgspec.convert(order, Restoration)
    kind = known(asked.object)
    row = None if kind is None else account.records(kind).find(asked.id)
    if kind is None or row is None or row.archived_ms is None:
        raise ValueError(f"there is no {asked.object} {asked.id} in the bin")
    if account.clock.milliseconds() - row.archived_ms > KEPT_MILLISECONDS:
        raise ValueError(f"{asked.object} {asked.id} was archived more than 90 days ago")
    taken = [name for name in account.unique_names(kind) if account.holder(kind, name, row.properties.get(name, ""))]
    if taken:
        raise ValueError(f"another of the {asked.object} has the same {', '.join(taken)}")
    account.bring_back(kind, row)
    rejoin(account, kind, row)
