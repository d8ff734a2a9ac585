"""Secrets are named, never written down, and never shown."""

import traceback
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.errors import Reauthorise
from connectors.secrets import SecretRef, reveal

REFERENCE: TypeAdapter[str] = TypeAdapter(SecretRef)


@pytest.mark.parametrize("text", ["env:HUBSPOT_TOKEN", "file:/run/secrets/token", "file:~/token"])
def test_a_reference_is_accepted_as_it_stands(text: str) -> None:
    assert REFERENCE.validate_python(text) == text


@pytest.mark.parametrize(
    "text", ["pat-eu1-made-up", "", "env:", "env: ", "file:", "ENV:TOKEN", "vault:token", "https://crm.example", "env"]
)
def test_anything_else_is_refused_with_the_two_forms(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        REFERENCE.validate_python(text)
    (complaint,) = caught.value.errors()
    assert "env:NAME or file:PATH" in complaint["msg"]


def test_the_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        REFERENCE.validate_python("pat-eu1-made-up")
    (complaint,) = caught.value.errors()
    assert "pat-eu1-made-up" not in complaint["msg"]


def test_a_secret_comes_from_the_environment_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_TOKEN", "first")
    assert reveal("env:CRM_TOKEN") == "first"
    monkeypatch.setenv("CRM_TOKEN", "rotated")
    assert reveal("env:CRM_TOKEN") == "rotated"


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("made-up-token\n", encoding="utf-8")
    assert reveal(f"file:{path}") == "made-up-token"


def test_a_key_of_several_lines_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN MADE UP-----\nabc\ndef\n-----END MADE UP-----\n", encoding="utf-8")
    assert reveal(f"file:{path}").splitlines()[1:3] == ["abc", "def"]


def test_a_file_may_be_under_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text("made-up-token", encoding="utf-8")
    assert reveal("file:~/token") == "made-up-token"


def test_a_path_may_hold_colons(tmp_path: Path) -> None:
    (tmp_path / "a:b").write_text("made-up-token", encoding="utf-8")
    assert reveal(f"file:{tmp_path / 'a:b'}") == "made-up-token"


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_a_variable_that_is_not_set_or_blank_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("CRM_TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("CRM_TOKEN", value)
    with pytest.raises(Reauthorise, match="CRM_TOKEN"):
        reveal("env:CRM_TOKEN")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Reauthorise, match="nowhere"):
        reveal(f"file:{tmp_path / 'nowhere'}")


def test_a_file_that_is_a_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(Reauthorise, match="IsADirectoryError"):
        reveal(f"file:{tmp_path}")


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(" \n", encoding="utf-8")
    with pytest.raises(Reauthorise, match="is empty"):
        reveal(f"file:{tmp_path / 'token'}")


def test_a_file_that_is_no_text_does_not_show_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"made-up-token-\xff\xfe")
    with pytest.raises(Reauthorise) as caught:
        reveal(f"file:{path}")
    assert "made-up-token" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("reference", ["env:pat-na1-11111111-2222", "file:pat-na1-11111111-2222", "env:s3cr3t"])
def test_a_secret_that_stands_where_its_name_should_is_not_repeated(reference: str) -> None:
    with pytest.raises(Reauthorise, match="that the reference names") as told:
        reveal(reference)
    assert reference.partition(":")[2] not in str(told.value)
