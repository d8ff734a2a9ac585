"""Calls of the Partner API for tests."""

from __future__ import annotations

from tests.unit.sandbox.salesforce_bench import SalesforceBench

PLACE = "/services/Soap/u/67.0"


def soap(org: SalesforceBench, operation: str, content: str) -> str:
    """The answer's text."""
    session = org.http.headers["Authorization"].removeprefix("Bearer ")
    header = f"<soapenv:Header><SessionHeader><sessionId>{session}</sessionId></SessionHeader></soapenv:Header>"
    body = f"<soapenv:Body><{operation}>{content}</{operation}></soapenv:Body>"
    names = 'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"'
    return org.http.post(PLACE, content=f"<soapenv:Envelope {names}>{header}{body}</soapenv:Envelope>").text


def merge(org: SalesforceBench, master: str, *losers: str) -> str:
    others = "".join(f"<recordToMergeIds>{loser}</recordToMergeIds>" for loser in losers)
    return soap(org, "merge", f"<request><masterRecord><Id>{master}</Id></masterRecord>{others}</request>")
