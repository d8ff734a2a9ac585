"""`score`: a model applied to a file of facts, with no database and no CRM."""

from __future__ import annotations

import csv
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from leadline.cli.present import FAILED, MISCONFIGURED, err, told_plainly
from leadline.settings.document import read_document
from leadline.settings.explain import explain
from leadline.settings.findings import SettingsInvalid, errors_only
from leadline.settings.lists import read_lists
from leadline.settings.workspace import remark_findings
from scoring.breakdown import Breakdown
from scoring.engine import Engine
from scoring.facts import Facts, FactsError, decode_facts
from scoring.lint import review
from scoring.model import Model, parse_model
from scoring.reading import in_utc

AT_ONCE = 500
"""How many lines are scored together."""
COLUMNS = ("id", "total", "fit", "engagement", "grade", "persona", "headline")


def score(
    facts: Annotated[str, typer.Argument(help="A file with one JSON object a line; - reads standard input.")],
    model: Annotated[Path, typer.Option(help="The model's YAML file.")],
    as_of: Annotated[str, typer.Option(help="The moment to score for, such as 2026-11-21T00:00:00Z.")],
    *,
    lists: Annotated[Path, typer.Option(help="Folder of the CSV lists the model names.")] = Path("config/lists"),
    as_json: Annotated[bool, typer.Option("--json", help="One breakdown a line (default).")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One row a person.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Carry on past bad lines and count them.")] = False,
) -> None:
    """Score facts with a model, one breakdown a line, in the order of the input."""
    if as_json and as_csv:
        raise typer.BadParameter("choose one of --json and --csv")
    moment = _moment(as_of)
    with told_plainly():
        engine = _engine(model, lists)
        lines = _Lines(facts, skip_bad=skip_bad)
        write = _csv_writer() if as_csv else _json_line
        with _opened(facts) as stream:
            for some in lines.read(stream):
                for breakdown in engine.score_many(some, moment):
                    write(breakdown)
    bad = lines.bad
    if bad and not skip_bad:
        raise typer.Exit(FAILED)
    if bad:
        err.print(f"{bad} bad {'line was' if bad == 1 else 'lines were'} skipped", markup=False)


class _Lines:
    """Reads facts line by line, some at a time.

    Each bad line is told, and counted in `bad`; the first ends the reading, unless bad lines are skipped.
    """

    def __init__(self, name: str, *, skip_bad: bool) -> None:
        self._name = name
        self._skip_bad = skip_bad
        self.bad = 0

    def read(self, stream: Iterable[bytes]) -> Iterator[list[Facts]]:
        """The facts of good lines, in their order."""
        known: list[Facts] = []
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                known.append(decode_facts(line.removeprefix(BOM_UTF8) if number == 1 else line))
            except FactsError as error:
                err.print(f"{self._name}:{number}: error: {error}", style="red", markup=False)
                self.bad += 1
                if not self._skip_bad:
                    break
            if len(known) == AT_ONCE:
                yield known
                known = []
        yield known


def _moment(text: str) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise typer.BadParameter(f'"{text}" is no time; write 2026-11-21T00:00:00Z', param_hint="--as-of") from None


def _engine(path: Path, lists: Path) -> Engine:
    document = read_document(path, path.parent)
    found, findings = read_lists(lists, lists.parent)
    try:
        model = parse_model(document.data)
    except ValidationError as error:
        raise SettingsInvalid(explain(error, document, Model)) from None
    findings += remark_findings(document, review(model, lists=found.values.keys(), fields=None, event_types=None))
    if errors_only(findings):
        raise SettingsInvalid(findings)
    return Engine(model, found)


@contextmanager
def _opened(name: str) -> Iterator[Iterable[bytes]]:
    """Bytes: what is no UTF-8 is the mistake of one line."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            yield stream
    except OSError as error:
        err.print(f"error: {name} cannot be read ({error.strerror})", style="red", markup=False)
        raise typer.Exit(MISCONFIGURED) from None


def _json_line(breakdown: Breakdown) -> None:
    sys.stdout.write(breakdown.encode().decode() + "\n")


def _csv_writer() -> Callable[[Breakdown], None]:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)

    def row(breakdown: Breakdown) -> None:
        points = [f"{value / 100:g}" for value in (breakdown.total, breakdown.fit, breakdown.engagement)]
        writer.writerow([breakdown.id, *points, breakdown.grade, breakdown.persona or "", breakdown.headline(255)])

    return row
