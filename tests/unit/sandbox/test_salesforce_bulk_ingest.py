"""Bulk API 2.0 ingest jobs: uploads, the org's own rules for every row, and results out of order."""

import pytest

from sandbox.salesforce.crm import SalesforceCrm
from sandbox.salesforce.furniture import INBOUND_QUEUE_ID
from tests.unit.sandbox.salesforce_bench import BASE, REP_ID, SalesforceBench, error
from tests.unit.sandbox.salesforce_bulk import (
    INGEST,
    LONGEST,
    fates,
    ingested,
    job,
    open_ingest,
    reasons,
    set_state,
    upload,
)


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def people(count: int) -> str:
    return "LastName,Company\n" + "".join(f"Person {number:03d},Acme\n" for number in range(count))


def test_a_new_job_says_where_its_data_goes(org: SalesforceBench) -> None:
    made = org.http.post(INGEST, json={"object": "Lead", "operation": "insert"}).json()
    assert made["contentUrl"] == f"services/data/v67.0/jobs/ingest/{made['id']}/batches"
    sent = upload(org, made["id"], people(1))
    assert (sent.status_code, sent.content) == (201, b"")


def test_nothing_is_written_before_the_job_has_run_and_all_after_without_anybody_watching(org: SalesforceBench) -> None:
    job_id = open_ingest(org, "insert")
    upload(org, job_id, people(3))
    org.clock.advance(60)
    assert (job(org, job_id)["state"], org.column("SELECT Id FROM Lead")) == ("Open", [])
    set_state(org, job_id, "UploadComplete")
    assert org.column("SELECT Id FROM Lead") == []
    org.clock.advance(LONGEST)
    assert org.column("SELECT LastName FROM Lead") == ["Person 000", "Person 001", "Person 002"]


def test_good_rows_are_written_and_bad_ones_told_with_the_org_s_own_reason(org: SalesforceBench) -> None:
    told = ingested(org, "insert", "LastName,Company,Email\nLind,Acme,\nPark,,\nBerg,Acme,no address\n")
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    written = fates(org, told["id"], "successfulResults")
    lead = org.column("SELECT Id FROM Lead")[0]
    assert written == [{"sf__Id": lead, "sf__Created": "true", "LastName": "Lind", "Company": "Acme", "Email": ""}]
    assert reasons(org, told["id"]) == [
        "INVALID_EMAIL_ADDRESS:Email: invalid email address: no address:Email --",
        "REQUIRED_FIELD_MISSING:Required fields are missing: [Company]:Company --",
    ]
    refused = {row["LastName"]: row["sf__Id"] for row in fates(org, told["id"], "failedResults")}
    assert refused == {"Park": "", "Berg": ""}
    assert fates(org, told["id"], "unprocessedrecords") == []


def test_results_come_in_another_order_than_the_input(org: SalesforceBench) -> None:
    told = ingested(org, "insert", people(300))
    names = [row["LastName"] for row in fates(org, told["id"], "successfulResults")]
    assert names != sorted(names)
    assert sorted(names) == [f"Person {number:03d}" for number in range(300)]


def test_an_empty_cell_leaves_a_field_alone_and_a_sign_empties_it(org: SalesforceBench) -> None:
    lead = org.lead(Title="CFO", Phone="123", IsUnreadByOwner=True)
    ingested(org, "update", f"Id,Title,Phone,FirstName\n{lead},,#N/A,Ann\n")
    read = org.read("Lead", lead)
    assert (read["Title"], read["Phone"], read["FirstName"]) == ("CFO", None, "Ann")


def test_values_are_read_by_the_field_s_type_and_an_unreadable_one_fails_its_row_only(org: SalesforceBench) -> None:
    rows = "LastName,Company,NumberOfEmployees,HasOptedOutOfEmail\nA,Acme,12,TRUE\nB,Acme,many,0\n"
    told = ingested(org, "insert", rows)
    assert told["numberRecordsFailed"] == 1
    assert reasons(org, told["id"])[0].startswith("INVALID_TYPE_ON_FIELD_IN_RECORD:")
    lead = org.rows("SELECT NumberOfEmployees, HasOptedOutOfEmail FROM Lead")
    assert lead == [{"NumberOfEmployees": 12, "HasOptedOutOfEmail": True}]


