"""Every place in which the program under test can be interrupted between two effects, found in its code.

An effect is a transaction that writes, known by the place in `leadline` that opens it, or a call to a CRM, known by its
entry in a connector's table of paths. Around each there are two moments at which a process can end.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import connectors.hubspot.paths as hubspot_paths
import connectors.salesforce.paths as salesforce_paths
import leadline
from leadline.state.database import Database

Moment = Literal["before its commit", "after its commit", "before it is sent", "before its reply is read"]

AROUND_A_TRANSACTION: tuple[Moment, ...] = ("before its commit", "after its commit")
AROUND_A_CALL: tuple[Moment, ...] = ("before it is sent", "before its reply is read")

_PACKAGE = Path(leadline.__file__).parent
_DATABASES = frozenset({"database", "_database"})


@dataclass(frozen=True, slots=True, order=True)
class Boundary:
    """A moment beside an effect."""

    effect: str
    moment: Moment

    def __str__(self) -> str:
        return f"{self.effect}, {self.moment}"


Hear = Callable[[Boundary], None]


@cache
def transactions() -> Mapping[tuple[str, int], str]:
    """The name of every place that opens a transaction, by file and line."""
    found: dict[tuple[str, int], str] = {}
    for file in sorted(_PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        module = ".".join(file.relative_to(_PACKAGE).with_suffix("").parts)
        within = list(_openings(tree, ()))
        times = Counter(name for name, _ in within)
        seen: Counter[str] = Counter()
        for name, line in within:
            seen[name] += 1
            found[str(file), line] = f"{module}.{name}" + (f" ({seen[name]})" if times[name] > 1 else "")
    return found


@cache
def operations() -> Mapping[str, tuple[str, re.Pattern[str]]]:
    """Method and path of every call that the connectors can make, by its name."""
    roots = next(version for version in hubspot_paths.VERSIONS.values())
    found: dict[str, tuple[str, re.Pattern[str]]] = {
        f"hubspot.{name}": (one.method, _pattern(roots.root(one.root) + one.suffix))
        for name, one in vars(hubspot_paths).items()
        if isinstance(one, hubspot_paths.Operation)
    }
    data = f"/services/data/v{salesforce_paths.API_VERSION}/"
    found |= {
        f"salesforce.{name}": (one.method, _pattern(data + one.template))
        for name, one in vars(salesforce_paths).items()
        if isinstance(one, salesforce_paths.Endpoint)
    }
    return found | {"salesforce.TOKEN": ("POST", _pattern(salesforce_paths.TOKEN_PATH))}


def boundaries() -> list[Boundary]:
    """All of them, sorted."""
    beside = [Boundary(effect, moment) for effect in transactions().values() for moment in AROUND_A_TRANSACTION]
    beside += [Boundary(effect, moment) for effect in operations() for moment in AROUND_A_CALL]
    return sorted(set(beside))


def listen(hear: Hear, latency: Callable[[], None]) -> None:
    """From now on `hear` is told of each boundary just as this process comes to it; `latency` passes around each call."""
    _hear_transactions(hear)
    _hear_calls(hear, latency)


def _hear_transactions(hear: Hear) -> None:
    original = Database.begin

    def begin(self: Database) -> Any:
        frame = sys._getframe(1)
        place = (frame.f_code.co_filename, frame.f_lineno)
        return heard(self, transactions().get(place, f"{Path(place[0]).name}:{place[1]}"))

    @contextmanager
    def heard(database: Database, effect: str) -> Iterator[Any]:
        with original(database) as tx:
            driver: Any = tx.connection.driver_connection
            before = driver.total_changes
            yield tx
            wrote = driver.total_changes > before
            if wrote:
                hear(Boundary(effect, "before its commit"))
        if wrote:
            hear(Boundary(effect, "after its commit"))

    Database.begin = begin  # type: ignore[method-assign]


def _hear_calls(hear: Hear, latency: Callable[[], None]) -> None:
    put, get = HTTPConnection.putrequest, HTTPConnection.getresponse
    under_way: dict[HTTPConnection, str] = {}

    def putrequest(self: HTTPConnection, method: str, url: str, *rest: Any, **more: Any) -> None:
        under_way[self] = effect = _called(method, url)
        hear(Boundary(effect, "before it is sent"))
        latency()
        put(self, method, url, *rest, **more)

    def getresponse(self: HTTPConnection) -> HTTPResponse:
        response = get(self)
        latency()
        hear(Boundary(under_way.pop(self), "before its reply is read"))
        return response

    HTTPConnection.putrequest = putrequest  # type: ignore[method-assign]
    HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]


def _called(method: str, url: str) -> str:
    """The name of a call. The one with the fewest gaps in its path, where several would do."""
    path = urlsplit(url).path
    fitting = [
        (pattern.pattern.count("[^/]"), name)
        for name, (its_method, pattern) in operations().items()
        if its_method == method and pattern.fullmatch(path)
    ]
    return min(fitting)[1] if fitting else f"{method} {path}"


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", template.rstrip("/"))
    return re.compile("[^/]+".join(map(re.escape, parts)) + "/?")


def _openings(node: ast.AST, within: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Qualified name and line of each `…database.begin()`."""
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        if isinstance(child, ast.Call) and _opens(child.func):
            yield ".".join(within), child.lineno
        yield from _openings(child, (*within, child.name) if named else within)  # type: ignore[attr-defined]


def _opens(called: ast.expr) -> bool:
    if not isinstance(called, ast.Attribute) or called.attr != "begin":
        return False
    owner = called.value
    return (isinstance(owner, ast.Name) and owner.id in _DATABASES) or (
        isinstance(owner, ast.Attribute) and owner.attr in _DATABASES
    )
