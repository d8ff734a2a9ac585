"""Owners: the account's users, whom records point at but nobody writes here."""

from __future__ import annotations

from dataclasses import dataclass

LONG_AGO = "2022-01-10T08:00:00Z"


@dataclass(frozen=True, slots=True)
class Owner:
    """A user as record owner. Records store `id`; `user_id` is another number for the same person."""

    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    archived: bool = False


class Directory:
    """The owners of one account."""

    def __init__(self, owners: tuple[Owner, ...]) -> None:
        self.owners = owners
        self._active_ids = frozenset(owner.id for owner in owners if not owner.archived)

    def active_owner_ids(self) -> frozenset[str]:
        """Ids that may be written as owner; an archived owner's may not."""
        return self._active_ids
