"""Bulk API 2.0 query jobs: states that take time, CSV, locators, and what cannot be asked in bulk."""

import pytest

from tests.unit.sandbox.salesforce_bench import BASE, REP_ID, SalesforceBench, error
from tests.unit.sandbox.salesforce_bulk import (
    LONGEST,
    QUERY,
    create_query,
    ended_query,
    job,
    queried,
    records,
    results,
    set_state,
)


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def with_accounts(org: SalesforceBench, count: int) -> None:
    for number in range(count):
        org.load("Account", Name=f"Company {number:03d}", IsDeleted=False)


def test_a_job_waits_runs_and_ends_in_the_twin_s_time(org: SalesforceBench) -> None:
    made = create_query(org, "SELECT Id FROM Lead").json()
    seen = [made["state"]]
    for _ in range(int(LONGEST / 0.05)):
        org.clock.advance(0.05)
        seen.append(job(org, made["id"], QUERY)["state"])
    assert list(dict.fromkeys(seen)) == ["UploadComplete", "InProgress", "JobComplete"]
    assert seen.count("UploadComplete") > 2
    assert seen.count("InProgress") > 2


def test_a_job_says_of_which_version_and_kind_it_is(org: SalesforceBench) -> None:
    made = create_query(org, "SELECT Id FROM Account").json()
    assert made["apiVersion"] == 67.0
    assert job(org, made["id"], QUERY)["jobType"] == "V2Query"


def test_every_value_is_quoted_times_end_in_z_and_nothing_is_empty_text(org: SalesforceBench) -> None:
    org.lead(LastName='O"Hara, jr', Description="one\ntwo", NumberOfEmployees=5, AnnualRevenue=1500, OwnerId=REP_ID)
    columns = "LastName, Description, Email, NumberOfEmployees, AnnualRevenue, IsConverted, CreatedDate, Owner.Name"
    reply = results(org, ended_query(org, f"SELECT {columns} FROM Lead"))
    header, _, rest = reply.text.partition("\n")
    quoted = [f'"{name.strip()}"' for name in columns.split(",")]
    assert header == ",".join(quoted)
    assert rest == '"O""Hara, jr","one\ntwo","","5","1500.0","false","2026-11-22T09:00:00.000Z","Rhea Rep"\n'
    assert reply.headers["Content-Type"] == "text/csv"
    assert (reply.headers["Sforce-Locator"], reply.headers["Sforce-NumberOfRecords"]) == ("null", "1")


def test_columns_keep_the_order_and_get_the_spelling_of_the_org(org: SalesforceBench) -> None:
    org.lead()
    row = queried(org, "SELECT company, l.lastname, ID FROM Lead l")[0]
    assert list(row) == ["Company", "LastName", "Id"]


def test_delimiter_and_line_ending_are_the_client_s(org: SalesforceBench) -> None:
    org.lead()
    job_id = ended_query(org, "SELECT LastName, Company FROM Lead", columnDelimiter="PIPE", lineEnding="CRLF")
    assert results(org, job_id).text == '"LastName"|"Company"\r\n"Lind"|"Acme"\r\n'


def test_no_rows_are_a_header_alone(org: SalesforceBench) -> None:
    reply = results(org, ended_query(org, "SELECT Id, Name FROM Lead"))
    assert (reply.text, reply.headers["Sforce-NumberOfRecords"]) == ('"Id","Name"\n', "0")


def test_query_all_sees_what_was_deleted(org: SalesforceBench) -> None:
    gone = org.lead()
    org.http.delete(f"{BASE}/sobjects/Lead/{gone}")
    assert queried(org, "SELECT Id FROM Lead") == []
    assert queried(org, "SELECT Id, IsDeleted FROM Lead", "queryAll") == [{"Id": gone, "IsDeleted": "true"}]


def test_pages_follow_opaque_locators_to_the_word_null(org: SalesforceBench) -> None:
    with_accounts(org, 100)
    job_id = ended_query(org, "SELECT Name FROM Account")
    met, sizes, locator = [], [], ""
    while locator != "null":
        page = results(org, job_id, maxRecords=10, **({"locator": locator} if locator else {}))
        assert int(page.headers["Sforce-NumberOfRecords"]) == len(records(page)) <= 10
        met += [row["Name"] for row in records(page)]
        sizes.append(len(records(page)))
        locator = page.headers["Sforce-Locator"]
        assert not locator.isdigit()
    assert sorted(met) == [f"Company {number:03d}" for number in range(100)]
    assert min(sizes[:-1]) < 10, "some page is smaller than asked for"


def test_a_locator_gives_the_same_page_again_and_a_guess_none(org: SalesforceBench) -> None:
    with_accounts(org, 20)
    job_id = ended_query(org, "SELECT Name FROM Account")
    locator = results(org, job_id, maxRecords=5).headers["Sforce-Locator"]
    again = [results(org, job_id, maxRecords=5, locator=locator).text for _ in range(2)]
    assert again[0] == again[1]
    assert error(results(org, job_id, locator="MTA")) == (400, "INVALID_QUERY_LOCATOR")


