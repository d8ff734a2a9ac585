from typing import Any

import pytest

from tests.unit.sandbox.salesforce_bench import REP_ID, SalesforceBench, error


@pytest.fixture(scope="module")
def org() -> SalesforceBench:
    """Five Leads that differ in one way each, and an Account with two Contacts."""
    org = SalesforceBench()
    org.lead(LastName="Ames", Email="ames@north.example", NumberOfEmployees=10, Rating="Hot", OwnerId=REP_ID)
    org.lead(LastName="Brandt", Email="Brandt@North.example", NumberOfEmployees=20, HasOptedOutOfEmail=True)
    org.lead(LastName="Cole", Email="cole@south.example", AnnualRevenue=1.5e6)
    org.lead(LastName="O'Dea", Title="50% owner", Target_Go_Live__c="2026-11-22")
    org.lead(LastName="Eng_Ström", Rating="Cold", Target_Go_Live__c="2026-10-31")
    account = org.create("Account", Name="Globex", Industry="Software")
    for first in ("Kim", "Lee"):
        org.create("Contact", LastName="Park", FirstName=first, AccountId=account)
    return org


def names(org: SalesforceBench, where: str) -> list[str]:
    return [name[0] for name in org.column(f"SELECT LastName FROM Lead WHERE {where}")]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("LastName = 'AMES'", "A"),
        ("LastName != 'ames'", "BCEO"),
        ("LastName IN ('ames', 'cole')", "AC"),
        ("LastName NOT IN ('ames', 'cole')", "BEO"),
        ("Rating != 'Hot'", "BCEO"),
        ("Rating NOT IN ('Hot')", "BCEO"),
        ("Rating = null", "BCO"),
        ("Rating != null", "AE"),
        ("Rating = ''", "BCO"),
        ("Email LIKE '%@north.example'", "AB"),
        ("LastName LIKE '_mes'", "A"),
        ("LastName LIKE '%\\_%'", "E"),
        ("Title LIKE '50\\% %'", "O"),
        ("LastName = 'O\\'Dea'", "O"),
        ("LastName = '\\u0041mes'", "A"),
        ("NumberOfEmployees > 10", "B"),
        ("NumberOfEmployees >= 10", "AB"),
        ("NumberOfEmployees < 20.5", "AB"),
        ("AnnualRevenue = 1500000", "C"),
        ("HasOptedOutOfEmail = TRUE", "B"),
        ("HasOptedOutOfEmail = false", "ACEO"),
        ("Target_Go_Live__c = TODAY", "O"),
        ("Target_Go_Live__c = LAST_MONTH", "E"),
        ("Target_Go_Live__c = LAST_N_DAYS:30", "EO"),
        ("Target_Go_Live__c < THIS_WEEK", "E"),
        ("Target_Go_Live__c = 2026-10-31", "E"),
        ("CreatedDate = TODAY", "ABCEO"),
        ("SystemModstamp >= 2026-11-22T10:00:00+01:00", "ABCEO"),
        ("SystemModstamp > 2026-11-22T09:00:00Z", ""),
        ("SystemModstamp < 2026-11-22T09:00:00.001Z", "ABCEO"),
        ("Owner.Name = 'rhea rep'", "A"),
        ("Owner.Type = 'User' AND Rating = 'Hot'", "A"),
    ],
)
def test_a_condition_finds(org: SalesforceBench, where: str, found: str) -> None:
    assert "".join(names(org, where)) == found


def test_not_with_parentheses_gives_everything_else(org: SalesforceBench) -> None:
    assert names(org, "NOT (Rating = 'Hot' OR LastName = 'Cole')") == ["B", "E", "O"]
    assert names(org, "(NOT Rating = 'Hot') AND (NOT LastName LIKE 'C%')") == ["B", "E", "O"]


