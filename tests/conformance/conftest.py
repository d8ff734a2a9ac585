"""Failures in the rules of the suite are shown as readably as those of a test file."""

import pytest

pytest.register_assert_rewrite("connectors.conformance")
