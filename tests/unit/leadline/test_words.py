"""The words that reps read, in English and in other languages, and the properties that carry them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.fields import FieldKind
from leadline.decide import json_within, values_to_show
from leadline.fields import field_specs, heartbeat_spec
from leadline.settings.document import read_document
from leadline.settings.properties import DEFAULT, EXTENDED
from leadline.words import ENGLISH, FeedbackWords, Words, completed, lacking
from scoring.breakdown import Breakdown, Line, decode_breakdown
from scoring.engine import Engine
from scoring.evidence import Assessor
from scoring.facts import Event, Facts
from scoring.qualification import VERDICTS
from tests.engine import BUYER, CONFIG, START, workspace

LANGUAGES = sorted((CONFIG / "words").glob("*.yaml"))


def read(path: Path) -> Words:
    return Words.model_validate(completed(read_document(path, CONFIG.parent).data))


ALL = {"en": ENGLISH} | {path.stem: read(path) for path in LANGUAGES}


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_shipped_language_leaves_nothing_out(path: Path) -> None:
    data = read_document(path, CONFIG.parent).data
    assert lacking(data) == {}
    frameworks = [CONFIG / "qualification.yaml", *(CONFIG / "qualification").glob("*.yaml")]
    for framework in frameworks:
        rules = read_document(framework, CONFIG.parent).data
        assert rules["elements"].keys() <= data["elements"].keys(), framework.name
        assert {stage["id"] for stage in rules.get("stages", [])} <= data["stages"].keys(), framework.name


def test_what_a_language_leaves_out_is_said_in_english() -> None:
    some = {"properties": {"score": {"label": "Pontuação"}}, "feedback": {"good": "Bom"}}
    words = Words.model_validate(completed(some))
    assert words.of_property("score", "bant").label == "Pontuação"
    assert words.of_property("score", "bant").description == ENGLISH.of_property("score", "bant").description
    assert (words.feedback.good, words.feedback.bad_fit) == ("Bom", "Bad fit")
    assert lacking(some)[("feedback",)] == ["too_early", "bad_fit", "not_real", "no_response"]


def test_the_properties_and_the_heartbeat_fit_hubspots_free_tier() -> None:
    assert len([*field_specs(workspace().qualification), heartbeat_spec()]) == 10


@pytest.mark.parametrize("language", ALL)
@pytest.mark.parametrize("framework", ["bant", "champ", "meddic"])
def test_labels_fit_both_crms_and_are_not_taken_twice(language: str, framework: str) -> None:
    rules = workspace().qualification.model_copy(update={"framework": framework})
    specs = [*field_specs(rules, ALL[language], EXTENDED), heartbeat_spec(ALL[language])]
    labels = [spec.label for spec in specs]
    assert len(set(labels)) == len(labels)
    for spec in specs:
        assert 0 < len(spec.label) <= 40
        assert 0 < len(spec.description) <= 255
        assert "{" not in spec.label + spec.description
    assert framework.upper() in next(spec.label for spec in specs if spec.name == "bant")


def test_only_feedback_is_for_reps_to_fill_in() -> None:
    assert [spec.name for spec in field_specs(workspace().qualification) if spec.filled_by_reps] == ["feedback"]


def test_there_are_words_for_every_choice_of_feedback() -> None:
    assert tuple(FeedbackWords.model_fields) == VERDICTS


def test_choices_are_said_in_words() -> None:
    choices = {spec.name: dict(spec.options) for spec in field_specs(workspace().qualification, ALL["de"])}
    assert choices["stage"]["sql"] == "Vertriebs-qualifiziert (SQL)"
    assert choices["feedback"] == {
        "good": "Guter Lead",
        "too_early": "Zu früh",
        "bad_fit": "Passt nicht",
        "not_real": "Nicht echt",
        "no_response": "Keine Antwort",
    }


SOMEBODY = Facts(
    "p",
    person={**BUYER, "seniority": "vp", "function": "sales"},
    company={"employees": 240, "industry": "software"},
    events=(Event("m", "meeting", START, {}),),
)


def shown(facts: Facts, language: str = "en", properties: tuple[str, ...] = EXTENDED) -> dict[str, object]:
    space = workspace()
    breakdown = Engine(space.model, space.lists).score(facts, START)
    assessment = Assessor(space.qualification, space.lists).assess(facts, START)
    return dict(values_to_show(breakdown, assessment, "mql", ALL[language], properties))


def test_only_the_chosen_properties_are_written() -> None:
    assert shown(SOMEBODY, properties=("score", "grade", "scored_at")).keys() == {"score", "grade"}
    assert shown(SOMEBODY, properties=DEFAULT).keys() == set(DEFAULT) - {"trend", "scored_at", "feedback"}
    assert shown(SOMEBODY).keys() == set(EXTENDED) - {"trend", "scored_at", "feedback"}


def test_the_extended_set_tells_fit_engagement_model_elements_and_breakdown() -> None:
    found = shown(SOMEBODY)
    assert (found["fit"], found["engagement"]) == (49, 10)
    assert str(found["model"]).startswith("inbound ")
    assert found["elements"] == "Budget: confirmed; Authority: confirmed; Need: confirmed; Timeline: confirmed"
    assert decode_breakdown(str(found["breakdown"])).grade == found["grade"]


def test_what_code_says_is_said_in_the_chosen_language() -> None:
    found = shown(Facts("p"), "de")
    assert str(found["bant_next"]).startswith("Es fehlt: Budget, Entscheider, Bedarf, Zeitplan. Fragen: What budget")
    assert found["elements"] == "Budget: unbekannt; Entscheider: unbekannt; Bedarf: unbekannt; Zeitplan: unbekannt"


texts = st.text(max_size=90)
moments = st.datetimes(START.replace(tzinfo=None, year=2020), START.replace(tzinfo=None)).map(
    lambda at: at.replace(tzinfo=START.tzinfo)
)
fit_lines = st.builds(
    Line, section=st.just("fit"), group=st.just("g"), rule=texts.filter(bool), points=st.integers(-4000, 4000), say=texts
)
signal_lines = st.builds(
    Line,
    section=st.just("engagement"),
    group=st.just("g"),
    rule=texts.filter(bool),
    points=st.integers(-4000, 4000),
    say=texts.filter(lambda text: any(one.isprintable() and not one.isspace() for one in text)),
    last_at=moments,
    strong=st.booleans(),
)
breakdowns = st.lists(fit_lines | signal_lines, max_size=30).map(
    lambda lines: Breakdown(
        id="p", model="m", model_hash="h", as_of=START, persona=None, fit=0, engagement=0,
        total=sum(line.points for line in lines), grade="B2", lines=tuple(lines), inputs_known=0, inputs_asked=0,
        machine_events=0, by_tag={}, buying_stage=None,
    )
)  # fmt: skip
NOBODY = Assessor(workspace().qualification, workspace().lists).assess(Facts("p"), START)


@given(breakdowns)
def test_reasons_fit_and_say_the_newest_strong_signal_within_sixty_characters(breakdown: Breakdown) -> None:
    """The newest direct signal, else the newest one; what a stranger filled in can neither break the line nor hide in it."""
    text = values_to_show(breakdown, NOBODY, "lead")["reasons"] or ""
    assert isinstance(text, str)
    assert len(text) <= 255
    assert text.isprintable()
    signals = [line for line in breakdown.lines if line.last_at is not None and line.points > 0]
    newest = max(signals, key=lambda line: (line.strong, line.last_at, line.rule), default=None)
    if newest is not None:
        said = " ".join("".join(one if one.isprintable() else " " for one in newest.say).split())
        head = text[:60].removesuffix("…").rstrip()
        assert head.startswith(said[:40]) or said.startswith(head)


@given(breakdowns, st.integers(200, 4000))
def test_a_breakdown_as_json_is_whole_or_says_how_much_is_left_out(breakdown: Breakdown, limit: int) -> None:
    text = json_within(breakdown, limit)
    assert len(text) <= limit
    if len(breakdown.encode()) + 30 < limit:
        assert decode_breakdown(text) == breakdown
    else:
        assert '"total":' in text


def test_a_long_text_is_asked_for_once_only() -> None:
    """A second one would cut Salesforce's pages to a tenth."""
    kinds = [spec.kind for spec in field_specs(workspace().qualification, ENGLISH, EXTENDED)]
    assert kinds.count(FieldKind.LONG_TEXT) == 1
