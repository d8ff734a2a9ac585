"""Whatever stands in the files, loading gives a workspace or findings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from leadline.settings.findings import SettingsInvalid
from leadline.settings.workspace import Workspace, load_workspace

EVERYTHING = Path(__file__).parents[2] / "configs" / "good" / "everything-set"
FILES = sorted(path.relative_to(EVERYTHING).as_posix() for path in EVERYTHING.rglob("*.yaml"))
LISTS = sorted(path.relative_to(EVERYTHING).as_posix() for path in EVERYTHING.rglob("*.csv"))

relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(EVERYTHING, tmp_path_factory.mktemp("workspace") / "config"))


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


TREES = {name: YAML(typ="safe", pure=True).load(EVERYTHING / name) for name in FILES}
PLACES = [(name, path) for name in FILES for path in places(TREES[name])]

WORDS = (
    "none a 0 -1 1e9 30d 0d 999999w person.email env: env:A file:/ a:b lead sql ../.. (? [ 09:00 24:00 2026-02-30 UTC "
    "hubspot https://[ https://a:b"
)
words = st.sampled_from(["", "x" * 300, "file:\u2028", "env:\u0130", *WORDS.split()])
numbers = st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from([0, 1, -1, 100, 1e308])
scalars = words | numbers | st.none() | st.booleans() | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "when", "any", "not", "in", "known", "points", "from", "a"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def load_with(config: Path, name: str, content: bytes) -> Workspace | SettingsInvalid:
    kept = (EVERYTHING / name).read_bytes()
    (config / name).write_bytes(content)
    try:
        return load_workspace(config)
    except SettingsInvalid as invalid:
        return invalid
    finally:
        (config / name).write_bytes(kept)


def is_told(outcome: Workspace | SettingsInvalid) -> bool:
    """A refusal says where and what."""
    if isinstance(outcome, Workspace):
        return True
    errors = [finding for finding in outcome.findings if finding.severity == "error"]
    return bool(errors) and all(finding.file.startswith("config/") and finding.message for finding in outcome.findings)


@relaxed
@given(place=st.sampled_from(PLACES), value=values)
def test_any_value_in_any_place(config: Path, place: tuple[str, tuple[Any, ...]], value: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADLINE_CORPUS_TOKEN", "made-up")
        name, path = place
        tree = YAML(typ="safe", pure=True).load(EVERYTHING / name)
        node = tree
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value
        stream = StringIO()
        YAML(typ="safe", pure=True).dump(tree, stream)
        assert is_told(load_with(config, name, stream.getvalue().encode("utf-8", "replace")))


@relaxed
@given(name=st.sampled_from(FILES + LISTS), content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_in_any_file(config: Path, name: str, content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADLINE_CORPUS_TOKEN", "made-up")
        assert is_told(load_with(config, name, content))


@relaxed
@given(
    name=st.sampled_from(FILES),
    at=st.floats(0, 1),
    slip=st.sampled_from([*"\t:{}[]\"'&*!|>%@`-#,", "\n", "\n  ", "<<: ", "\0"]),
)
def test_any_slip_of_the_keyboard(config: Path, name: str, at: float, slip: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADLINE_CORPUS_TOKEN", "made-up")
        text = (EVERYTHING / name).read_text(encoding="utf-8")
        cut = int(at * len(text))
        assert is_told(load_with(config, name, (text[:cut] + slip + text[cut:]).encode()))
