"""Lists of values and domains (target accounts, competitors, free mail), and the registrable domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LONGEST_DOMAIN = 253  # RFC 1035


class MissingListError(LookupError):
    """A condition names a list that is not there. `name` is the list."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no list named {name!r}")
        self.name = name


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()  # the copy inside the package: nothing is fetched


def registrable_domain(text: str) -> str | None:
    """The registrable domain (`acme.co.uk`) of an e-mail address, URL or host name, else None.

    Follows the public suffix list; suffixes it does not know count as one label.
    """
    host = _host(text)
    return _domain_of(host) if host and len(host) <= _LONGEST_DOMAIN else None


@lru_cache(maxsize=65_536)
def _domain_of(host: str) -> str | None:
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    found = _suffixes().privatesuffix(host)
    return str(found) if found else None


def _host(text: str) -> str:
    rest = text.strip().casefold()
    has_scheme = "://" in rest[:12]
    if has_scheme:
        rest = rest.split("://", 1)[1]
    elif "@" in rest:
        return rest.rsplit("@", 1)[1].rstrip(".")
    for end in "/?#":
        rest = rest.split(end, 1)[0]
    return rest.rsplit("@", 1)[-1].split(":", 1)[0].strip(".")


@dataclass(frozen=True, slots=True)
class Lists:
    """Named lists, each as case-folded values and as the registrable domains among them.

    Build with `Lists.of`; the files behind the names are read elsewhere.
    """

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    domains: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, lists: Mapping[str, Iterable[str]]) -> Lists:
        """Lists from raw values; case and surrounding space do not matter, empty values are dropped."""
        values = {name: frozenset(text for raw in raws if (text := raw.strip().casefold())) for name, raws in lists.items()}
        domains = {
            name: frozenset(domain for text in texts if (domain := registrable_domain(text)))
            for name, texts in values.items()
        }
        return cls(values, domains)

    def values_of(self, name: str) -> frozenset[str]:
        """Case-folded values of a list; raises MissingListError."""
        if name not in self.values:
            raise MissingListError(name)
        return self.values[name]

    def domains_of(self, name: str) -> frozenset[str]:
        """Registrable domains of a list; raises MissingListError."""
        if name not in self.domains:
            raise MissingListError(name)
        return self.domains[name]
