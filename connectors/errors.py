"""What can go wrong with a CRM, named after what helps.

A connector classifies; the engine decides. Nothing in `connectors` sleeps between attempts or tries a call again.
Messages are for admins: what failed, where, what to do. They never carry a token or a personal value.
"""

from __future__ import annotations

from datetime import datetime


class ConnectorError(Exception):
    """Base of all five. `what` is one sentence without a trailing stop; `code` is the CRM's own error code, if any."""

    def __init__(self, what: str, *, code: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.code = code


class RetryLater(ConnectorError):
    """The same call may succeed later: throttling, server trouble, a cut connection, a lapsed token.

    `at` is the earliest moment (aware UTC) the CRM or our budget allows; None leaves the choice to the engine.
    """

    def __init__(self, what: str, *, at: datetime | None = None, code: str | None = None) -> None:
        super().__init__(what, code=code)
        self.at = at


class Reauthorise(ConnectorError):
    """The credentials are refused: a person must renew or replace them."""


class Misconfigured(ConnectorError):
    """The account or our settings lack something a person must grant or correct: a scope, an object, a field."""


class RecordRejected(ConnectorError):
    """The CRM refuses this one record for good; it goes on being refused until the record or the settings change."""


class ContractBroken(ConnectorError):
    """The CRM answered in a way this connector does not understand. Going on could lose data, so the stream stops."""
