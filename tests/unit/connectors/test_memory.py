"""The account in memory behaves like a CRM where the conformance suite does not look."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.budget import Budget
from connectors.contract import Call, Context, Gone, Rejected, RetryAt, Update, Written
from connectors.errors import ConnectorError, ContractBroken, Misconfigured, RetryLater
from connectors.fields import FieldKind, FieldSpec
from connectors.memory import MemoryConnector, MemorySettings
from connectors.memory_crm import MemoryCrm, account
from connectors.memory_wire import Fault
from connectors.records import (
    CompanyRecord,
    DealRecord,
    DealRole,
    EngagementRecord,
    OwnerRecord,
    PersonRecord,
    Record,
    Ref,
    Removed,
    SameAs,
    Scalar,
    Stream,
)
from connectors.tasks import Opened, TaskDraft

SCORE = FieldSpec("score", "Score", "", FieldKind.INTEGER)
ANN, BOB = Ref("contacts", "ann"), Ref("contacts", "bob")


class Desk:
    """An account, a connector for it, and the time of both."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
        self.calls: list[Call] = []
        self.crm = MemoryCrm("acme", self.now)
        self.crm.provision(SCORE)
        self.connector = self.connect()

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def connect(self, name: str = "acme") -> MemoryConnector:
        budget = Budget((), now=self.now, sleep=self.sleep)
        settings = MemorySettings(crm=name, page_size=2)
        return MemoryConnector(settings, Context("test", self.now, budget, self.calls.append))

    def person(self, ref: Ref, **fields: Scalar) -> Ref:
        return self.crm.put(PersonRecord(ref=ref, modified_at=self.time, fields=fields))

    def pull(self, stream: Stream = Stream.CONTACTS, cursor: str | None = None) -> list[Record]:
        return [record for page in self.connector.pull(stream, cursor) for record in page.records]

    def draft(self, person: Ref, key: str = "k1", owner_id: str | None = None) -> TaskDraft:
        return TaskDraft(key=key, person=person, subject="Call", body="Why", due_at=self.time, owner_id=owner_id)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_account_answers_to_its_name_while_somebody_holds_it(desk: Desk) -> None:
    assert account("acme") is desk.crm
    other = MemoryCrm("other", desk.now)
    assert account("other") is other
    del other
    assert account("other") is None


def test_an_account_nobody_holds_is_a_finding_and_a_misconfiguration(desk: Desk) -> None:
    connector = desk.connect("nowhere")
    (finding,) = connector.check()
    assert (finding.severity, "nowhere" in finding.what, "crm:" in finding.fix) == ("error", True, True)
    with pytest.raises(Misconfigured, match="nowhere"):
        connector.write([Update(ANN, {"score": 1})])


def test_every_change_is_stamped_with_the_accounts_time(desk: Desk) -> None:
    desk.person(ANN)
    desk.sleep(3600)
    desk.crm.set_fields(ANN, title="VP Sales")
    (found,) = desk.pull()
    assert isinstance(found, PersonRecord)
    assert found.modified_at == desk.time


def test_an_emptied_field_is_absent(desk: Desk) -> None:
    desk.person(ANN, title="VP Sales", country="DE")
    desk.crm.set_fields(ANN, title=None)
    (found,) = desk.pull()
    assert isinstance(found, PersonRecord)
    assert found.fields == {"country": "DE"}


def test_a_rep_may_edit_a_person_without_touching_our_values(desk: Desk) -> None:
    desk.person(ANN)
    desk.connector.write([Update(ANN, {"score": 71})])
    desk.person(ANN, title="VP Sales")
    assert desk.crm.ours(ANN) == {"score": 71}


def test_a_rep_may_also_edit_our_values(desk: Desk) -> None:
    desk.person(ANN)
    desk.connector.write([Update(ANN, {"score": 71})])
    desk.crm.put(PersonRecord(ref=ANN, modified_at=desk.time, ours={"score": 99}))
    (found,) = desk.pull()
    assert isinstance(found, PersonRecord)
    assert found.ours == {"score": 99}


def test_a_pull_ends_although_the_account_goes_on_changing(desk: Desk) -> None:
    desk.person(ANN)
    pages = 0
    for _ in desk.connector.pull(Stream.CONTACTS, None):
        pages += 1
        desk.crm.set_fields(ANN, title=f"Title {pages}")
        assert pages < 10
    assert pages == 1


def test_an_archived_person_can_be_put_back(desk: Desk) -> None:
    desk.person(ANN)
    desk.crm.archive(ANN)
    assert desk.pull() == [Removed(ref=ANN, at=desk.time, reason="archived")]
    assert desk.connector.count(Stream.CONTACTS) == 0
    desk.person(ANN)
    assert [type(record) for record in desk.pull()] == [PersonRecord]


