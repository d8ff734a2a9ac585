"""Every address this connector calls, and the API versions, in one table each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

API_VERSION = "67.0"

API_VERSION_SUPPORTED_UNTIL: Mapping[str, date] = {
    "65.0": date(2028, 10, 1),
    "66.0": date(2029, 2, 1),
    "67.0": date(2029, 6, 1),
}
"""Earliest end of each version: Salesforce promises three years from release."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Method and path under `/services/data/vNN.0/`; names in braces are filled in per request."""

    method: str
    template: str


DESCRIBE = Endpoint("GET", "sobjects/{object}/describe")
QUERY = Endpoint("GET", "query/")
QUERY_ALL = Endpoint("GET", "queryAll/")
JOB_CREATE = Endpoint("POST", "jobs/query")
JOB_READ = Endpoint("GET", "jobs/query/{id}")
JOB_RESULTS = Endpoint("GET", "jobs/query/{id}/results")
COLLECTION_CREATE = Endpoint("POST", "composite/sobjects")
COLLECTION_UPDATE = Endpoint("PATCH", "composite/sobjects")
ROW_CREATE = Endpoint("POST", "sobjects/{object}")
ROW_UPDATE = Endpoint("PATCH", "sobjects/{object}/{id}")
TOOLING_QUERY = Endpoint("GET", "tooling/query/")
TOOLING_FIELD_CREATE = Endpoint("POST", "tooling/sobjects/CustomField")

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Request:
    """One call: `names` fill the path, `params` become the query string, `payload` the JSON body."""

    endpoint: Endpoint
    names: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    payload: Any = None

    @property
    def label(self) -> str:
        """The endpoint for reports and errors: the object is named, ids are not."""
        template = self.endpoint.template.replace("{object}", self.names.get("object", "{object}"))
        return f"{self.endpoint.method} /{template}"

    @property
    def path(self) -> str:
        """The path with its names filled in, percent-encoded."""
        return self.endpoint.template.format(**{name: quote(value, safe="") for name, value in self.names.items()})
