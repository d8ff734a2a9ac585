import pytest

from sandbox.salesforce.ids import IdMint, long_id, suffix_of
from tests.unit.sandbox.salesforce_bench import SalesforceBench


# Ids of recorded exchanges and of Salesforce's own examples.
@pytest.mark.parametrize("known", ["0017e00001W4GYRAA3", "0035500001H9dBaAAJ", "012000000000000AAA", "001B000000UnQ2vIAF"])
def test_the_suffix_spells_out_the_case_of_the_fifteen_letters(known: str) -> None:
    assert suffix_of(known[:15]) == known[15:]


def test_fifteen_and_eighteen_letters_name_the_same_record() -> None:
    assert long_id("0017e00001W4GYR") == "0017e00001W4GYRAA3"
    assert long_id("0017e00001W4GYRAA3") == "0017e00001W4GYRAA3"


def test_eighteen_letters_may_come_in_any_case() -> None:
    assert long_id("0017E00001w4gyraa3") == "0017e00001W4GYRAA3"


@pytest.mark.parametrize("text", ["", "001", "0017e00001W4GYRAA", "0017e00001W4GY!", "0017e00001W4GYR???"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert long_id(text) is None


def test_later_ids_sort_after_earlier_ones() -> None:
    mint = IdMint()
    made = [mint.mint("00Q") for _ in range(500)]
    assert made == sorted(set(made))
    assert all(long_id(one) == one and one.startswith("00Q") for one in made)


def test_the_org_s_own_records_have_proper_ids() -> None:
    org = SalesforceBench().org
    ids = [row.id for kind in ("Organization", "User", "Group") for row in org.store.rows(kind)]
    assert [long_id(one[:15]) for one in ids] == ids
