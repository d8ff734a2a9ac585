"""The scoring model and the qualification of a workspace, parsed and reviewed by the scoring core, told with places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import ValidationError

from leadline.settings.document import Document
from leadline.settings.explain import explain
from leadline.settings.findings import SettingsFinding, did_you_mean
from scoring.durations import Due
from scoring.inline_tests import TestFailure
from scoring.lint import review
from scoring.model import Model, parse_model
from scoring.qualification import Qualification, parse_qualification, review_qualification
from scoring.remarks import Path, Remark
from scoring.routing import MANAGER, OWNER, is_email

EVENT_TYPES = frozenset(
    {
        "page_view",
        "form_submission",
        "email_open",
        "email_click",
        "email_reply",
        "email_bounce",
        "unsubscribe",
        "meeting",
        "call",
        "webinar",
        "campaign_response",
        "content_download",
        "video_view",
        "trial_start",
        "demo_request",
        "chat",
        "social",
    }
)

_LONGEST_DUE_DAYS = 366
_DAYS_EACH = {
    "seconds": 1 / 86_400,
    "minutes": 1 / 1_440,
    "hours": 1 / 24,
    "weeks": 7,
    "days": 1,
    "working hours": 1 / 8,
    "working days": 1,
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rules may refer to: names of lists, and fields that something maps (None: not known, any will do)."""

    lists: Collection[str]
    fields: frozenset[str] | None


def read_model(document: Document, around: Surroundings, findings: list[SettingsFinding]) -> Model | None:
    """The model in a file; None when it cannot be parsed. What is wrong or doubtful is added to `findings`."""
    try:
        model = parse_model(document.data)
    except ValidationError as error:
        findings += explain(error, document, Model)
        return None
    remarks = review(model, lists=around.lists, fields=around.fields, event_types=EVENT_TYPES)
    findings += remark_findings(document, remarks)
    return model


def read_qualification(
    document: Document, around: Surroundings, model: Model | None, findings: list[SettingsFinding]
) -> Qualification | None:
    """The qualification in a file; None when it cannot be parsed. What is wrong or doubtful is added to `findings`."""
    try:
        qualification = parse_qualification(document.data)
    except ValidationError as error:
        findings += explain(error, document, Qualification)
        return None
    signals = {signal.id for _, signal in model.engagement.signals()} if model else None
    remarks = review_qualification(qualification, lists=around.lists, signals=signals)
    findings += remark_findings(document, remarks)
    findings += _unfed(document, qualification, around.fields)
    findings += _too_late(document, qualification)
    return qualification


def remark_findings(document: Document, remarks: Iterable[Remark]) -> list[SettingsFinding]:
    """What the scoring core remarks about a file, at its place in the file."""
    findings = []
    for remark in remarks:
        named = remark.suggestion is None or f'"{remark.suggestion}"' in remark.message
        hint = "" if named else f', did you mean "{remark.suggestion}"?'
        findings.append(document.finding(remark.path, f"{remark.message}{hint}", severity=remark.severity))
    return findings


def failed_tests(document: Document, failures: Iterable[TestFailure]) -> list[SettingsFinding]:
    """The expectations of a model's own tests that do not hold, each at its place in the model's file."""
    return [
        document.finding(("tests", failure.index, "expect", failure.part), f"this test fails: {failure}")
        for failure in failures
    ]


def _unfed(document: Document, qualification: Qualification, fields: frozenset[str] | None) -> Iterator[SettingsFinding]:
    """Evidence over fields that no connection maps. No mistake, since BANT is unknown then, but worth one word each."""
    if fields is None:
        return
    told: set[str] = set()
    for path, name in _fields_asked(qualification):
        if name in told or name in fields or not name.startswith(("person.", "company.")):
            continue
        told.add(name)
        near = get_close_matches(name, sorted(fields), n=1, cutoff=0.85)
        hint = f', did you mean "{near[0]}"?' if near else "; name it under `map:` in config/connections/ if your CRM has it"
        yield document.finding(path, f'no connection maps the field "{name}"{hint}', severity="warning")


def unheard(
    document: Document, qualification: Qualification, main: Document, targets: Collection[str]
) -> Iterator[SettingsFinding]:
    """Names in `notify:` that mean nobody, and names under `notify_sales:` that nothing notifies."""
    named = {place: step.notify for place, step in enumerate(qualification.escalate) if step.notify is not None}
    for place, name in named.items():
        if name not in {OWNER, MANAGER, *targets} and not is_email(name):
            known = did_you_mean(name, {OWNER, MANAGER, *targets})
            message = f'nobody is called "{name}" under notify_sales: in leadline.yaml{known}'
            yield document.finding(("escalate", place, "notify"), message)
    for name in targets:
        if name not in named.values():
            message = f'no step of escalate: notifies "{name}"{did_you_mean(name, named.values())}'
            yield main.finding(["notify_sales", name], message, severity="warning")


def _fields_asked(qualification: Qualification) -> Iterator[tuple[Path, str]]:
    for path, condition in qualification.conditions():
        for inner, name, _ in condition.walk(path):
            yield inner, name
    for element, held in qualification.elements.items():
        for index, evidence in enumerate(held.evidence):
            if evidence.dated_by is not None:
                yield ("elements", element, "evidence", index, "dated_by"), evidence.dated_by


def _too_late(document: Document, qualification: Qualification) -> Iterator[SettingsFinding]:
    dues: list[tuple[Path, Due]] = [
        *((("tasks", index, "due"), rule.due) for index, rule in enumerate(qualification.tasks)),
        *((("escalate", index, "after"), step.after) for index, step in enumerate(qualification.escalate)),
    ]
    for path, due in dues:
        if due.amount * _DAYS_EACH[due.unit] > _LONGEST_DUE_DAYS:
            yield document.finding(path, f"{path[-1]}: must be at most a year")
