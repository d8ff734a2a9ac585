"""The Metadata API's calls that answer at once: custom fields and permission sets made, read, changed and deleted.

Ten components a call at most; each has a result of its own, in the order of the request (Salesforce docs: CRUD calls).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from sandbox.exchange import Reply, Request
from sandbox.salesforce.api.admission import admitted
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.permission_sets import PermissionSets
from sandbox.salesforce.soap import SOAP_ROOT, Envelope, fault, records_reply, results_reply
from sandbox.salesforce.tooling import CustomField

METADATA_ROOT = f"{SOAP_ROOT}m/"
MAX_COMPONENTS = 10
Definition = Mapping[str, object]


class Components(Protocol):
    """One type of metadata. All raise SalesforceError for what the org has against it."""

    def create(self, name: str, definition: Definition) -> None:
        """Make a component that is not there yet."""
        ...

    def change(self, name: str, definition: Definition) -> None:
        """Define a component anew."""
        ...

    def delete(self, name: str) -> None:
        """Take a component away."""
        ...

    def read(self, name: str) -> dict[str, object] | None:
        """The definition of a component, None where there is none."""
        ...


class CustomFields:
    """`CustomField` as the Metadata API has it: `Lead.Score__c`."""

    def __init__(self, org: Org) -> None:
        self._tooling = org.tooling

    def create(self, name: str, definition: Definition) -> None:
        """A field that nobody may see yet."""
        self._tooling.create_field(name, definition)

    def change(self, name: str, definition: Definition) -> None:
        """Another definition of a field."""
        self._tooling.change_field(self._there(name), definition)

    def delete(self, name: str) -> None:
        """A field with its values and grants."""
        self._tooling.delete_field(self._there(name))

    def read(self, name: str) -> dict[str, object] | None:
        """A field's definition."""
        custom = self._tooling.find(name)
        return None if custom is None else {"fullName": custom.full_name, **self._tooling.definition(custom)}

    def _there(self, name: str) -> CustomField:
        custom = self._tooling.find(name)
        if custom is None:
            message = f"In field: fullName - no CustomField named {name} found"
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", message)
        return custom


class MetadataApi:
    """Handler of `/services/Soap/m/{version}`."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._types: dict[str, Components] = {"CustomField": CustomFields(org), "PermissionSet": PermissionSets(org)}
        self._operations: dict[str, Callable[[Envelope], Reply]] = {
            "createMetadata": self._create,
            "updateMetadata": self._update,
            "upsertMetadata": self._upsert,
            "deleteMetadata": self._delete,
            "readMetadata": self._read,
        }

    def answer(self, request: Request) -> Reply:
        """Carry one operation out."""
        try:
            return self._answer(request)
        except SalesforceError as refusal:
            return fault(refusal.code, refusal.message)

    def _answer(self, request: Request) -> Reply:
        envelope, _ = admitted(request, METADATA_ROOT, self._org)
        operation = self._operations.get(envelope.operation)
        if operation is None:
            raise SalesforceError("INVALID_OPERATION", f"No operation available for request {envelope.operation}")
        return operation(envelope)

    def _create(self, envelope: Envelope) -> Reply:
        return self._each_component(envelope, lambda kind, name, definition: kind.create(name, definition))

    def _update(self, envelope: Envelope) -> Reply:
        return self._each_component(envelope, lambda kind, name, definition: kind.change(name, definition))

    def _upsert(self, envelope: Envelope) -> Reply:
        def put(kind: Components, name: str, definition: Definition) -> dict[str, object]:
            is_there = kind.read(name) is not None
            (kind.change if is_there else kind.create)(name, definition)
            return {"created": not is_there}

        return self._each_component(envelope, put)

    def _each_component(
        self, envelope: Envelope, do: Callable[[Components, str, Definition], dict[str, object] | None]
    ) -> Reply:
        components = list(envelope.components())
        _check_count(len(components))
        results = []
        for type_name, tree in components:
            name = str(tree.pop("fullName", ""))
            kind = self._type(type_name)
            results.append(_result(name, partial(do, kind, name, tree)))
        return _told(envelope, results)

    def _delete(self, envelope: Envelope) -> Reply:
        kind, names = self._named(envelope)
        results = [_result(name, partial(kind.delete, name)) for name in names]
        return _told(envelope, results)

    def _read(self, envelope: Envelope) -> Reply:
        kind, names = self._named(envelope)
        return records_reply(envelope.texts("type")[0], [kind.read(name) for name in names])

    def _named(self, envelope: Envelope) -> tuple[Components, list[str]]:
        names = envelope.texts("fullNames")
        _check_count(len(names))
        return self._type(next(iter(envelope.texts("type")), "")), names

    def _type(self, name: str) -> Components:
        kind = self._types.get(name)
        if kind is None:
            raise SalesforceError("INVALID_TYPE", f"This type of metadata is not available for this organization: {name}")
        return kind


def _check_count(count: int) -> None:
    if count > MAX_COMPONENTS:
        raise SalesforceError("LIMIT_EXCEEDED", f"no more than {MAX_COMPONENTS} components in one call")


def _result(name: str, do: Callable[[], dict[str, object] | None]) -> dict[str, object]:
    try:
        more = do() or {}
    except SalesforceError as refusal:
        errors = {"message": refusal.message, "statusCode": refusal.code}
        return {"errors": errors, "fullName": name, "success": False}
    return {**more, "fullName": name, "success": True}


def _told(envelope: Envelope, results: list[dict[str, object]]) -> Reply:
    done = sum(result["success"] is True for result in results)
    return results_reply(envelope.operation, results, f"{envelope.operation} {done} of {len(results)}" if done else "")
