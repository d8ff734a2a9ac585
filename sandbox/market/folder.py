"""A market on disk, for those too large to grow at every start: written once, read a district at a time.

The folder holds an index (which market it is, its `Place`s, where each district's bytes stand) and the districts, so many
to a file. Nothing in it depends on how many processes wrote it.
"""

import shutil
import signal
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import msgspec

from sandbox.market.generate import District, Ground, Plot, grow_district, lay_ground, parcel
from sandbox.market.source import Grown, MarketName, MarketSource, Place, survey

FORMAT = 1
"""Raised whenever the same name would grow another market, or its bytes mean something else."""
_INDEX = "index"
DISTRICTS_PER_FILE = 50
_REMEMBERED = 8


class MarketFolderError(ValueError):
    """A folder that holds no market of this format, or a damaged one."""


class _Index(msgspec.Struct, frozen=True, array_like=True):
    """The whole market but its districts; `ends` are the offsets behind each district's bytes in its file."""

    format: int
    name: MarketName
    districts_per_file: int
    places: list[Place]
    ends: list[int]


_index_decoder = msgspec.msgpack.Decoder(_Index)
_district_decoder = msgspec.msgpack.Decoder(District)


class Stored:
    """A market in a folder. The last few districts asked for stay in memory."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises `MarketFolderError` when there is none."""
        try:
            index = _index_decoder.decode((folder / _INDEX).read_bytes())
        except (OSError, msgspec.MsgspecError) as problem:
            raise MarketFolderError(f"{folder} holds no market: {problem}") from problem
        if index.format != FORMAT:
            raise MarketFolderError(f"{folder} has format {index.format}, not {FORMAT}: generate it again")
        self.name = index.name
        self.ground: Ground = lay_ground(*msgspec.structs.astuple(index.name))
        self.places: Sequence[Place] = index.places
        self._folder = folder
        self._per_file = index.districts_per_file
        self._ends = index.ends
        self._remembered: OrderedDict[int, District] = OrderedDict()

    def district(self, place: Place) -> District:
        """The district of a place. Raises `MarketFolderError` when its file is damaged."""
        number = place.number
        found = self._remembered.get(number)
        if found is None:
            found = self._remembered[number] = self._read(number)
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        else:
            self._remembered.move_to_end(number)
        return found

    def _read(self, number: int) -> District:
        start = self._ends[number - 1] if number % self._per_file else 0
        path = self._folder / _file_name(number // self._per_file)
        try:
            with path.open("rb") as file:
                file.seek(start)
                return _district_decoder.decode(file.read(self._ends[number] - start))
        except (OSError, msgspec.MsgspecError) as problem:
            raise MarketFolderError(f"{path} is damaged: {problem}") from problem


def open_market(folder: Path | None, people: int, seed: int, as_of: datetime) -> MarketSource:
    """The market in a folder, or without one a market grown in memory. Raises ValueError as these two do."""
    return Grown(people, seed, as_of) if folder is None else Stored(folder)


def store(
    folder: Path,
    name: MarketName,
    workers: int,
    progress: Callable[[int], None],
    districts_per_file: int = DISTRICTS_PER_FILE,
) -> None:
    """Grow a market into a folder that does not exist yet, with so many processes; it appears whole or not at all.

    `progress` is told after each file how many more people are there.

    Raises:
        FileExistsError: the folder is there already.
        OSError: it cannot be written.
        ValueError: as `lay_ground` does.
    """
    ground = lay_ground(name.people, name.seed, name.as_of)
    name = MarketName(name.people, name.seed, ground.as_of)
    with _draft_of(folder) as draft, ExitStack() as stack:
        batches = list(_batches(name.people, districts_per_file))
        # Started afresh rather than forked: a fork would take along whatever threads and locks the caller has.
        afresh = get_context("spawn")
        enough = afresh.Event()
        pool = stack.enter_context(ProcessPoolExecutor(min(workers, len(batches)), afresh, _begin_work, (enough,)))
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        stack.callback(enough.set)
        jobs = {pool.submit(_write_file, draft / _file_name(n), batch, name): n for n, batch in enumerate(batches)}
        written: dict[int, tuple[list[Place], list[int]]] = {}
        for job in as_completed(jobs):
            written[jobs[job]] = job.result()
            progress(sum(place.count.people for place in written[jobs[job]][0]))
        index = _Index(
            FORMAT,
            name,
            districts_per_file,
            [place for number in range(len(batches)) for place in written[number][0]],
            [end for number in range(len(batches)) for end in written[number][1]],
        )
        (draft / _INDEX).write_bytes(msgspec.msgpack.encode(index))


class StoppedError(Exception):
    """The process that asked for a file wants it no more."""


class _Orders:
    """What a worker process is told at its begin: `enough` is set when its work is wanted no more."""

    enough: Event


def _begin_work(enough: Event) -> None:
    _Orders.enough = enough
    # Whoever presses Ctrl-C ends the process that writes; it ends these.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _batches(people: int, size: int) -> Iterator[list[Plot]]:
    plots = parcel(people)
    while batch := list(islice(plots, size)):
        yield batch


def _file_name(number: int) -> str:
    return f"districts-{number:05d}"


def _write_file(path: Path, plots: Sequence[Plot], name: MarketName) -> tuple[list[Place], list[int]]:
    """Write the districts of these plots one behind the other; what the index needs to know of them."""
    ground = lay_ground(name.people, name.seed, name.as_of)
    encoder = msgspec.msgpack.Encoder()
    places, ends = [], []
    with path.open("wb") as file:
        for plot in plots:
            if _Orders.enough.is_set():
                raise StoppedError
            district = grow_district(name.seed, plot, ground)
            file.write(encoder.encode(district))
            places.append(survey(plot, district))
            ends.append(file.tell())
    return places, ends


@contextmanager
def _draft_of(folder: Path) -> Iterator[Path]:
    """A folder beside the wanted one that takes its name at the end, or vanishes when something goes wrong."""
    if folder.exists():
        raise FileExistsError(f"{folder} is there already")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield draft
        draft.chmod(0o755)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