def test_results_need_the_version_of_the_job_and_its_end(org: SalesforceBench) -> None:
    made = create_query(org, "SELECT Id FROM Lead").json()
    assert error(results(org, made["id"])) == (400, "INVALIDJOBSTATE")
    org.clock.advance(LONGEST)
    elsewhere = f"/services/data/v60.0/jobs/query/{made['id']}/results"
    assert error(org.http.get(elsewhere)) == (409, "API_VERSION_MISMATCH")


def test_results_are_kept_for_seven_days(org: SalesforceBench) -> None:
    job_id = ended_query(org, "SELECT Id FROM Lead")
    assert results(org, job_id).status_code == 200
    org.clock.advance(7 * 86_400 + 1)
    org.sign_in()
    assert error(results(org, job_id)) == (404, "NOT_FOUND")


def test_a_job_can_be_aborted_before_its_end_and_deleted_after_it(org: SalesforceBench) -> None:
    job_id = create_query(org, "SELECT Id FROM Lead").json()["id"]
    assert error(org.http.delete(f"{QUERY}/{job_id}")) == (400, "API_ERROR")
    assert set_state(org, job_id, "Aborted", QUERY).json()["state"] == "Aborted"
    assert error(set_state(org, job_id, "Aborted", QUERY)) == (400, "INVALIDJOBSTATE")
    assert error(results(org, job_id)) == (400, "INVALIDJOBSTATE")
    assert org.http.delete(f"{QUERY}/{job_id}").status_code == 204
    assert error(org.http.get(f"{QUERY}/{job_id}")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT COUNT() FROM Lead", "API_ERROR"),
        ("SELECT Status, COUNT(Id) FROM Lead GROUP BY Status", "API_ERROR"),
        ("SELECT Status FROM Lead GROUP BY Status", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT Id FROM Lead LIMIT 5 OFFSET 5", "API_ERROR"),
        ("SELECT FIELDS(ALL) FROM Lead LIMIT 10", "API_ERROR"),
        ("SELECT Id, Address FROM Lead", "API_ERROR"),
        ("SELECT Id FROM TaskStatus", "INVALIDENTITY"),
        ("SELECT Id FROM TaskWhoRelation", "INVALIDENTITY"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Nothing FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
    ],
)
def test_what_cannot_be_asked_in_bulk_is_refused_when_the_job_is_created(org: SalesforceBench, soql: str, code: str) -> None:
    assert error(create_query(org, soql)) == (400, code)
    assert org.http.get(QUERY).json()["records"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operation": "query"},
        {"operation": "query", "query": 5},
        {"operation": "insert", "query": "SELECT Id FROM Lead"},
        {"operation": "query", "query": "SELECT Id FROM Lead", "columnDelimiter": "SPACE"},
        {"operation": "query", "query": "SELECT Id FROM Lead", "lineEnding": ["LF"]},
        {"operation": "query", "query": "SELECT Id FROM Lead", "contentType": "JSON"},
    ],
)
def test_an_order_that_makes_no_sense_is_an_invalid_job(org: SalesforceBench, body: dict[str, object]) -> None:
    assert error(org.http.post(QUERY, json=body)) == (400, "INVALIDJOB")


@pytest.mark.parametrize("asked", ["0", "-1", "ten"])
def test_max_records_is_a_positive_number(org: SalesforceBench, asked: str) -> None:
    job_id = ended_query(org, "SELECT Id FROM Lead")
    assert error(results(org, job_id, maxRecords=asked)) == (400, "API_ERROR")


def test_a_day_has_ten_thousand_query_jobs(org: SalesforceBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.salesforce.bulk.jobs.MAX_QUERY_JOBS_A_DAY", 2)
    for _ in range(2):
        ended_query(org, "SELECT Id FROM Lead")
    assert error(create_query(org, "SELECT Id FROM Lead")) == (400, "LIMIT_EXCEEDED")
    org.clock.advance(86_400)
    org.sign_in()
    assert create_query(org, "SELECT Id FROM Lead").status_code == 200


def test_all_jobs_are_listed_by_pages(org: SalesforceBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.salesforce.bulk.jobs.LIST_PAGE", 2)
    made = [create_query(org, "SELECT Id FROM Lead").json()["id"] for _ in range(3)]
    first = org.http.get(QUERY).json()
    second = org.http.get(first["nextRecordsUrl"]).json()
    assert [record["id"] for record in first["records"] + second["records"]] == made
    assert (first["done"], second["done"], second["nextRecordsUrl"]) == (False, True, None)
    assert org.http.get(QUERY, params={"jobType": "V2Ingest"}).json()["records"] == []