def test_a_privacy_deletion_says_so(desk: Desk) -> None:
    desk.person(ANN)
    desk.crm.archive(ANN, "privacy")
    assert desk.pull() == [Removed(ref=ANN, at=desk.time, reason="privacy")]


def test_a_merge_moves_everything_to_the_winner(desk: Desk) -> None:
    for ref in (ANN, BOB):
        desk.person(ref)
    meeting, deal = Ref("meetings", "1"), Ref("deals", "1")
    desk.crm.put(EngagementRecord(ref=meeting, modified_at=desk.time, type="meeting", at=desk.time, people=(ANN, BOB)))
    roles = (DealRole(ANN, "champion"),)
    desk.crm.put(DealRecord(ref=deal, modified_at=desk.time, stage="new", open=True, won=False, people=roles))
    desk.connector.open_task(desk.draft(ANN))
    desk.crm.merge(ANN, BOB)
    removed, winner = desk.pull()
    assert removed == Removed(ref=ANN, at=desk.time, reason="merged", into=BOB)
    assert isinstance(winner, PersonRecord)
    assert winner.same_as == (SameAs(ANN, "merge"),)
    (met,), (dealt,) = desk.pull(Stream.ENGAGEMENTS), desk.pull(Stream.DEALS)
    assert isinstance(met, EngagementRecord)
    assert met.people == (BOB,)
    assert isinstance(dealt, DealRecord)
    assert dealt.people == (DealRole(BOB, "champion"),)
    assert [task.person for task in desk.connector.find_tasks(BOB)] == [BOB]


def test_a_write_to_a_merged_person_names_the_winner(desk: Desk) -> None:
    for ref in (ANN, BOB):
        desk.person(ref)
    desk.crm.merge(ANN, BOB)
    assert desk.connector.write([Update(ANN, {"score": 1})]) == (Gone(ANN, BOB),)
    assert desk.connector.open_task(desk.draft(ANN)) == Gone(ANN, BOB)


def test_a_converted_lead_sends_its_score_to_the_contact(desk: Desk) -> None:
    lead = Ref("leads", "ann")
    same = (SameAs(ANN, "conversion"),)
    desk.crm.put(PersonRecord(ref=lead, modified_at=desk.time, writable=False, same_as=same))
    assert desk.connector.write([Update(lead, {"score": 1})]) == (Gone(lead, ANN),)


def test_a_record_nobody_ever_saw_is_gone(desk: Desk) -> None:
    assert desk.connector.write([Update(ANN, {"score": 1})]) == (Gone(ANN),)


def test_a_busy_record_asks_for_another_try(desk: Desk) -> None:
    desk.person(ANN)
    desk.crm.keep_busy(ANN, times=2)
    outcomes = [desk.connector.write([Update(ANN, {"score": 1})])[0] for _ in range(3)]
    assert [type(outcome) for outcome in outcomes] == [RetryAt, RetryAt, Written]


def test_a_refusal_ends_when_it_is_lifted(desk: Desk) -> None:
    desk.person(ANN)
    desk.crm.refuse(ANN, "Frozen")
    assert desk.connector.write([Update(ANN, {"score": 1})]) == (Rejected(ANN, "REFUSED", "Frozen"),)
    desk.crm.refuse(ANN, None)
    assert desk.connector.write([Update(ANN, {"score": 1})]) == (Written(ANN),)


