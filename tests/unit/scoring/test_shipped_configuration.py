from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scoring.engine import Engine
from scoring.inline_tests import run_inline_tests
from scoring.lint import review
from scoring.lists import Lists, registrable_domain
from scoring.model import Model, parse_model
from scoring.qualification import parse_qualification, review_qualification

CONFIG = Path(__file__).resolve().parents[3] / "config"
_PERSON = """
    email title first_name last_name phone country language opted_out lead_source lead_status lifecycle budget
    budget_status buying_role purchase_timeframe target_date pain_point seniority function
"""
_COMPANY = "name domain employees industry annual_revenue country"
_EVENTS = """
    page_view form_submission email_open email_click email_reply email_bounce unsubscribe meeting call webinar
    campaign_response content_download video_view trial_start demo_request chat social
"""
FIELDS = {f"person.{name}" for name in _PERSON.split()} | {f"company.{name}" for name in _COMPANY.split()}
EVENT_TYPES = set(_EVENTS.split())


def read(path: str) -> Any:
    return YAML(typ="safe").load(CONFIG / path)


def shipped_lists() -> Lists:
    found: dict[str, list[str]] = {}
    for path in (CONFIG / "lists").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = [row["domain"] for row in csv.DictReader(file)]
    return Lists.of(found)


def inbound() -> Model:
    return parse_model(read("scoring/inbound.yaml"))


def test_the_shipped_model_is_sound_and_its_own_tests_hold() -> None:
    lists = shipped_lists()
    assert review(inbound(), lists=lists.values, fields=FIELDS, event_types=EVENT_TYPES) == ()
    assert run_inline_tests(Engine(inbound(), lists)) == ()


@pytest.mark.parametrize("path", ["qualification.yaml", "qualification/champ.yaml", "qualification/meddic.yaml"])
def test_the_shipped_frameworks_are_sound(path: str) -> None:
    own = {f"person.{name}" for name in ("success_metric", "decision_criteria", "decision_process")}
    signals = {signal.id for _, signal in inbound().engagement.signals()}
    qualification = parse_qualification(read(path))
    assert review_qualification(qualification, lists=shipped_lists().values, fields=FIELDS | own, signals=signals) == ()


@pytest.mark.parametrize("name", ["free_mail", "disposable", "competitors", "target_accounts"])
def test_the_shipped_lists_hold_registrable_domains_once_each(name: str) -> None:
    with (CONFIG / "lists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        domains = [row["domain"] for row in csv.DictReader(file)]
    assert len(set(domains)) == len(domains) > 3
    assert [registrable_domain(domain) for domain in domains] == domains