def test_like_and_id_in_both_hold(org: SalesforceBench) -> None:
    ids = org.column("SELECT Id FROM Lead WHERE LastName IN ('Ames', 'Cole')")
    listed = ", ".join(f"'{record_id[:15]}'" for record_id in ids)
    assert names(org, f"Email LIKE '%north%' AND Id IN ({listed})") == ["A"]


@pytest.mark.parametrize(
    "where",
    [
        "Rating = 'Hot' AND LastName = 'x' OR LastName = 'y'",
        "Rating = 'Hot' OR LastName = 'x' AND LastName = 'y'",
        "Rating = 'Hot' AND NOT LastName = 'x'",
        "NOT Rating = 'Hot' AND LastName = 'x'",
        "LastName IN ()",
        'LastName = "Ames"',
        "LastName = 'Ames",
        "LastName = 'a\\qb'",
        "SystemModstamp > 2026-11-22T10:00:00",
        "Target_Go_Live__c = 2026-02-30",
        "CreatedDate > 0001-01-01T00:00:00+14:00",
        "CreatedDate = LAST_N_DAYS:99999999",
        "LastName = Ames",
        "LastName = 'Ames' LIMIT -1",
        "LastName = 'Ames' LIMIT 5 ALL ROWS",
        "LastName = 'Ames' LIMIT 5 OFFSET 2001",
        "HasOptedOutOfEmail > true",
    ],
)
def test_the_org_cannot_parse(org: SalesforceBench, where: str) -> None:
    assert error(org.ask(f"SELECT Id FROM Lead WHERE {where}")) == (400, "MALFORMED_QUERY")


