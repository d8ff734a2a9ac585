from typing import Any

import pytest

from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def run(org: SalesforceBench, *requests: dict[str, Any], **rest: Any) -> list[dict[str, Any]]:
    reply = org.http.post(f"{BASE}/composite", json={"compositeRequest": list(requests), **rest})
    assert reply.status_code == 200, reply.text
    results: list[dict[str, Any]] = reply.json()["compositeResponse"]
    return results


def made(kind: str, reference: str, **values: Any) -> dict[str, Any]:
    return {"method": "POST", "url": f"{BASE}/sobjects/{kind}", "referenceId": reference, "body": values}


def test_later_requests_may_use_the_answers_of_earlier_ones(org: SalesforceBench) -> None:
    account, contact = run(
        org, made("Account", "a", Name="Globex"), made("Contact", "c", LastName="Park", AccountId="@{a.id}")
    )
    assert (account["httpStatusCode"], account["referenceId"]) == (201, "a")
    assert account["httpHeaders"]["Location"] == f"{BASE}/sobjects/Account/{account['body']['id']}"
    assert org.read("Contact", contact["body"]["id"])["AccountId"] == account["body"]["id"]


def test_a_query_may_hold_plain_spaces(org: SalesforceBench) -> None:
    # As recorded: `url` is not encoded.
    query = {"method": "GET", "url": f"{BASE}/query?q=SELECT Id FROM Account LIMIT 1", "referenceId": "one"}
    expected = {"totalSize": 0, "done": True, "records": []}
    assert run(org, query) == [{"body": expected, "httpHeaders": {}, "httpStatusCode": 200, "referenceId": "one"}]


def test_one_failure_leaves_the_others(org: SalesforceBench) -> None:
    missing = {"method": "GET", "url": f"{BASE}/sobjects/Foo", "referenceId": "x"}
    failed, done = run(org, missing, made("Account", "a", Name="Globex"))
    assert failed["body"] == [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    assert (failed["httpStatusCode"], done["httpStatusCode"]) == (404, 201)


def test_all_or_none_takes_everything_back(org: SalesforceBench) -> None:
    results = run(org, made("Account", "a", Name="Globex"), made("Account", "b"), allOrNone=True)
    assert [result["httpStatusCode"] for result in results] == [400, 400]
    assert results[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert org.column("SELECT Name FROM Account") == []


def test_a_collection_inside_is_taken_back_too(org: SalesforceBench) -> None:
    row = {"attributes": {"type": "Account"}, "Name": "Globex"}
    inner = {"allOrNone": True, "records": [row]}
    collection = {"method": "POST", "url": f"{BASE}/composite/sobjects", "referenceId": "c", "body": inner}
    run(org, collection, made("Account", "b"), allOrNone=True)
    assert org.column("SELECT Name FROM Account") == []


def test_what_refers_to_a_failure_is_halted(org: SalesforceBench) -> None:
    results = run(org, made("Account", "a"), made("Contact", "c", LastName="Park", AccountId="@{a.id}"))
    assert results[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_it_counts_as_one_call(org: SalesforceBench) -> None:
    run(org, *(made("Account", f"a{n}", Name="Globex") for n in range(25)))
    assert org.http.get(f"{BASE}/limits").headers["Sforce-Limit-Info"] == "api-usage=2/100000"


@pytest.mark.parametrize(("url", "count"), [(f"{BASE}/limits", 26), (f"{BASE}/query?q=SELECT Id FROM Lead", 6)])
def test_its_limits_are_25_requests_and_five_queries(org: SalesforceBench, url: str, count: int) -> None:
    requests = [{"method": "GET", "url": url, "referenceId": f"r{n}"} for n in range(count)]
    reply = org.http.post(f"{BASE}/composite", json={"compositeRequest": requests})
    assert error(reply) == (400, "LIMIT_EXCEEDED")


def batch(org: SalesforceBench, *requests: dict[str, Any], **rest: Any) -> dict[str, Any]:
    reply = org.http.post(f"{BASE}/composite/batch", json={"batchRequests": list(requests), **rest})
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def test_a_batch_runs_requests_that_know_nothing_of_each_other(org: SalesforceBench) -> None:
    made_account = {"method": "POST", "url": "v67.0/sobjects/Account", "richInput": {"Name": "Globex"}}
    told = batch(org, made_account, {"method": "GET", "url": "v67.0/query?q=SELECT Name FROM Account"})
    assert (told["hasErrors"], [one["statusCode"] for one in told["results"]]) == (False, [201, 200])
    assert told["results"][1]["result"]["records"][0]["Name"] == "Globex"


def test_a_batch_may_halt_at_its_first_error(org: SalesforceBench) -> None:
    wrong, right = {"method": "GET", "url": "v67.0/nope"}, {"method": "GET", "url": "v67.0/limits"}
    assert [one["statusCode"] for one in batch(org, wrong, right)["results"]] == [404, 200]
    halted = batch(org, wrong, right, haltOnError=True)
    assert (halted["hasErrors"], [one["statusCode"] for one in halted["results"]]) == (True, [404, 412])


def person(kind: str, reference: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": kind, "referenceId": reference}, **values}


def plant(org: SalesforceBench, *records: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    reply = org.http.post(f"{BASE}/composite/tree/Account", json={"records": list(records)})
    return reply.status_code, reply.json()


def test_a_tree_is_created_level_by_level(org: SalesforceBench) -> None:
    contacts = {"records": [person("Contact", "c", lastname="Park")]}
    status, told = plant(
        org, person("Account", "a", name="Globex", Contacts=contacts), person("Account", "b", name="Initech")
    )
    assert (status, told["hasErrors"]) == (201, False)
    assert [one["referenceId"] for one in told["results"]] == ["a", "b", "c"]
    ids = {one["referenceId"]: one["id"] for one in told["results"]}
    assert org.read("Contact", ids["c"])["AccountId"] == ids["a"]


def test_a_tree_with_a_bad_branch_is_not_created_at_all(org: SalesforceBench) -> None:
    contacts = {"records": [person("Contact", "c", FirstName="Kim")]}
    status, told = plant(org, person("Account", "a", Name="Globex", Contacts=contacts))
    assert (status, told["hasErrors"], told["results"][0]["referenceId"]) == (400, True, "c")
    assert told["results"][0]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.column("SELECT Name FROM Account") == []


@pytest.mark.parametrize(
    "records",
    [
        [person("Contact", "a")],
        [person("Account", "a", Name="x"), person("Account", "a", Name="y")],
        [person("Account", "", Name="x")],
        [person("Account", "a", Name="x", Contacts=[])],
        ["x"],
        [person("Account", f"a{n}", Name="x") for n in range(201)],
    ],
)
def test_what_is_no_tree_is_refused(org: SalesforceBench, records: list[Any]) -> None:
    assert plant(org, *records)[0] == 400
    assert org.column("SELECT Name FROM Account") == []
