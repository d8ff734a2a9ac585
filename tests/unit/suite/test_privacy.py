"""The watch over what the suite makes the code say finds what it looks for, and fails the test that brought it about."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.crm import ROOT
from tests.privacy import leaks

CONFTEST = """
from tests.privacy import PrivacyWatch

def pytest_configure(config):
    config.pluginmanager.register(PrivacyWatch(), "privacy")
"""

TESTS = """
import logging
import structlog
from connectors.errors import RecordRejected
from leadline import logs

def test_that_logs_an_address():
    structlog.get_logger().info("cycle", who="ana@" + "acme.example")

def test_that_logs_after_setting_up_logs_itself():
    logs.configure()
    structlog.get_logger().error("problem", id="pat-eu1-" + "made-up")

def test_that_raises_with_a_name():
    RecordRejected("the CRM does not like " + "Ana " + "Sato")

def test_that_uses_another_logger():
    logging.getLogger("connectors").warning("call +49 30 " + "5550100")

def test_that_tells_on_nobody():
    structlog.get_logger().info("cycle", at="2026-11-18T09:00:00+00:00", record="contacts/71", written=3)
"""


@pytest.mark.parametrize(
    "text",
    [
        "ana@acme.example is refused",
        "call +49 30 5550100 now",
        "the token pat-eu1-made-up",
        "Authorization: Bearer abcdef1234567",
        "00D5g0000000001!AQ12ab is refused",
        "Olga Okoye has no access",
        "Ирина Орлова has no access",
    ],
)
def test_tokens_and_personal_values_are_found(text: str) -> None:
    assert leaks(text)


@pytest.mark.parametrize(
    "text",
    [
        "cycle 2026-11-18T09:00:00+00:00 contacts/71 written=3",
        "Retry-After 2026-11-18 09:00:00.123456",
        "the property leadline_score does not exist in this account: run provision, or correct the mapping",
        "the e-mail <e-mail> is on the block list",
    ],
)
def test_what_may_be_said_is_let_pass(text: str) -> None:
    assert leaks(text) == []


def test_a_test_that_brings_it_about_fails_at_its_end_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_said.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "-n2", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    failed = {line.split("::")[1].split()[0] for line in ended.stdout.splitlines() if line.startswith("ERROR ")}
    assert failed == {
        "test_that_logs_an_address",
        "test_that_logs_after_setting_up_logs_itself",
        "test_that_raises_with_a_name",
        "test_that_uses_another_logger",
    }, ended.stdout
    assert "log: ana@acme.example" in ended.stdout
    assert ended.returncode == 1