def test_quotes_delimiters_and_newlines_within_a_value_stay(org: SalesforceBench) -> None:
    data = 'LastName|Company|Description\n"O""Hara"|"Acme|Globex"|"one\ntwo"\n'
    told = ingested(org, "insert", data, columnDelimiter="PIPE")
    assert org.rows("SELECT LastName, Company, Description FROM Lead") == [
        {"LastName": 'O"Hara', "Company": "Acme|Globex", "Description": "one\ntwo"}
    ]
    reply = org.http.get(f"{INGEST}/{told['id']}/successfulResults").text
    assert reply.startswith('"sf__Id"|"sf__Created"|"LastName"|"Company"|"Description"\n')


def test_an_upsert_goes_by_a_key_and_refuses_one_that_stands_twice_in_a_batch(org: SalesforceBench) -> None:
    org.make_activity_key()
    task = org.create("Task", Subject="Call", Sync_Key__c="a")
    told = ingested(
        org,
        "upsert",
        "Sync_Key__c,Subject\na,Visit\nb,Write\nc,One\nC,Two\n,None\n",
        "Task",
        externalIdFieldName="Sync_Key__c",
    )
    assert told["externalIdFieldName"] == "Sync_Key__c"
    written = {row["Sync_Key__c"]: row["sf__Created"] for row in fates(org, told["id"], "successfulResults")}
    assert written == {"a": "false", "b": "true"}
    assert org.read("Task", task)["Subject"] == "Visit"
    assert [reason.partition(":")[0] for reason in reasons(org, told["id"])] == [
        "DUPLICATE_VALUE",
        "DUPLICATE_VALUE",
        "MISSING_ARGUMENT",
    ]


def test_an_upsert_by_id_makes_records_where_no_id_is_given(org: SalesforceBench) -> None:
    lead = org.lead()
    ingested(org, "upsert", f"Id,LastName,Company\n{lead},Berg,\n,Park,Acme\n", externalIdFieldName="Id")
    assert org.column("SELECT LastName FROM Lead") == ["Berg", "Park"]


def test_an_upsert_by_a_key_that_two_records_have_is_refused(org: SalesforceBench) -> None:
    for _ in range(2):
        org.lead(Email="lind@acme.example")
    told = ingested(org, "upsert", "Email,Title\nlind@acme.example,CFO\n", externalIdFieldName="Email")
    assert reasons(org, told["id"])[0].startswith("DUPLICATE_EXTERNAL_ID:")


def test_deleting_needs_ids_alone(org: SalesforceBench) -> None:
    lead, other = org.lead(), org.lead()
    told = ingested(org, "delete", f"Id\n{lead}\nnonsense\n")
    assert (told["state"], told["numberRecordsFailed"]) == ("JobComplete", 1)
    assert reasons(org, told["id"])[0].startswith("MALFORMED_ID:")
    assert org.column("SELECT Id FROM Lead") == [other]
    failed = ingested(org, "delete", f"Id,LastName\n{other},Lind\n")
    assert (failed["state"], org.column("SELECT Id FROM Lead")) == ("Failed", [other])


def test_updating_what_is_not_there_fails_its_row(org: SalesforceBench) -> None:
    gone = org.lead()
    org.http.delete(f"{BASE}/sobjects/Lead/{gone}")
    told = ingested(org, "update", f"Id,Title\n{gone},CFO\n00Q000000000001EAA,CFO\n,CFO\n")
    assert [reason.partition(":")[0] for reason in reasons(org, told["id"])] == [
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "MISSING_ARGUMENT",
    ]


def test_assignment_rules_run_only_where_the_job_names_one(org: SalesforceBench) -> None:
    ingested(org, "insert", f"LastName,Company,OwnerId\nLind,Acme,{REP_ID}\n")
    assert org.column("SELECT OwnerId FROM Lead") == [REP_ID]
    ingested(org, "insert", f"LastName,Company,OwnerId\nPark,Acme,{REP_ID}\n", assignmentRuleId="01Q000000000001AAA")
    assert org.column("SELECT OwnerId FROM Lead WHERE LastName = 'Park'") == [INBOUND_QUEUE_ID]


