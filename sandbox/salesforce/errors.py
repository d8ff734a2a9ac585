"""Failures as Salesforce words them: a code, a sentence, and the fields concerned."""

from __future__ import annotations

from collections.abc import Mapping

STATUS_BY_CODE = {
    "INVALID_SESSION_ID": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INSUFFICIENT_ACCESS": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "API_VERSION_MISMATCH": 409,
    "UNSUPPORTED_API_VERSION": 410,
    "URI_TOO_LONG": 414,
    "REQUEST_HEADER_FIELDS_TOO_LARGE": 431,
}


# A refused write of a record always names its fields, be it none; a refused request names them only where there are some.
_OF_RECORDS = frozenset(
    {
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "DELETE_FAILED",
        "DUPLICATE_VALUE",
        "ENTITY_IS_DELETED",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "FIELD_INTEGRITY_EXCEPTION",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INVALID_CROSS_REFERENCE_KEY",
        "UNABLE_TO_LOCK_ROW",
    }
)


class SalesforceError(Exception):
    """The org says no.

    Top-level answers call the code `errorCode`; a row of a collection calls it `statusCode` and always carries
    `fields` (Salesforce docs: REST status codes, sObject collections). `also` are further errors of the same write, and
    `detail` what only a top-level answer tells.
    """

    def __init__(
        self,
        code: str,
        message: str,
        fields: tuple[str, ...] = (),
        *,
        also: tuple[SalesforceError, ...] = (),
        detail: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.also = also
        self.detail = detail or {}
        self.code = code
        self.message = message
        self.fields = fields

    @property
    def status(self) -> int:
        """The HTTP status this code travels with when it is the whole answer."""
        return STATUS_BY_CODE.get(self.code, 400)

    def top_level(self) -> list[dict[str, object]]:
        """The body of a failed request: a list of errors."""
        body: dict[str, object] = {**self.detail, "message": self.message, "errorCode": self.code}
        if self.fields or self.code in _OF_RECORDS:
            body["fields"] = list(self.fields)
        return [body, *(entry for other in self.also for entry in other.top_level())]

    def in_row(self) -> dict[str, object]:
        """The error as one row of a collection reports it, alone."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}

    def in_rows(self) -> list[dict[str, object]]:
        """All errors of one row of a collection."""
        return [self.in_row(), *(entry for other in self.also for entry in other.in_rows())]


def not_found() -> SalesforceError:
    """The answer to a path, object or record that is not there."""
    return SalesforceError("NOT_FOUND", "The requested resource does not exist")
