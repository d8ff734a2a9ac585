"""Whether somebody of our side responded, how fast, and what is to be done if nobody did: decided from values alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.records import Ref
from connectors.tasks import Task, TaskDraft
from leadline.calendars import calendar
from leadline.closing import closing_of
from leadline.followup import Answer, Followup, Seen, answer_in, answered, breach_reason, in_words, judge
from leadline.settings.model import WorkingHours
from leadline.state.people import PersonEvent
from scoring.qualification import Escalation

CROSSED = datetime(2026, 11, 18, 9, tzinfo=UTC)
"""A Wednesday morning."""
DUE = CROSSED + timedelta(hours=2)
MUCH_LATER = CROSSED + timedelta(days=9)
OWNERS = {"sales": {"o1", "gone"}, "marketing": {"m1"}}
OFFICE = calendar(WorkingHours())
ROW = Followup(
    crossing_id="p1:sql:1",
    person_id="p1",
    connection="sales",
    task_key="p1:sql:1",
    record=Ref("contacts", "1"),
    assignee="o1",
    happened_at=CROSSED,
    opened_at=CROSSED,
    due_at=DUE,
    owner_id="o1",
    look_at=CROSSED,
)
DRAFT = TaskDraft("p1:sql:1", ROW.record, "Contact Ana", "why now", DUE, owner_id="o1")
WRITTEN = closing_of(DRAFT, Ref("tasks", "1"), note="")
OPEN = Task(Ref("tasks", "1"), ROW.record, DRAFT.key, DRAFT.subject, DRAFT.body, True, "o1", DUE)
STEPS = (
    Escalation.model_validate({"after": "due", "notify": "owner"}),
    Escalation.model_validate({"after": "due + 2 working hours", "reassign_to": "manager"}),
)


def event(kind: str, minutes: float = 20, where: str = "sales", **fields: Any) -> PersonEvent:
    return PersonEvent(f"{where}:activities:1", kind, CROSSED + timedelta(minutes=minutes), fields)


def answer(*events: PersonEvent, until: datetime = MUCH_LATER) -> Answer | None:
    return answer_in(events, CROSSED, until, OWNERS)


class TestResponse:
    @pytest.mark.parametrize(
        ("one", "what"),
        [
            (event("call", owner_id="o1", direction="outbound"), "call of owner o1"),
            (event("call_attempt", owner_id="o1", status="no_answer"), "call of owner o1"),
            (event("email", owner_id="o1", direction="outbound"), "email of owner o1"),
            (event("email", direction="outbound"), "email of our side"),
            (event("meeting", owner_id="o1"), "meeting of owner o1"),
            (event("task", owner_id="o1", done=True), "task of owner o1"),
            (event("call", owner_id="gone"), "call of owner gone"),
            (event("call", where="marketing", owner_id="m1"), "call of owner m1"),
        ],
    )
    def test_what_anybody_who_ever_was_an_owner_did_for_the_lead_is_one(self, one: PersonEvent, what: str) -> None:
        assert answer(one) == Answer(CROSSED + timedelta(minutes=20), what)

    @pytest.mark.parametrize(
        "one",
        [
            event("call", owner_id="o1", direction="inbound"),
            event("email_reply", owner_id="o1", direction="inbound"),
            event("email_open", direction="inbound"),
            event("page_view", owner_id="o1"),
            event("note", owner_id="o1"),
            event("task", owner_id="o1"),
            event("call", owner_id="stranger"),
            event("call", owner_id="m1"),
            event("call"),
            event("call", minutes=0, owner_id="o1"),
            event("call", minutes=-5, owner_id="o1"),
        ],
    )
    def test_what_the_lead_or_nobody_known_did_or_what_came_before_is_none(self, one: PersonEvent) -> None:
        assert answer(one) is None

    def test_the_earliest_counts(self) -> None:
        found = answer(event("email", 90, owner_id="o1"), event("call", 15, owner_id="o1"), event("call", 30, owner_id="o1"))
        assert found == Answer(CROSSED + timedelta(minutes=15), "call of owner o1")

    def test_an_email_that_was_opened_or_came_back_was_sent_before(self) -> None:
        sent_at = (CROSSED + timedelta(minutes=4)).isoformat()
        for kind in ("email_open", "email_bounce"):
            found = answer(event(kind, 500, direction="outbound", owner_id="o1", sent_at=sent_at))
            assert found == Answer(CROSSED + timedelta(minutes=4), "email of owner o1")

    def test_an_old_email_that_is_opened_now_is_none(self) -> None:
        sent_at = (CROSSED - timedelta(days=4)).isoformat()
        assert answer(event("email_open", 5, direction="outbound", owner_id="o1", sent_at=sent_at)) is None

    def test_booking_a_meeting_is_one_before_it_is_held(self) -> None:
        booked_at = (CROSSED + timedelta(minutes=7)).isoformat()
        meeting = event("meeting", 3 * 24 * 60, owner_id="o1", booked_at=booked_at)
        assert answer(meeting, until=DUE) == Answer(CROSSED + timedelta(minutes=7), "meeting of owner o1")

    def test_a_meeting_booked_before_the_crossing_is_one_once_it_is_held(self) -> None:
        booked_at = (CROSSED - timedelta(days=1)).isoformat()
        meeting = event("meeting", 60, owner_id="o1", booked_at=booked_at)
        assert answer(meeting, until=CROSSED + timedelta(minutes=59)) is None
        assert answer(meeting, until=DUE) == Answer(CROSSED + timedelta(hours=1), "meeting of owner o1")

    def test_a_late_one_is_a_breach_until_an_earlier_one_comes_to_light(self) -> None:
        late = answered(ROW, Answer(DUE + timedelta(hours=1), "call of owner o1"), OFFICE)
        assert late is not None
        assert late.breach == "ignored"
        row = replace(ROW, responded_at=late.responded_at, response=late.response, breach=late.breach, look_at=None)
        assert answered(row, Answer(DUE + timedelta(hours=3), "email of owner o1"), OFFICE) is None
        in_time = answered(row, Answer(DUE - timedelta(minutes=1), "email of owner o1"), OFFICE)
        assert in_time is not None
        assert (in_time.responded_at, in_time.response, in_time.breach) == (
            DUE - timedelta(minutes=1),
            "email of owner o1",
            None,
        )


class TestBreach:
    @pytest.mark.parametrize(
        ("opened", "due", "reason"),
        [
            ("2026-11-18T09:00", "2026-11-18T11:00", "ignored"),
            ("2026-11-18T10:00:00", "2026-11-18T10:01:30", "ignored"),
            ("2026-11-18T22:00:00", "2026-11-18T22:01:30", "out of hours"),
            ("2026-11-18T08:59:00", "2026-11-18T09:00:30", "out of hours"),
            ("2026-11-18T16:59:30", "2026-11-18T17:01:00", "out of hours"),
            ("2026-11-18T16:30", "2026-11-19T09:10", "out of hours"),
            ("2026-11-18T22:00", "2026-11-19T11:00", "ignored"),
            ("2026-11-20T16:00", "2026-11-22T16:00", "ignored"),
            ("2026-11-21T10:00", "2026-11-22T10:00", "out of hours"),
        ],
    )
    def test_who_had_less_than_an_hour_of_working_time_and_less_than_was_allowed_did_not_ignore_it(
        self, opened: str, due: str, reason: str
    ) -> None:
        start, end = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (opened, due))
        assert breach_reason(replace(ROW, opened_at=start, due_at=end), OFFICE) == reason

    def test_a_record_that_nobody_active_owned_has_that_as_its_reason(self) -> None:
        assert breach_reason(replace(ROW, owner_id=None), OFFICE) == "no owner"


class TestJudgement:
    def verdict(self, now: datetime, task: Task | None = OPEN, found: Answer | None = None, **row: Any) -> Any:
        return judge(replace(ROW, **row), found, Seen(WRITTEN, task), STEPS, OFFICE, now)

    def test_before_the_due_time_nothing_is_done(self) -> None:
        verdict = judge(ROW, None, None, STEPS, OFFICE, DUE - timedelta(seconds=1))
        assert (verdict.steps, verdict.breach, verdict.look_at) == ((), None, DUE)

    def test_at_the_due_time_the_first_step_is_taken_and_the_next_one_awaited(self) -> None:
        verdict = self.verdict(DUE)
        assert (verdict.steps, verdict.breach, verdict.look_at) == ((0,), "ignored", DUE + timedelta(hours=2))

    def test_each_step_is_taken_once(self) -> None:
        assert self.verdict(DUE + timedelta(hours=1), escalated=1, breach="ignored").steps == ()
        assert self.verdict(DUE + timedelta(hours=2), escalated=1, breach="ignored").steps == (1,)
        assert self.verdict(DUE + timedelta(hours=2), escalated=2, breach="ignored").steps == ()

    def test_steps_that_were_missed_are_taken_together(self) -> None:
        assert self.verdict(DUE + timedelta(days=3)).steps == (0, 1)

    def test_after_the_last_step_the_task_is_looked_at_daily_for_a_month(self) -> None:
        now = DUE + timedelta(days=3)
        assert self.verdict(now, escalated=2).look_at == now + timedelta(days=1)
        assert self.verdict(DUE + timedelta(days=30), escalated=2).look_at is None

    @pytest.mark.parametrize(
        "task",
        [
            replace(OPEN, subject="Call Ana on Friday"),
            replace(OPEN, owner_id="o2"),
            replace(OPEN, due_at=DUE + timedelta(days=2)),
            None,
        ],
    )
    def test_a_task_that_a_rep_touched_is_in_hand(self, task: Task | None) -> None:
        verdict = self.verdict(DUE + timedelta(days=3), task)
        assert (verdict.steps, verdict.breach) == ((), None)

    def test_a_task_that_a_rep_completed_is_a_response_from_then_on(self) -> None:
        done = replace(OPEN, open=False, done_at=DUE - timedelta(minutes=5))
        verdict = self.verdict(DUE, done)
        assert (verdict.response, verdict.responded_at) == ("task of owner o1", DUE - timedelta(minutes=5))
        assert (verdict.steps, verdict.breach, verdict.look_at) == ((), None, None)

    def test_one_completed_at_nobody_knows_when_was_so_when_we_saw_it(self) -> None:
        assert self.verdict(DUE, replace(OPEN, open=False)).responded_at == DUE

    def test_an_answered_one_needs_no_step(self) -> None:
        verdict = self.verdict(DUE, found=Answer(DUE - timedelta(hours=1), "call of owner o1"))
        assert (verdict.response, verdict.steps, verdict.breach) == ("call of owner o1", (), None)

    def test_a_task_that_was_not_looked_at_is_not_escalated(self) -> None:
        assert judge(ROW, None, None, STEPS, OFFICE, DUE).steps == ()

    def test_who_took_a_touched_task_in_hand_and_answers_late_has_broken_nothing(self) -> None:
        touched = self.verdict(DUE + timedelta(minutes=1), replace(OPEN, due_at=DUE + timedelta(days=2)))
        row = replace(ROW, look_at=touched.look_at)
        late = answered(row, Answer(DUE + timedelta(days=1), "call of owner o1"), OFFICE)
        assert late is not None
        assert late.breach is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROW, "no response yet, due 2026-11-18 11:00 UTC"),
        (replace(ROW, breach="ignored"), "no response, due 2026-11-18 11:00 UTC (ignored)"),
        (
            replace(ROW, breach="no owner", escalated=2),
            "no response, due 2026-11-18 11:00 UTC (no owner), 2 steps of escalation taken",
        ),
        (
            replace(ROW, responded_at=CROSSED + timedelta(seconds=80), response="call of owner o1"),
            "call of owner o1 after 80 s",
        ),
        (
            replace(ROW, responded_at=DUE + timedelta(hours=2), response="email of owner o1", breach="ignored"),
            "email of owner o1 after 4 h, late (ignored)",
        ),
    ],
)
def test_what_followed_is_told_in_a_line(row: Followup, words: str) -> None:
    assert in_words(row) == words
