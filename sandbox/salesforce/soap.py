"""The envelopes of the SOAP APIs: requests read, results and faults written.

SOAP 1.1 carries every fault with status 500, a wrong request of the client's too; that is the protocol's, not ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from sandbox.exchange import Reply, Request
from sandbox.salesforce.errors import SalesforceError

SOAP_ROOT = "/services/Soap/"
METADATA = "http://soap.sforce.com/2006/04/metadata"
PARTNER = "urn:partner.soap.sforce.com"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_MEDIA_TYPE = "text/xml;charset=UTF-8"
_NUMBERS = frozenset({"length", "precision", "scale", "visibleLines", "startingNumber"})
_LISTS = frozenset({"value", "fieldPermissions"})
_TEXTS = frozenset({"fullName", "label", "description", "inlineHelpText", "formula"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request: its operation, the session it names, and the operation's own element."""

    operation: str
    session: str
    content: ET.Element

    def texts(self, name: str) -> list[str]:
        """The texts of all direct parts with this name."""
        return [(part.text or "").strip() for part in self.content if _local(part.tag) == name]

    def parts(self, name: str) -> Iterator[dict[str, list[str]]]:
        """Each direct part with this name: the texts of what is in it, at any depth."""
        for part in self.content:
            if _local(part.tag) == name:
                found: dict[str, list[str]] = {}
                for element in part.iter():
                    found.setdefault(_local(element.tag), []).append((element.text or "").strip())
                yield found

    def components(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Type and content of each `metadata` component."""
        for part in self.content:
            if _local(part.tag) == "metadata":
                yield part.get(f"{{{_INSTANCE}}}type", "").rpartition(":")[2], _tree(part)


def read_envelope(body: bytes) -> Envelope:
    """The request in a body.

    Raises:
        SalesforceError: UNKNOWN_EXCEPTION or INVALID_OPERATION for what is no envelope with one operation.
    """
    if b"<!DOCTYPE" in body:
        raise SalesforceError("UNKNOWN_EXCEPTION", "a document type declaration is not allowed")
    try:
        root = ET.fromstring(body)  # noqa: S314 - without a document type there are no entities to expand
    except (ET.ParseError, ValueError, LookupError) as problem:
        raise SalesforceError("UNKNOWN_EXCEPTION", f"the request is no XML: {problem}") from None
    operations = list(root.findall(f"{{{_ENVELOPE}}}Body/*"))
    if _local(root.tag) != "Envelope" or len(operations) != 1:
        raise SalesforceError("INVALID_OPERATION", "the envelope needs a body with one operation")
    session = root.find(f"{{{_ENVELOPE}}}Header/{{*}}SessionHeader/{{*}}sessionId")
    token = "" if session is None else (session.text or "").strip()
    return Envelope(_local(operations[0].tag), token, operations[0])


def session_header(request: Request) -> str:
    """The session of a SOAP request as an Authorization header would carry it; empty for all other requests."""
    if not request.path.startswith(SOAP_ROOT):
        return ""
    try:
        return f"Bearer {read_envelope(request.body).session}"
    except SalesforceError:
        return ""


def results_reply(
    operation: str, results: Iterable[Mapping[str, object]], effect: str = "", namespace: str = METADATA
) -> Reply:
    """The results of an operation, one element each."""
    parts = "".join(f"<result>{xml_of(result)}</result>" for result in results)
    return _reply(200, f"<{operation}Response>{parts}</{operation}Response>", effect, namespace)


def records_reply(kind: str, records: Iterable[Mapping[str, object] | None]) -> Reply:
    """What `readMetadata` found, in the order asked for; nothing in the place of what is not there."""
    parts = "".join(
        '<records xsi:nil="true"/>' if record is None else f'<records xsi:type="{kind}">{xml_of(record)}</records>'
        for record in records
    )
    return _reply(200, f"<readMetadataResponse><result>{parts}</result></readMetadataResponse>", "")


def fault(code: str, message: str) -> Reply:
    """A fault with one of the platform's codes."""
    text = escape(f"{code}: {message}")
    return _reply(
        500, f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{text}</faultstring></soapenv:Fault>", ""
    )


def xml_of(tree: Mapping[str, object]) -> str:
    """Elements for the entries of a tree; a list becomes an element for each of its entries."""
    return "".join(_element(name, value) for name, value in tree.items())


def _element(name: str, value: object) -> str:
    if isinstance(value, list | tuple):
        return "".join(_element(name, entry) for entry in value)
    if isinstance(value, Mapping):
        return f"<{name}>{xml_of(value)}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def _tree(element: ET.Element) -> dict[str, object]:
    tree: dict[str, object] = {}
    for part in element:
        name = _local(part.tag)
        value = _tree(part) if len(part) else _leaf(name, (part.text or "").strip())
        if name in _LISTS:
            former = tree.get(name)
            tree[name] = [*(former if isinstance(former, list) else ()), value]
        else:
            tree[name] = value
    return tree


def _leaf(name: str, text: str) -> object:
    if name in _NUMBERS and text.isascii() and text.isdigit():
        return int(text)
    if name not in _TEXTS and text in ("true", "false"):
        return text == "true"
    return text


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _reply(status: int, content: str, effect: str, namespace: str = METADATA) -> Reply:
    names = f'xmlns:soapenv="{_ENVELOPE}" xmlns="{namespace}" xmlns:sf="{namespace}" xmlns:xsi="{_INSTANCE}"'
    envelope = f"<soapenv:Envelope {names}><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>{envelope}'
    return Reply(status, text.encode(), effect=effect, media_type=_MEDIA_TYPE)
