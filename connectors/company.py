"""Where a company's score goes: properties of the company that the admin has made and named. None is made by us."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class CompanyFields(BaseModel):
    """The CRM's name of the property for each value; a value without one is not written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    score: Name | None = Field(default=None, description="A number: 0 to 100, best fit plus the most engaged people.")
    fit: Name | None = Field(default=None, description="A number: the best fit among its people.")
    engagement: Name | None = Field(default=None, description="A number: the three most engaged of its people together.")
    roles_covered: Name | None = Field(default=None, description="Text: the buying roles that somebody there has.")
    roles_missing: Name | None = Field(default=None, description="Text: the buying roles still to be found there.")

    def places(self) -> dict[str, str]:
        """The property of each value that has one."""
        return {name: place for name in type(self).model_fields if (place := getattr(self, name)) is not None}
