"""A stream that seems to vanish is not believed: nothing leaves before a person says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.memory_crm import MemoryCrm
from connectors.records import Ref, Stream
from leadline.cli import app
from leadline.fuses import too_many_gone
from leadline.state import runs
from leadline.state.database import Database
from tests.engine import TwoCrms, contact, engagement

PEOPLE = 24


@pytest.mark.parametrize(
    ("leaving", "live", "too_many"),
    [(19, 19, False), (20, 20, True), (12, 24, False), (13, 24, True), (0, 0, False)],
    ids=["few may go whole", "a stream that vanishes", "half of it", "more than half", "nothing was there"],
)
def test_the_share_that_would_leave_decides(leaving: int, live: int, too_many: bool) -> None:
    assert (too_many_gone(leaving, live, "contacts") is not None) is too_many


@pytest.fixture
def world(database: Database) -> TwoCrms:
    """People whom two good cycles have read."""
    world = TwoCrms(database)
    for number in range(PEOPLE):
        world.sales.put(contact(f"{number:02}", f"p{number}@acme.example"))
    world.run()
    world.later(minutes=5)
    world.run()
    return world


def ref(number: int) -> Ref:
    return Ref("contacts", f"{number:02}")


def people(world: TwoCrms) -> int:
    """How many people are scored, all of whom are in `sales`."""
    return len(world.scores())


def troubles(world: TwoCrms) -> dict[str, str]:
    with world.database.begin() as tx:
        return {problem.id: problem.what for problem in runs.open_problems(tx)}


def another_account(world: TwoCrms) -> MemoryCrm:
    """From now on the credentials open another account, with nobody in it. Who holds the first one may give it back."""
    first = world.sales
    world.sales = MemoryCrm("sales", lambda: world.time.now)
    for spec in first.properties().values():
        world.sales.provision(spec)
    return first


def give_back(world: TwoCrms, first: MemoryCrm) -> None:
    """The first account answers to the name again, as with the right credentials."""
    world.sales = first
    first.answer()


def approve() -> str:
    return CliRunner().invoke(app, ["approve"]).stdout


@pytest.fixture
def command(world: TwoCrms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", world.database.url.render_as_string(hide_password=False))


FUSE = "sales:fuse:vanished:contacts"


def too_many(leaving: int) -> str:
    return f"{leaving} of {PEOPLE} contacts would leave at once (fuse at half of them)"


class TestAudit:
    def test_credentials_of_another_account_empty_nothing(self, world: TwoCrms) -> None:
        another_account(world)
        audited = {one.stream: one.removed for one in world.audit()}
        world.run()
        assert audited[Stream.CONTACTS] == 0
        assert people(world) == PEOPLE
        assert troubles(world) == {FUSE: f"sales: {too_many(PEOPLE)}; none leaves"}

    def test_nothing_is_written_to_what_may_be_another_account(self, world: TwoCrms) -> None:
        first = another_account(world)
        world.audit()
        world.marketing.put(contact("x", "p1@acme.example", fields={"title": "VP Sales"}))
        world.run()
        assert [call for call in world.sales.wire.journal if call.startswith("PATCH")] == []
        assert first.live(Stream.CONTACTS)

    def test_the_right_credentials_end_the_problem_with_the_next_audit(self, world: TwoCrms) -> None:
        first = another_account(world)
        world.audit()
        give_back(world, first)
        world.audit()
        assert troubles(world) == {}
        assert people(world) == PEOPLE

    @pytest.mark.usefixtures("command")
    def test_approved_by_mistake_nobody_leaves_who_is_there(self, world: TwoCrms) -> None:
        first = another_account(world)
        world.audit()
        give_back(world, first)
        approve()
        world.run()
        assert people(world) == PEOPLE

    @pytest.mark.usefixtures("command")
    def test_an_approval_lets_them_go(self, world: TwoCrms) -> None:
        for number in range(PEOPLE):
            world.sales.erase(ref(number))
        world.audit()
        assert people(world) == PEOPLE
        assert approve() == f"sales: vanished:contacts: {too_many(PEOPLE)}: let go\n"
        world.run()
        assert people(world) == 0
        world.run()
        assert troubles(world) == {}


class TestPull:
    def test_too_many_removals_of_one_pull_wait(self, world: TwoCrms) -> None:
        for number in range(13):
            world.sales.archive(ref(number))
        world.run()
        world.run()
        assert people(world) == PEOPLE
        assert troubles(world) == {FUSE: f"sales: {too_many(13)}; none leaves"}

    def test_half_of_them_leave(self, world: TwoCrms) -> None:
        for number in range(12):
            world.sales.archive(ref(number))
        world.run()
        assert people(world) == 12
        assert troubles(world) == {}

    @pytest.mark.usefixtures("command")
    def test_an_approval_lets_the_whole_wave_go_and_no_other(self, world: TwoCrms) -> None:
        for number in range(13):
            world.sales.archive(ref(number))
        world.run()
        approve()
        world.sales.archive(ref(13))
        world.run()
        assert people(world) == PEOPLE, "one more than was approved"
        approve()
        world.run()
        assert people(world) == PEOPLE - 14

    def test_who_comes_back_meanwhile_stays(self, world: TwoCrms) -> None:
        for number in range(13):
            world.sales.archive(ref(number))
        world.run()
        world.sales.put(contact("00", "p0@acme.example"))
        world.run()
        assert people(world) == 12
        assert troubles(world) == {}
        assert ref(0) in {stored.ref for stored in world.sales.live(Stream.CONTACTS)}

    def test_engagements_do_not_vanish_either(self, world: TwoCrms) -> None:
        for number in range(PEOPLE):
            world.sales.put(engagement(f"m{number}", "meeting", world.time.now, f"{number:02}"))
        world.run()
        for number in range(PEOPLE):
            world.sales.archive(Ref("activities", f"m{number}"))
        world.run()
        assert list(troubles(world)) == ["sales:fuse:vanished:engagements"]
        with world.database.begin() as tx:
            assert tx.exec_driver_sql("SELECT count(*) FROM events").scalar_one() == PEOPLE
