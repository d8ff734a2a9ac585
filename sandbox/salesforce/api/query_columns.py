"""`columns=true`: what the columns of a query are, instead of its records.

The keys are those of query metadata in recorded debugger answers; that a parent's fields stand below the relationship's
name is believed.
"""

from __future__ import annotations

from sandbox.salesforce.fields import Field
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.soql.aggregate import is_aggregate
from sandbox.salesforce.soql.engine import Result
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.shape import Children, Shape
from sandbox.salesforce.soql.tree import Aggregate, Path

_APEX_TYPES = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "double": "Double",
    "currency": "Double",
    "percent": "Double",
    "date": "Date",
    "datetime": "Datetime",
    "address": "Address",
}
Json = dict[str, object]


def columns(text: str, result: Result, sobject: SObject) -> Json:
    """The metadata of a query that has been run without complaint."""
    described = _of_shape(result.shape) if result.shape is not None else _of_aggregate(text, sobject)
    return {
        "columnMetadata": described,
        "entityName": sobject.name,
        "groupBy": bool(parse(text).group_by),
        "idSelected": any(column["columnName"] == "Id" for column in described),
        "keyPrefix": sobject.prefix,
    }


def _of_shape(shape: Shape) -> list[Json]:
    found = []
    for name, step in shape.steps:
        if isinstance(step, Field):
            found.append(_column(name, step))
        elif isinstance(step, Children):
            found.append(_joined(name, None, _of_shape(step.shape)))
        else:
            found.append(_joined(name, shape.links[name].name, _of_shape(step)))
    return found


def _of_aggregate(text: str, sobject: SObject) -> list[Json]:
    query = parse(text)
    found: list[Json] = []
    unnamed = 0
    for item in query.select if is_aggregate(query) else ():
        if isinstance(item, Aggregate):
            name = item.alias or f"expr{unnamed}"
            unnamed += item.alias is None
            shown = item.function.lower() if item.path is None else f"{item.function.lower()}({item.path.text})"
            found.append(_bare(name, "Double") | {"aggregate": True, "displayName": shown, "numberType": True})
        elif isinstance(item, Path):
            field = sobject.field(item.parts[-1])
            found.append(_bare(item.parts[-1], "String") if field is None else _column(field.name, field))
    return found


def _column(name: str, field: Field) -> Json:
    return _bare(name, _APEX_TYPES.get(field.type, "String")) | {
        "booleanType": field.type == "boolean",
        "custom": field.custom,
        "insertable": field.createable,
        "numberType": field.is_number,
        "textType": field.is_text,
        "updatable": field.updateable,
    }


def _joined(name: str, foreign_key: str | None, below: list[Json]) -> Json:
    return _bare(name, "QueryResult" if foreign_key is None else "SObject") | {
        "foreignKeyName": foreign_key,
        "joinColumns": below,
    }


def _bare(name: str, apex_type: str) -> Json:
    return {
        "aggregate": False,
        "apexType": apex_type,
        "booleanType": False,
        "columnName": name,
        "custom": False,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }
