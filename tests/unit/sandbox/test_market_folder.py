"""A market on disk: the same as in memory, whole or not at all, and refused in plain words when it is neither."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from sandbox.generate import main
from sandbox.market.folder import MarketFolderError, Stored, open_market, store
from sandbox.market.generate import generate
from sandbox.market.source import Grown, MarketName

AS_OF = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
PEOPLE = 900
NAME = MarketName(PEOPLE, 7, AS_OF)


def ignore(_: int) -> None:
    """Nobody watches the progress."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("markets") / "small"
    store(made, NAME, 1, ignore)
    return made


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_districts_of_a_folder_are_those_grown_in_memory(folder: Path) -> None:
    stored, grown = Stored(folder), Grown(PEOPLE, 7, AS_OF)
    assert stored.name == grown.name == NAME
    assert stored.places == grown.places
    assert msgspec.json.encode(stored.ground.owners) == msgspec.json.encode(grown.ground.owners)
    assert [stored.district(place) for place in stored.places] == [grown.district(place) for place in grown.places]


def test_the_number_of_processes_does_not_show(tmp_path: Path) -> None:
    for workers in (1, 3):
        store(tmp_path / str(workers), NAME, workers, ignore, districts_per_file=1)
    assert len(content(tmp_path / "1")) == 1 + 4
    assert content(tmp_path / "1") == content(tmp_path / "3")


def test_districts_can_be_asked_for_in_any_order_and_again(folder: Path) -> None:
    stored = Stored(folder)
    backwards = [stored.district(place) for place in reversed(stored.places)]
    assert backwards[::-1] == [stored.district(place) for place in stored.places]


def test_places_count_what_each_crm_holds() -> None:
    grown, market = Grown(PEOPLE, 7, AS_OF), generate(PEOPLE, 7, AS_OF)
    assert sum(place.hubspot.contacts for place in grown.places) == sum(person.in_hubspot for person in market.people)
    assert sum(place.salesforce.leads for place in grown.places) == sum(
        person.in_salesforce in {"lead", "converted"} for person in market.people
    )
    calls = sum(event.crm == "hubspot" and event.channel == "call" for event in market.events)
    assert sum(place.hubspot.calls for place in grown.places) == calls
    assert min(place.begun_at for place in grown.places if place.begun_at) == min(c.created_at for c in market.companies)


def test_without_a_folder_the_market_is_grown() -> None:
    assert isinstance(open_market(None, 10, 7, AS_OF), Grown)


def test_progress_tells_of_everybody_once(tmp_path: Path) -> None:
    told: list[int] = []
    store(tmp_path / "market", MarketName(23, 7, AS_OF), 1, told.append)
    assert sum(told) == 23


def test_a_folder_that_exists_is_left_alone(folder: Path) -> None:
    before = content(folder)
    with pytest.raises(FileExistsError, match="there already"):
        store(folder, NAME, 1, ignore)
    assert content(folder) == before


def test_what_fails_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    def break_off(_: int) -> None:
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        store(tmp_path / "market", MarketName(23, 7, AS_OF), 1, break_off)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_market_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarketFolderError, match="holds no market"):
        Stored(tmp_path)


def test_a_market_of_another_format_is_refused(tmp_path: Path) -> None:
    store(tmp_path / "market", MarketName(5, 7, AS_OF), 1, ignore)
    index = tmp_path / "market" / "index"
    fields = msgspec.msgpack.decode(index.read_bytes())
    index.write_bytes(msgspec.msgpack.encode([0, *fields[1:]]))
    with pytest.raises(MarketFolderError, match="generate it again"):
        Stored(tmp_path / "market")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    store(tmp_path / "market", MarketName(5, 7, AS_OF), 1, ignore)
    (tmp_path / "market" / "districts-00000").write_bytes(b"\x91")
    stored = Stored(tmp_path / "market")
    with pytest.raises(MarketFolderError, match="districts-00000 is damaged"):
        stored.district(stored.places[0])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--people", "0", "--out", "x"], "must be 1 or more"),
        (["--people", "many", "--out", "x"], "invalid number_from_one value"),
        (["--people", "5"], "--out"),
        (["--people", "5", "--out", "x", "--workers", "0"], "must be 1 or more"),
        (["--people", "5", "--out", "x", "--as-of", "soon"], "--as-of"),
    ],
)
def test_numbers_that_make_no_market_are_refused(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert complaint in capsys.readouterr().err


def test_the_command_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "market"
    main(["--people", "40", "--seed", "3", "--as-of", "2026-11-21T09:30:00", "--out", str(out), "--workers", "1"])
    assert "40 people and 500 events" in capsys.readouterr().err
    assert Stored(out).name == MarketName(40, 3, AS_OF)


def test_the_command_ends_with_the_reason_when_the_folder_is_there(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="there already"):
        main(["--people", "40", "--out", str(tmp_path)])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_takes_its_unfinished_folder_along_when_it_is_ended(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "generate", "--people", "100000", "--workers", "1"]
    out = tmp_path / "market"
    with subprocess.Popen([*command, "--out", str(out)], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".market-*/districts-*")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 1
    assert "stopped, nothing was made" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
