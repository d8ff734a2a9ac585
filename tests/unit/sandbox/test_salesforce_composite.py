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
