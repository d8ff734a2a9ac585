"""What an admin reads about refusals: the CRM's words, and what to change where."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.contract import Rejected
from connectors.records import Ref
from connectors.salesforce.classify import REJECTED_CODES
from leadline.advice import ADVICE, OTHERWISE, advice
from leadline.cli import app
from leadline.state import parked
from leadline.state.database import Database
from tests.engine import START
from tests.unit.leadline.delivery_bench import Bench, answer

RULE, LOCKED = "FIELD_CUSTOM_VALIDATION_EXCEPTION", "ENTITY_IS_LOCKED"


@pytest.mark.parametrize("code", sorted(REJECTED_CODES - {"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_EXTERNAL_ID"}))
def test_each_refusal_of_a_record_that_salesforce_documents_has_advice(code: str) -> None:
    assert advice(code) is not OTHERWISE


@pytest.mark.parametrize("code", ["VALIDATION_ERROR", "MISSING_REQUIRED_PROPERTY", "CONFLICT"])
def test_each_refusal_of_a_record_that_hubspot_documents_has_advice(code: str) -> None:
    assert advice(code) is not OTHERWISE


def test_rights_that_are_missing_have_advice_whatever_their_code_is_called() -> None:
    assert "right to edit" in advice("INSUFFICIENT_ACCESS_ON_SOMETHING_NEW")


def test_an_unknown_code_leaves_the_reason_to_speak() -> None:
    assert advice("BRAND_NEW") == OTHERWISE


def test_advice_is_whole_sentences() -> None:
    assert not [code for code, text in ADVICE.items() if not text.endswith(".") or not text[0].isupper()]


def test_refusals_of_one_cause_are_listed_together_with_one_advice(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(sqlite)
    bench.queue("1", "2", "3")
    bench.queue_task("t1", person="4")
    bench.crm.answers.append(
        answer(
            r1=lambda ref: Rejected(ref, RULE, "Closed leads are frozen"),
            r2=lambda ref: Rejected(ref, LOCKED, "in approval"),
            r3=lambda ref: Rejected(ref, RULE, "Closed leads are frozen"),
        )
    )
    bench.crm.task_answers.append(Rejected(Ref("contacts", "4"), LOCKED, "in approval"))
    bench.deliver()
    sqlite.close()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'leadline.db'}")
    shown = CliRunner().invoke(app, ["parked"]).stdout.splitlines()
    starts = [line.split(" on ")[0] for line in shown]
    assert starts[:6] == [
        "crm contacts/4 refused a task",
        "crm contacts/2 refused its score",
        f"  What to do: {advice(LOCKED)}".split(" on ")[0],
        "crm contacts/1 refused its score",
        "crm contacts/3 refused its score",
        f"  What to do: {advice(RULE)}".split(" on ")[0],
    ]
    assert shown[-1].startswith("4 parked.")


def test_refusals_can_be_told_apart_by_kind(database: Database) -> None:
    bench = Bench(database)
    bench.queue("1")
    bench.queue_task("t1")
    bench.crm.answers.append(answer(r1=lambda ref: Rejected(ref, RULE, "no")))
    bench.crm.task_answers.append(Rejected(Ref("contacts", "1"), LOCKED, "no"))
    bench.deliver()
    with database.begin() as tx:
        assert [row.kind for row in parked.of_kind(tx, "task")] == ["task"]
        assert parked.of_kind(tx, "closing") == []
        assert {row.parked_at >= START for row in parked.parked(tx)} == {True}