def test_a_parent_can_be_named_by_a_key_of_its_own(org: SalesforceBench) -> None:
    org.load("User", Id="005000000000077AAA", Username="rhea@acme.example", LastName="Rep", IsActive=True)
    data = "LastName,Company,User:Owner.Username\nLind,Acme,rhea@acme.example\nPark,Acme,nobody@acme.example\n"
    told = ingested(org, "insert", data)
    assert org.rows("SELECT LastName, OwnerId FROM Lead") == [{"LastName": "Lind", "OwnerId": "005000000000077AAA"}]
    assert "Foreign key external ID: nobody@acme.example not found" in reasons(org, told["id"])[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("LastName,Company,Nothing\nLind,Acme,1\n", "InvalidBatch : Field name not found : Nothing"),
        ("\ufeffLastName,Company\nLind,Acme\n", "InvalidBatch : Field name not found : \ufeffLastName"),
        ("LastName,lastname,Company\nA,B,Acme\n", "InvalidBatch : Duplicate field name : LastName"),
        ("LastName,Owner.Username\nLind,rhea\n", "InvalidBatch : Field name not found : Owner.Username"),
        ("LastName,Nobody.Name\nLind,rhea\n", "InvalidBatch : Field name not found : Nobody.Name"),
        ("LastName,Company\r\nLind,Acme\r\n", "LineEnding is invalid on user data. Current LineEnding setting is LF"),
        ('LastName,Company\nLind,"Ac\r\nme"\n', "LineEnding is invalid on user data. Current LineEnding setting is LF"),
        (b"LastName,Company\nL\xffnd,Acme\n", "ClientInputError : The uploaded data is not UTF-8"),
        ("\n\n", "InvalidBatch : The uploaded data has no header"),
    ],
)
def test_data_that_cannot_be_read_fails_the_whole_job(org: SalesforceBench, data: str | bytes, message: str) -> None:
    told = ingested(org, "insert", data)
    assert (told["state"], told["numberRecordsProcessed"]) == ("Failed", 0)
    assert message in told["errorMessage"]
    assert org.column("SELECT Id FROM Lead") == []


def test_a_field_nobody_was_granted_is_not_found(org: SalesforceBench) -> None:
    org.make_field("Lead.Score__c", type="Number", label="Score", precision=5, scale=2)
    failed = ingested(org, "insert", "LastName,Company,Score__c\nLind,Acme,5\n")
    assert failed["errorMessage"] == "InvalidBatch : Field name not found : Score__c"
    assert [row["LastName"] for row in fates(org, failed["id"], "unprocessedRecords")] == ["Lind"]


def test_windows_line_endings_must_be_declared_and_hold_throughout(org: SalesforceBench) -> None:
    ingested(org, "insert", "LastName,Company\r\nLind,Acme\r\n", lineEnding="CRLF")
    assert org.column("SELECT Company FROM Lead") == ["Acme"]
    told = ingested(org, "insert", 'LastName,Company\r\nPark,"Ac\nme"\r\n', lineEnding="CRLF")
    assert "Current LineEnding setting is CRLF" in told["errorMessage"]


def test_a_row_of_the_wrong_width_ends_the_job_there_and_the_rows_before_it_stay(org: SalesforceBench) -> None:
    told = ingested(org, "insert", "LastName,Company\nLind,Acme\nPark,Acme,more\nBerg,Acme\n")
    assert (told["state"], told["numberRecordsProcessed"]) == ("Failed", 1)
    assert org.column("SELECT LastName FROM Lead") == ["Lind"]


def test_an_aborted_job_keeps_what_it_wrote_and_tells_the_rest(org: SalesforceBench) -> None:
    job_id = open_ingest(org, "insert")
    upload(org, job_id, people(1000))
    set_state(org, job_id, "UploadComplete")
    while job(org, job_id)["numberRecordsProcessed"] == 0:
        org.clock.advance(0.01)
    assert set_state(org, job_id, "Aborted").json()["state"] == "Aborted"
    done, left = fates(org, job_id, "successfulResults"), fates(org, job_id, "unprocessedrecords")
    assert 0 < len(done) < 1000
    assert len(done) + len(left) == 1000
    assert len(org.column("SELECT Id FROM Lead")) == len(done)


