"""`links`, `separate` and `rejoin`, on a workspace's database."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.records import Ref
from leadline.cli import app
from leadline.cli.links import tell
from leadline.state.database import Database
from tests.engine import TwoCrms, contact, same

MEMORY = 'type: "connectors.memory:MemoryConnector"\nsettings: {crm: %s}\n'


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration with the connections of the tests' workspace."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'leadline.db'}")
    monkeypatch.setenv("LEADLINE_CONFIG", str(_config(tmp_path)))


def _config(folder: Path) -> Path:
    config = folder / "config"
    for inside in ("connections", "scoring"):
        (config / inside).mkdir(parents=True)
    shipped = Path(__file__).parents[2] / "configs" / "good" / "minimal"
    for source in sorted(path for path in shipped.rglob("*.yaml") if "connections" not in path.parts):
        target = config / source.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    for name in ("marketing", "sales"):
        (config / "connections" / f"{name}.yaml").write_text(MEMORY % name, encoding="utf-8")
    return config


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    return TwoCrms(sqlite)


@pytest.fixture
def joined(world: TwoCrms) -> TwoCrms:
    """One human in both CRMs: joined by an address, a conversion and an id; and somebody else."""
    world.marketing.put(contact("1", "ana@acme.example"))
    world.sales.put(contact("7", "ana@acme.example"))
    world.sales.put(contact("6", None, writable=False, same_as=(same("7"),)))
    world.sales.put(contact("9", "bo@birch.example"))
    world.run()
    return world


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def told(world: TwoCrms, person: str) -> list[str]:
    """The lines without the person's id."""
    with world.database.begin() as tx:
        lines = tell(tx, person, {"marketing": "memory", "sales": "memory"})
    return [line.partition(": ")[2] if not line.startswith(" ") else line.strip() for line in lines]


@pytest.mark.parametrize("name", ["ana@acme.example", "1", "6"])
def test_every_join_is_told_with_its_reason_and_since_when(joined: TwoCrms, name: str) -> None:
    joined.database.close()
    result = run("links", name)
    assert result.exit_code == 0, result.output
    assert [line.strip() for line in result.stdout.splitlines()[1:]] == [
        "sales:contacts/6 was converted into sales:contacts/7 (since 2026-11-18)",
        "marketing:contacts/1 and sales:contacts/7 have the same e-mail address (since 2026-11-18)",
    ]
    assert result.stdout.splitlines()[0].endswith(": marketing:contacts/1, sales:contacts/6, sales:contacts/7")


def test_a_reason_keeps_its_time_while_it_is_stated(joined: TwoCrms) -> None:
    joined.later(days=30)
    joined.sales.put(contact("6", None, writable=False, same_as=(same("7"),), fields={"title": "CFO"}))
    joined.sales.put(contact("7", "ana@acme.example", fields={"title": "CFO"}))
    joined.run()
    assert all(line.endswith("(since 2026-11-18)") for line in told(joined, "7")[1:])


def test_an_address_that_came_later_joins_since_then(joined: TwoCrms) -> None:
    joined.later(days=3)
    joined.sales.put(contact("9", "ana@acme.example"))
    joined.run()
    assert "marketing:contacts/1 and sales:contacts/9 have the same e-mail address (since 2026-11-21)" in told(joined, "9")


def test_a_merge_is_told_as_one(joined: TwoCrms) -> None:
    joined.sales.merge(Ref("contacts", "9"), Ref("contacts", "7"))
    joined.run()
    assert "sales:contacts/9 was merged into sales:contacts/7 in sales (since 2026-11-18)" in told(joined, "7")
    assert told(joined, "9") == told(joined, "7")


def test_a_merge_that_only_the_deletion_told_of_is_told_too(joined: TwoCrms) -> None:
    joined.sales.archive(Ref("contacts", "9"), "merged", Ref("contacts", "7"))
    joined.run()
    assert "sales:contacts/9 was merged into sales:contacts/7 in sales (since 2026-11-18)" in told(joined, "7")


def test_ids_of_the_native_sync_that_disagree_are_told(world: TwoCrms) -> None:
    world.marketing.put(contact("c", None, same_as=(same("a", "native_sync", crm="memory"),)))
    world.sales.put(contact("a", None))
    world.sales.put(contact("b", None, same_as=(same("c", "native_sync", crm="memory"),)))
    world.run()
    assert told(world, "c") == [
        "marketing:contacts/c, sales:contacts/a, sales:contacts/b",
        "marketing:contacts/c holds the id of sales:contacts/a, stored by the vendors' own sync (since 2026-11-18)",
        "sales:contacts/b holds the id of marketing:contacts/c, stored by the vendors' own sync (since 2026-11-18)",
        "the vendors' own sync disagrees with itself: sales:contacts/a, sales:contacts/b all stand for marketing:contacts/c",
    ]


def test_a_record_is_separated_with_the_next_cycle_and_rejoined_with_the_one_after(joined: TwoCrms) -> None:
    result = run("separate", "marketing:contacts/1")
    assert result.exit_code == 0
    assert "kept apart from sales:contacts/6, sales:contacts/7" in result.stdout
    joined.run()
    assert told(joined, "1")[0] == "marketing:contacts/1"
    shown = told(joined, "7")
    assert shown[0] == "sales:contacts/6, sales:contacts/7"
    assert "marketing:contacts/1 and sales:contacts/7 have the same e-mail address, but they are kept apart" in shown
    assert any(line.startswith("marketing:contacts/1 is kept apart from sales:contacts/6 (since ") for line in shown)
    result = run("rejoin", "marketing:contacts/1")
    assert "may join sales:contacts/6, sales:contacts/7 again" in result.stdout
    joined.run()
    assert told(joined, "7")[0] == "marketing:contacts/1, sales:contacts/6, sales:contacts/7"


def test_a_separation_holds_against_a_third_record_that_is_linked_to_both(joined: TwoCrms) -> None:
    run("separate", "marketing:contacts/1")
    joined.sales.put(contact("8", "ana@acme.example"))
    joined.run()
    assert told(joined, "1")[0] == "marketing:contacts/1, sales:contacts/8"
    assert told(joined, "7")[0] == "sales:contacts/6, sales:contacts/7"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("links", "nobody@acme.example"), "nobody is known by that"),
        (("separate", "404"), "there is no such record"),
        (("separate", "9"), "is the only record of its person"),
        (("rejoin", "sales:contacts/9"), "is not kept apart"),
    ],
)
def test_what_cannot_be_done_is_said(joined: TwoCrms, arguments: tuple[str, ...], said: str) -> None:
    joined.database.close()
    result = run(*arguments)
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_name_that_fits_several_records_is_asked_for_in_full(joined: TwoCrms) -> None:
    joined.marketing.put(contact("7", "cy@acme.example"))
    joined.run()
    result = run("separate", "contacts/7")
    assert result.exit_code == 1
    assert "may mean marketing:contacts/7, sales:contacts/7" in result.stderr
    assert run("separate", "sales:contacts/7").exit_code == 0
