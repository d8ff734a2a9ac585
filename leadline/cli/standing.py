"""What `explain` says of where a person stands: the stage with its lines, the elements and who said them, what followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from textwrap import wrap

from leadline.facts import Dated
from leadline.followup import Followup, in_words
from leadline.state.scores import Passed
from scoring.evidence import Assessment, ElementState
from scoring.outlook import Line, Outlook, Told
from scoring.stages import Feedback

WIDTH = 110
"""Characters of a line, before what it is indented by."""

_WAYS = {"enter": "To enter {}", "leave": "Leaves {} when", "return": "Comes back from {} after"}
_HOLDS = {True: "yes", False: "no"}


def stage_lines(outlook: Outlook, verdict: Feedback | None) -> Iterator[str]:
    """The stage, and every line that could be passed, part by part."""
    since = f" since {outlook.since:%Y-%m-%d}" if outlook.since else ""
    yield f"stage {outlook.stage}{since}"
    if verdict is not None:
        yield f"  feedback {verdict.value}, given {verdict.at:%Y-%m-%d}"
    yield from chain.from_iterable(_line(line) for line in outlook.lines)


def element_lines(
    assessment: Assessment, own: Mapping[str, Dated], others: Mapping[str, Mapping[str, Dated]]
) -> Iterator[str]:
    """What is known of each element: which evidence of whom, in which field, since when and on whose word.

    `own` are the dates of the person's fields, `others` those of colleagues, by person.
    """
    gate = assessment.hand_over
    verdict = "passed" if gate.passed else f"not yet: {', '.join(gate.refusals)}"
    yield f"{assessment.framework} {assessment.completeness} % known; hand-over: {verdict}"
    width = max((len(element.id) for element in assessment.elements), default=0)
    for element in assessment.elements:
        said = f"{element.state}{_said_by(element, own, others)}"
        yield from wrap(said, WIDTH, initial_indent=f"  {element.id:{width}}  ", subsequent_indent=" " * (width + 6))
    if assessment.next_question:
        yield f"  to ask next: {assessment.next_question}"


def crossing_lines(passed: Sequence[Passed], followups: Sequence[Followup]) -> Iterator[str]:
    """Every line that was passed, what came of it, and whether anybody responded."""
    if passed:
        yield "lines passed"
    responses = {row.crossing_id: row for row in followups}
    for one in passed:
        yield from wrap(str(one), WIDTH, initial_indent="  ", subsequent_indent="      ")
        if row := responses.get(one.id):
            yield f"      {in_words(row)}"


def _line(line: Line) -> Iterator[str]:
    head = _WAYS[line.way].format(line.stage)
    if not line.parts:
        yield f"  {head} what let them in holds no longer"
        return
    yield f"  {head}"
    for part in line.parts:
        yield from wrap(_part(part), WIDTH, initial_indent=f"    {_HOLDS[part.holds]:3}  ", subsequent_indent=" " * 11)


def _part(part: Told) -> str:
    return f"{part.part.replace('_', ' ')}: wanted {part.wanted}, found {part.found}"


def _said_by(element: ElementState, own: Mapping[str, Dated], others: Mapping[str, Mapping[str, Dated]]) -> str:
    if element.field is None:
        return ""
    colleague = others.get(element.person or "")
    whose = f", said by colleague {element.person}" if colleague is not None else ""
    kind = f" ({element.value_class})" if element.value_class else ""
    dated = (own if colleague is None else colleague).get(element.field)
    evidence = f", by {element.evidence}" if element.evidence else ""
    return f": {element.field}{kind}{whose}{evidence}{_since(element, dated)}"


def _since(element: ElementState, dated: Dated | None) -> str:
    if dated is None or element.date is None:
        return ""
    origin = f"{dated.connection}'s history" if dated.told else f"first seen in {dated.connection}"
    return f", since {dated.at:%Y-%m-%d} ({origin})"