def test_and_with_or_needs_parentheses_and_takes_them(org: SalesforceBench) -> None:
    assert names(org, "(Rating = 'Hot' AND LastName = 'Ames') OR LastName = 'Cole'") == ["A", "C"]


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nope FROM Lead", "INVALID_FIELD"),
        ("SELECT Nope.Name FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE LastName = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > '2026-11-22T10:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > 2026-11-22", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Lead WHERE Id LIKE '00Q%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE"),
        ("SELECT Id, id FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead ORDER BY Description", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Rating, COUNT(Id) FROM Lead", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_a_query_that_does_not_fit_the_org_is_refused(org: SalesforceBench, soql: str, code: str) -> None:
    assert error(org.ask(soql)) == (400, code)


def test_the_refusal_shows_the_place(org: SalesforceBench) -> None:
    # The wording of a recorded exchange.
    message = org.ask("select count() from XYZZY").json()[0]["message"]
    assert message.startswith("\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\n")
    assert "\nsObject type 'XYZZY' is not supported." in message


def test_records_come_with_attributes_and_the_org_s_own_spelling(org: SalesforceBench) -> None:
    reply = org.ask("select id, lastname from lead where lastname = 'ames'").json()
    record = reply["records"][0]
    assert (reply["totalSize"], reply["done"], list(record)) == (1, True, ["attributes", "Id", "LastName"])
    assert record["attributes"] == {"type": "Lead", "url": f"/services/data/v67.0/sobjects/Lead/{record['Id']}"}


def test_parents_are_nested_and_share_their_level(org: SalesforceBench) -> None:
    record = org.rows("SELECT FirstName, Account.Name, Account.Industry FROM Contact ORDER BY FirstName LIMIT 1")[0]
    assert record["FirstName"] == "Kim"
    assert {k: v for k, v in record["Account"].items() if k != "attributes"} == {"Name": "Globex", "Industry": "Software"}
    assert record["Account"]["attributes"]["type"] == "Account"


def test_a_parent_of_many_kinds_is_a_name(org: SalesforceBench) -> None:
    record = org.rows("SELECT Owner.Name, Owner.Type FROM Lead WHERE LastName = 'Ames'")[0]["Owner"]
    assert (record["attributes"]["type"], record["Name"], record["Type"]) == ("Name", "Rhea Rep", "User")


def test_type_of_shows_other_fields_for_each_kind_of_parent() -> None:
    org = SalesforceBench()
    lead, account = org.lead(Title="Head"), org.create("Account", Name="Globex", Industry="Software")
    contact = org.create("Contact", LastName="Park", AccountId=account)
    for who in (lead, contact, None):
        org.create("Task", Subject="Call", WhoId=who)
    asked = "TYPEOF Who WHEN Lead THEN Title, Company WHEN Contact THEN Account.Industry END"
    parents = [row["Who"] for row in org.rows(f"SELECT {asked} FROM Task ORDER BY Id")]
    assert [parent and parent["attributes"]["type"] for parent in parents] == ["Lead", "Contact", None]
    assert parents[0]["Title"] == "Head"
    assert parents[1]["Account"]["Industry"] == "Software"
    named = org.rows("SELECT typeof what when Campaign then Status else Name end FROM Task ORDER BY Id")
    assert [row["What"] for row in named] == [None, None, None]
    others = org.rows("SELECT TYPEOF Who WHEN Lead THEN Title ELSE Name END FROM Task ORDER BY Id")
    assert others[1]["Who"] == {"attributes": parents[1]["attributes"] | {"type": "Name"}, "Name": "Park"}


@pytest.mark.parametrize(
    "asked",
    [
        "TYPEOF Account WHEN Account THEN Name END",
        "TYPEOF Who WHEN Account THEN Name END",
        "TYPEOF Who END",
        "TYPEOF Who WHEN Lead THEN Title",
        "Who.Name, TYPEOF Who WHEN Lead THEN Title END",
    ],
)
def test_type_of_needs_a_parent_of_many_kinds(org: SalesforceBench, asked: str) -> None:
    assert error(org.ask(f"SELECT {asked} FROM Task")) == (400, "MALFORMED_QUERY")


def test_a_missing_parent_is_null(org: SalesforceBench) -> None:
    contact = org.create("Contact", LastName="Alone")
    assert org.rows(f"SELECT Account.Name FROM Contact WHERE Id = '{contact}'") == [{"Account": None}]


def test_children_come_inside_their_parent(org: SalesforceBench) -> None:
    record = org.rows(
        "SELECT Name, (SELECT FirstName FROM Contacts ORDER BY FirstName), (SELECT Id FROM Tasks) FROM Account"
    )[0]
    assert record["Contacts"]["totalSize"] == 2
    assert [child["FirstName"] for child in record["Contacts"]["records"]] == ["Kim", "Lee"]
    assert record["Tasks"] is None


def test_a_semi_join_compares_with_ids_of_another_query(org: SalesforceBench) -> None:
    assert org.column("SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Park')") == [
        "Globex"
    ]
    assert org.column("SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)") == []


def test_order_limit_and_offset(org: SalesforceBench) -> None:
    def ordered(tail: str) -> str:
        return "".join(row["LastName"][0] for row in org.rows(f"SELECT LastName FROM Lead {tail}"))

    assert ordered("ORDER BY LastName LIMIT 2") == "AB"
    assert ordered("ORDER BY LastName DESC LIMIT 2 OFFSET 1") == "EC"
    assert ordered("ORDER BY NumberOfEmployees NULLS LAST, LastName") == "ABCEO"
    assert ordered("ORDER BY NumberOfEmployees, LastName DESC") == "OECAB"


def test_without_an_order_ties_do_not_come_in_order_of_id(org: SalesforceBench) -> None:
    ids = [row["Id"] for row in org.rows("SELECT Id FROM Lead ORDER BY SystemModstamp")]
    assert ids != sorted(ids)


def test_paging_by_time_and_id_meets_every_record_once(org: SalesforceBench) -> None:
    met: list[str] = []
    after = "SystemModstamp >= 2026-01-01T00:00:00Z"
    for _ in range(10):
        page = org.rows(f"SELECT Id, SystemModstamp FROM Lead WHERE {after} ORDER BY SystemModstamp, Id LIMIT 2")
        if not page:
            break
        met += [row["Id"] for row in page]
        at = page[-1]["SystemModstamp"].replace("+0000", "Z")
        after = f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{met[-1]}'))"
    assert met == org.column("SELECT Id FROM Lead")


def test_counts_and_sums(org: SalesforceBench) -> None:
    assert org.ask("SELECT COUNT() FROM Lead WHERE Rating != null").json() == {"totalSize": 2, "done": True, "records": []}
    row: dict[str, Any] = org.rows("SELECT COUNT(Rating), SUM(NumberOfEmployees) total, MAX(LastName) FROM Lead")[0]
    assert row == {"expr0": 2, "total": 30, "expr1": "O'Dea"}
    groups = org.rows("SELECT Rating, COUNT(Id) n FROM Lead WHERE Rating != null GROUP BY Rating")
    assert sorted((group["Rating"], group["n"]) for group in groups) == [("Cold", 1), ("Hot", 1)]


@pytest.mark.parametrize(
    ("having", "found"),
    [
        ("COUNT(Id) > 1", [None]),
        ("COUNT(Id) = 1 AND Rating != 'Cold'", ["Hot"]),
        ("NOT (COUNT(Id) > 1)", ["Hot", "Cold"]),
        ("SUM(NumberOfEmployees) > 10 AND Rating = null", [None]),
        ("SUM(NumberOfEmployees) <= 10", ["Hot"]),
        ("MAX(LastName) = 'AMES' OR SUM(NumberOfEmployees) = 20", [None, "Hot"]),
        ("MIN(SystemModstamp) > 2026-01-01T00:00:00Z", [None, "Hot", "Cold"]),
    ],
)
def test_having_keeps_groups(org: SalesforceBench, having: str, found: list[str | None]) -> None:
    groups = org.rows(
        f"SELECT Rating, COUNT(Id) n FROM Lead GROUP BY Rating HAVING {having} ORDER BY Rating DESC NULLS FIRST"
    )
    assert [group["Rating"] for group in groups] == found


def test_groups_are_ordered_by_what_is_summed_up(org: SalesforceBench) -> None:
    groups = org.rows("SELECT Rating, COUNT(Id) FROM Lead GROUP BY Rating ORDER BY COUNT(Id) DESC, Rating LIMIT 2")
    assert [group["expr0"] for group in groups] == [3, 1]


@pytest.mark.parametrize(
    "rest",
    [
        "WHERE COUNT(Id) > 1 GROUP BY Rating",
        "GROUP BY Rating HAVING LastName = 'Ames'",
        "GROUP BY Rating HAVING COUNT(Id) > 'x'",
        "GROUP BY Rating HAVING COUNT(Id) LIKE 'x'",
        "GROUP BY Rating HAVING MAX(LastName) > null",
        "GROUP BY Rating ORDER BY LastName",
        "HAVING COUNT(Id) > 1",
    ],
)
def test_groups_are_refused_what_they_do_not_have(org: SalesforceBench, rest: str) -> None:
    assert error(org.ask(f"SELECT COUNT(Id) FROM Lead {rest}")) == (400, "MALFORMED_QUERY")


def test_rows_are_not_ordered_by_what_is_summed_up(org: SalesforceBench) -> None:
    assert error(org.ask("SELECT Id FROM Lead ORDER BY COUNT(Id)")) == (400, "MALFORMED_QUERY")


def test_deleted_rows_show_in_query_all_only(org: SalesforceBench) -> None:
    gone = org.create("Campaign", Name="Gone")
    org.http.delete(f"/services/data/v67.0/sobjects/Campaign/{gone}")
    assert org.column("SELECT Id FROM Campaign") == []
    assert org.rows("SELECT Id, IsDeleted FROM Campaign WHERE IsDeleted = true", "queryAll") == [
        {"Id": gone, "IsDeleted": True}
    ]
