"""How what a third-party client read is held against what the twin holds (`make test-clients`)."""

from tests.clients.readings import Report, compare, table


def test_every_id_once_is_what_is_wanted() -> None:
    assert compare("contacts", ["2", "1"], {"1", "2"}).problem == ""


def test_what_is_missing_foreign_or_doubled_is_named() -> None:
    reading = compare("contacts", ["1", "1", "3"], {"1", "2"})
    assert reading.problem == "1 missing (2); 1 not asked for (3); 1 more than once (1)"


def test_a_client_passes_when_both_reads_are_exact_and_nothing_stopped_it() -> None:
    exact, wrong = compare("deals", ["1"], {"1"}), compare("deals", [], {"1"})
    assert Report("tap", full=[exact], incremental=[exact]).passed
    assert not Report("tap", full=[exact], incremental=[wrong]).passed
    assert not Report("tap", full=[exact]).passed
    assert not Report("tap", full=[exact], incremental=[exact], problem="asked for other hosts").passed


def test_the_table_says_what_went_wrong() -> None:
    report = Report("tap", "1.0", full=[compare("deals", ["1"], {"1", "2"})], calls=7)
    assert "| tap | 1.0 | full | deals 1 | deals: 1 missing (2) | 7 |" in table([report])
    assert "| tap | 1.0 | incremental | - | not reached |  |" in table([report])
