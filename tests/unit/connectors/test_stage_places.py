"""When a stage is to be set in a field that is not ours."""

from __future__ import annotations

import pytest

from connectors.stages import StagePlace

FORWARD = StagePlace(
    setting=("stages",),
    field="lifecycle",
    objects=frozenset({"contacts"}),
    values={"mql": "Marketing", "sql": "Sales", "ours": "Own stage"},
    order=("Lead", "Marketing", "Sales", "Customer"),
    read=str.lower,
)
FREE = StagePlace(
    setting=("stages",),
    field="lead_status",
    objects=frozenset({"leads"}),
    values={"mql": "Working", "sql": "Qualified"},
    replaces=frozenset({"Open", "New"}),
    read=str.lower,
)


@pytest.mark.parametrize(
    ("stage", "shown", "told", "wanted"),
    [
        pytest.param("mql", None, None, "Marketing", id="nothing is shown yet"),
        pytest.param("mql", "lead", None, "Marketing", id="a stage before is shown"),
        pytest.param("sql", "marketing", "Marketing", "Sales", id="ours is shown and the stage went on"),
        pytest.param("mql", "marketing", None, None, id="the same is shown"),
        pytest.param("mql", "customer", None, None, id="a further one is shown"),
        pytest.param("mql", "sales", "Sales", None, id="the stage fell back"),
        pytest.param("mql", "lead", "Marketing", None, id="somebody took ours back"),
        pytest.param("mql", None, "Marketing", None, id="somebody emptied it"),
        pytest.param("lead", "sales", None, None, id="a stage without a value"),
        pytest.param("sql", "partner", None, "Sales", id="shown is a stage of the account's own: the CRM knows the order"),
        pytest.param("ours", "customer", None, "Own stage", id="wanted is a stage of the account's own"),
    ],
)
def test_where_values_only_move_forward(stage: str, shown: str | None, told: str | None, wanted: str | None) -> None:
    assert FORWARD.value_to_set(stage, shown, told) == wanted


@pytest.mark.parametrize(
    ("stage", "shown", "told", "wanted"),
    [
        pytest.param("mql", "open", None, "Working", id="nobody has touched it"),
        pytest.param("mql", "nurturing", None, None, id="a rep chose one before we wrote any"),
        pytest.param("mql", None, None, None, id="what is shown cannot be read"),
        pytest.param("sql", "working", "Working", "Qualified", id="ours is shown and the stage went on"),
        pytest.param("mql", "qualified", "Qualified", "Working", id="ours is shown and the stage fell back"),
        pytest.param("sql", "nurturing", "Working", None, id="a rep chose another after we wrote"),
        pytest.param("sql", "open", "Working", None, id="a rep chose the first one after we wrote"),
        pytest.param("mql", "open", "Working", None, id="somebody took ours back"),
        pytest.param("lead", "working", "Working", None, id="a stage without a value"),
    ],
)
def test_where_reps_choose(stage: str, shown: str | None, told: str | None, wanted: str | None) -> None:
    assert FREE.value_to_set(stage, shown, told) == wanted
