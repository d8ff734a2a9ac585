"""Who may call the SOAP APIs: a known version on the path, a session in the envelope."""

from __future__ import annotations

from sandbox.exchange import Request
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import NEWEST_VERSION, OLDEST_VERSION
from sandbox.salesforce.soap import Envelope, read_envelope


def admitted(request: Request, root: str, org: Org) -> tuple[Envelope, str]:
    """The envelope of a call below `root`, and the user who makes it; the call is counted.

    Raises:
        SalesforceError: UNSUPPORTED_API_VERSION, INVALID_SESSION_ID, or what is wrong with the envelope.
    """
    number = request.path.removeprefix(root).strip("/").removesuffix(".0")
    if not number.isdigit() or not OLDEST_VERSION <= int(number) <= NEWEST_VERSION:
        raise SalesforceError("UNSUPPORTED_API_VERSION", f"Invalid Api version specified on URL: {number}")
    envelope = read_envelope(request.body)
    user_id = org.sessions.user_of(f"Bearer {envelope.session}")
    if user_id is None:
        raise SalesforceError("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
    org.usage.count()
    return envelope, user_id
