"""Answers in HubSpot's shapes, for scripts."""

from __future__ import annotations

from typing import Any

STAMP = "2026-11-20T08:30:00.000Z"


def row(
    object_id: str, *, contacts: list[str] | None = None, archived_at: str | None = None, **properties: str | None
) -> Any:
    """One record; `contacts` are associated ones, as a list answer carries them."""
    shape: dict[str, Any] = {
        "id": object_id,
        "properties": {"hs_object_id": object_id, **properties},
        "createdAt": STAMP,
        "updatedAt": STAMP,
        "archived": archived_at is not None,
    }
    if archived_at is not None:
        shape["archivedAt"] = archived_at
    if contacts is not None:
        results = [{"id": contact, "type": "call_to_contact"} for contact in contacts]
        shape["associations"] = {"contacts": {"results": results}}
    return shape


def listing(*rows: Any, after: str | None = None) -> Any:
    return {"results": list(rows), **({"paging": {"next": {"after": after}}} if after else {})}


def found(*rows: Any, total: int | None = None) -> Any:
    return {"total": len(rows) if total is None else total, "results": list(rows)}


def batch(*rows: Any, errors: list[Any] | None = None) -> Any:
    shape: dict[str, Any] = {"status": "COMPLETE", "results": list(rows), "startedAt": STAMP, "completedAt": STAMP}
    return shape if errors is None else {**shape, "numErrors": len(errors), "errors": errors}


def item_error(record_id: str, category: str, message: str = "no", code: str | None = None) -> Any:
    details = [] if code is None else [{"message": message, "code": code}]
    return {
        "status": "error",
        "category": category,
        "message": message,
        "context": {"objectWriteTraceId": [record_id]},
        "errors": details,
        "links": {},
    }


def associations(*ends: tuple[str, list[str]], after: dict[str, str] | None = None) -> Any:
    results = []
    for near, far in ends:
        one: dict[str, Any] = {"from": {"id": near}, "to": [end(to) for to in far]}
        if after and near in after:
            one["paging"] = {"next": {"after": after[near]}}
        results.append(one)
    return batch(*results)


def end(to: str, type_id: int = 1) -> Any:
    return {"toObjectId": to, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": type_id}]}


def properties(**types: str) -> Any:
    """The definitions of properties by name and type."""
    return {
        "results": [
            {
                "name": name,
                "label": name,
                "type": kind,
                "fieldType": "text",
                "groupName": "contactinformation",
                "description": "",
                "options": [],
            }
            for name, kind in types.items()
        ]
    }


def refusal(category: str, message: str = "no", code: str | None = None) -> Any:
    shape: dict[str, Any] = {"status": "error", "category": category, "message": message, "correlationId": "c-1"}
    return shape if code is None else {**shape, "errors": [{"message": message, "code": code}]}