@pytest.mark.parametrize(
    ("spec", "good", "bad"),
    [
        (SCORE, 71, "71"),
        (SCORE, -3, True),
        (FieldSpec("stage", "Stage", "", FieldKind.TEXT, length=3), "mql", "lead"),
        (FieldSpec("reasons", "Reasons", "", FieldKind.LONG_TEXT), "x" * 32_768, "x" * 32_769),
        (FieldSpec("grade", "Grade", "", FieldKind.CHOICE, options=(("A1", "A1"),)), "A1", "B2"),
        (FieldSpec("scored_at", "At", "", FieldKind.DATETIME), "2026-11-21T09:30:00Z", "2026-11-21T09:30:00"),
        (FieldSpec("scored_at", "At", "", FieldKind.DATETIME), "2026-11-21T09:30:00+00:00", "yesterday"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(desk: Desk, spec: FieldSpec, good: Scalar, bad: Scalar) -> None:
    desk.person(ANN)
    desk.crm.provision(spec)
    assert desk.connector.write([Update(ANN, {spec.name: good})]) == (Written(ANN),)
    (refused,) = desk.connector.write([Update(ANN, {spec.name: bad})])
    assert isinstance(refused, Rejected)
    assert spec.name in refused.reason
    assert desk.crm.ours(ANN) == {spec.name: good}


def test_a_batch_with_an_unknown_property_writes_nothing(desk: Desk) -> None:
    desk.person(ANN)
    desk.person(BOB)
    with pytest.raises(Misconfigured, match="mood"):
        desk.connector.write([Update(ANN, {"score": 1}), Update(BOB, {"score": 1, "mood": "keen"})])
    assert desk.crm.ours(ANN) == {}
    assert desk.calls[-1].status == 400


def test_a_key_names_one_task_however_often_it_is_opened(desk: Desk) -> None:
    desk.person(ANN)
    first = desk.connector.open_task(desk.draft(ANN))
    assert isinstance(first, Opened)
    desk.connector.close_task(first.task, "Done")
    assert desk.connector.open_task(desk.draft(ANN)) == first
    assert [task.open for task in desk.crm.tasks.all()] == [False]


def test_a_task_needs_an_active_user(desk: Desk) -> None:
    desk.person(ANN)
    desk.crm.put(OwnerRecord(ref=Ref("owners", "ana"), name="Ana"))
    desk.crm.put(OwnerRecord(ref=Ref("owners", "ida"), name="Ida", active=False))
    desk.crm.put(OwnerRecord(ref=Ref("owners", "sdr"), name="SDRs", kind="queue"))
    outcomes = {owner: desk.connector.open_task(desk.draft(ANN, owner, owner)) for owner in ("ana", "ida", "sdr", "who")}
    assert {owner for owner, outcome in outcomes.items() if isinstance(outcome, Opened)} == {"ana"}


def test_a_task_a_rep_closed_or_deleted_stays_that_way(desk: Desk) -> None:
    desk.person(ANN)
    opened = desk.connector.open_task(desk.draft(ANN))
    assert isinstance(opened, Opened)
    desk.connector.close_task(opened.task, "First note")
    desk.connector.close_task(opened.task, "Second note")
    (task,) = desk.connector.find_tasks(ANN)
    assert "Second note" not in task.body
    desk.crm.tasks.remove(opened.task)
    desk.connector.close_task(opened.task, "Third note")
    assert desk.connector.find_tasks(ANN) == ()


def test_a_fault_strikes_the_calls_it_names_as_often_as_it_says(desk: Desk) -> None:
    desk.person(ANN)
    desk.crm.wire.declare(Fault(503, endpoint="PATCH *", times=2, after_calls=1))
    update = [Update(ANN, {"score": 1})]
    results = []
    for _ in range(5):
        desk.pull()
        try:
            results.append(str(type(desk.connector.write(update)[0]).__name__))
        except RetryLater as error:
            results.append(error.code or "")
    assert results == ["Written", "503", "503", "Written", "Written"]


def test_a_throttle_says_when_to_come_back(desk: Desk) -> None:
    desk.crm.wire.declare(Fault(429, retry_after_seconds=30))
    with pytest.raises(RetryLater) as caught:
        desk.pull()
    assert caught.value.at == desk.time + timedelta(seconds=30)


def test_a_lost_reply_leaves_the_effect(desk: Desk) -> None:
    desk.person(ANN)
    desk.crm.wire.declare(Fault(0, endpoint="PATCH *", when="after"))
    with pytest.raises(RetryLater):
        desk.connector.write([Update(ANN, {"score": 1})])
    assert desk.crm.ours(ANN) == {"score": 1}


@pytest.mark.parametrize("status", [status for status in range(400, 600) if status != 401])
def test_each_status_has_its_error(desk: Desk, status: int) -> None:
    desk.crm.wire.declare(Fault(status))
    expected: type[ConnectorError] = ContractBroken
    if status == 429 or status >= 500:
        expected = RetryLater
    elif status == 403:
        expected = Misconfigured
    with pytest.raises(expected) as caught:
        desk.pull()
    assert caught.value.code == str(status)


def test_the_journal_has_every_call_in_order(desk: Desk) -> None:
    desk.person(ANN)
    desk.crm.wire.declare(Fault(500, endpoint="PATCH *"))
    desk.connector.count(Stream.CONTACTS)
    with pytest.raises(RetryLater):
        desk.connector.write([Update(ANN, {"score": 1})])
    assert desk.crm.wire.journal == ("GET /contacts/count", "PATCH /people")
    assert [call.endpoint for call in desk.calls] == ["GET /contacts/count", "PATCH /people"]


def test_hands_refuse_what_makes_no_sense(desk: Desk) -> None:
    company = desk.crm.put(CompanyRecord(ref=Ref("companies", "1"), modified_at=desk.time))
    desk.person(ANN)
    with pytest.raises(KeyError):
        desk.crm.archive(BOB)
    with pytest.raises(KeyError):
        desk.crm.merge(ANN, company)
    with pytest.raises(TypeError):
        desk.crm.put(Removed(ref=ANN, at=desk.time, reason="archived"))
