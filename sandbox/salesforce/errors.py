"""Failures as Salesforce words them: a code, a sentence, and the fields concerned."""

from __future__ import annotations

STATUS_BY_CODE = {
    "INVALID_SESSION_ID": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INSUFFICIENT_ACCESS": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "UNSUPPORTED_API_VERSION": 410,
    "URI_TOO_LONG": 414,
}


class SalesforceError(Exception):
    """The org says no.

    Top-level answers call the code `errorCode`; a row of a collection calls it `statusCode` and always carries
    `fields` (Salesforce docs: REST status codes, sObject collections).
    """

    def __init__(self, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.fields = fields

    @property
    def status(self) -> int:
        """The HTTP status this code travels with when it is the whole answer."""
        return STATUS_BY_CODE.get(self.code, 400)

    def top_level(self) -> list[dict[str, object]]:
        """The body of a failed request: a list with one error."""
        body: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            body["fields"] = list(self.fields)
        return [body]

    def in_row(self) -> dict[str, object]:
        """The error as one row of a collection reports it."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


def not_found() -> SalesforceError:
    """The answer to a path, object or record that is not there."""
    return SalesforceError("NOT_FOUND", "The requested resource does not exist")