def test_an_aborted_job_that_never_ran_tells_all_its_rows(org: SalesforceBench) -> None:
    job_id = open_ingest(org, "insert")
    upload(org, job_id, people(3))
    set_state(org, job_id, "Aborted")
    assert len(fates(org, job_id, "unprocessedrecords")) == 3
    assert fates(org, job_id, "successfulResults") == []


def test_a_large_job_goes_on_with_every_look_and_keeps_nobody_waiting(
    org: SalesforceBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.salesforce.bulk.load.SLICE", 200)
    told = ingested(org, "insert", people(500))
    seen = [told["numberRecordsProcessed"], *(job(org, told["id"])["numberRecordsProcessed"] for _ in range(2))]
    assert (told["state"], seen) == ("InProgress", [200, 400, 500])
    assert job(org, told["id"])["state"] == "JobComplete"


def test_a_job_under_way_writes_nothing_into_a_state_brought_back(org: SalesforceBench) -> None:
    crm = SalesforceCrm(org.org, org.refusals)
    saved = crm.save()
    job_id = open_ingest(org, "insert")
    upload(org, job_id, people(3))
    set_state(org, job_id, "UploadComplete")
    crm.load(saved)
    org.clock.advance(LONGEST)
    assert org.column("SELECT Id FROM Lead") == []
    assert error(org.http.get(f"{INGEST}/{job_id}")) == (404, "NOT_FOUND")


def test_data_is_uploaded_once_as_csv_to_an_open_job(org: SalesforceBench) -> None:
    job_id = open_ingest(org, "insert")
    plain = org.http.put(f"{INGEST}/{job_id}/batches", content="LastName", headers={"Content-Type": "text/plain"})
    assert error(plain)[1] == "UNSUPPORTED_MEDIA_TYPE"
    assert upload(org, job_id, people(1)).status_code == 201
    assert error(upload(org, job_id, people(1))) == (400, "INVALIDJOBSTATE")
    set_state(org, job_id, "UploadComplete")
    assert error(set_state(org, job_id, "UploadComplete")) == (400, "INVALIDJOBSTATE")
    assert error(org.http.get(f"{INGEST}/{job_id}/failedResults")) == (400, "INVALIDJOBSTATE")
    assert error(org.http.delete(f"{INGEST}/{job_id}")) == (400, "API_ERROR")


def test_an_upload_has_a_size(org: SalesforceBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.salesforce.api.bulk_ingest.MAX_ENCODED_BYTES", 40)
    job_id = open_ingest(org, "insert")
    assert error(upload(org, job_id, "x" * 31)) == (400, "EXCEEDED_MAX_SIZE_REQUEST")
    assert upload(org, job_id, "x" * 30).status_code == 201


def test_a_job_without_data_fails(org: SalesforceBench) -> None:
    job_id = open_ingest(org, "insert")
    set_state(org, job_id, "UploadComplete")
    org.clock.advance(LONGEST)
    assert job(org, job_id)["state"] == "Failed"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "insert"}, "INVALIDJOB"),
        ({"object": "Lead"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "merge"}, "INVALIDJOB"),
        ({"object": "Nothing", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Lead", "operation": "upsert"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "upsert", "externalIdFieldName": "Company"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "hardDelete"}, "FEATURENOTENABLED"),
        ({"object": ["Lead"], "operation": "insert"}, "INVALIDJOB"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(org: SalesforceBench, body: dict[str, object], code: str) -> None:
    assert error(org.http.post(INGEST, json=body)) == (400, code)


def test_a_query_job_is_no_ingest_job(org: SalesforceBench) -> None:
    made = org.http.post(f"{BASE}/jobs/query", json={"operation": "query", "query": "SELECT Id FROM Lead"}).json()
    assert error(org.http.get(f"{INGEST}/{made['id']}")) == (404, "NOT_FOUND")
