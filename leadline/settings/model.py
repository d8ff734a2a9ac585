"""What an admin can set in `config/leadline.yaml`, and what every file in `config/connections/` has around its own settings.

Every description here is shown by editors through the exported JSON schema.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from connectors.secrets import SecretRef
from leadline.settings.countries import holiday_place
from leadline.settings.properties import DEFAULT, Properties
from scoring.routing import Email

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=3650)


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d{1,6})\s*([smhdw])", value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('must be a duration such as "90s", "5m", "2h", "30d" or "8w"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _sensible(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than zero")
    if value > _LONGEST:
        raise ValueError(f"must be at most {_LONGEST.days}d")
    return value


def _time_zone(name: str) -> str:
    known = available_timezones()
    if name not in known:
        near = get_close_matches(name, sorted(known), n=1)
        hint = f', did you mean "{near[0]}"?' if near else ""
        raise ValueError(f'must be a time zone such as "Europe/Berlin"{hint}')
    return name


def _record_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w{0,63}/\w{1,64}", name):
        raise ValueError("must be an object and an id, such as contacts/123")
    return name


def _file_name(name: str) -> str:
    if not re.fullmatch(r"\w[\w-]{0,63}(/\w[\w-]{0,63})?", name):
        raise ValueError("must be a file's name without its ending, such as inbound")
    return name


def _closing_time(value: Any) -> Any:
    return time(0) if value == "24:00" else _clock_time(value)


def _clock_time(value: Any) -> Any:
    if isinstance(value, time):
        return value
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", value) if isinstance(value, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError('must be a time of day such as "09:00"')
    return time(int(match[1]), int(match[2]))


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    AfterValidator(_sensible),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,6}\s*[smhdw]$"}),
]
TimeOfDay = Annotated[time, BeforeValidator(_clock_time), WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}$"})]
ClosingTime = Annotated[
    time, BeforeValidator(_closing_time), WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}$"})
]
"""A time of day at which something ends; midnight is that at the end of the day, as 24:00 says."""
TimeZoneName = Annotated[str, AfterValidator(_time_zone)]
HolidayPlace = Annotated[str, AfterValidator(holiday_place)]
Switch = Annotated[bool, WithJsonSchema({"enum": [True, False, "yes", "no", "on", "off"]})]
RecordName = Annotated[str, AfterValidator(_record_name)]
FileName = Annotated[str, AfterValidator(_file_name)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Setting(BaseModel):
    """Base of all settings: frozen, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Delivery(Setting):
    """When a change is worth a write."""

    min_change: float = Field(
        default=3, strict=True, ge=0, le=100, description="A score is written when it moved by at least this many points."
    )
    max_age: Duration = Field(
        default=timedelta(days=30), description="A written score older than this is written again, changed or not."
    )


class WorkingHours(Setting):
    """When the people who get tasks are at work; due times fall into these hours."""

    time_zone: TimeZoneName = Field(default="UTC", description="Time zone of the working hours.")
    days: tuple[Weekday, ...] = Field(default=("mon", "tue", "wed", "thu", "fri"), min_length=1, description="Working days.")
    start: TimeOfDay = Field(default=time(9), description='Start of the working day, such as "09:00".')
    end: ClosingTime = Field(default=time(17), description='End of the working day, such as "17:00"; at most "24:00".')
    holidays: HolidayPlace | None = Field(
        default=None, description="Country whose public holidays are no working days, or a part of it: DE, DE-BY, US-CA."
    )

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if time(0) < self.end <= self.start:
            raise ValueError(
                f"the working day must end after it starts ({self.start:%H:%M} to {self.end:%H:%M}), at 24:00 at the latest"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)


class NamedCalendar(WorkingHours):
    """Working hours of those who work elsewhere, or at other hours. What is left out is as Leadline ships it."""

    time_zone: TimeZoneName = Field(description="Time zone of the working hours.")


class Fuses(Setting):
    """What is too much for one run: deliveries of that kind wait until a person lets them go."""

    grade_changes: int = Field(
        default=20,
        strict=True,
        ge=1,
        le=100,
        description="Percent of the grades written so far that may change in one run.",
    )
    at_least: int = Field(
        default=50,
        strict=True,
        ge=0,
        description="Fewer grade changes than this hold nothing up, whatever the share.",
    )
    tasks: int = Field(default=200, strict=True, ge=1, description="Tasks that one run may open in one CRM.")


class Monitoring(Setting):
    """Where the daemon tells how it is: `/healthz`, `/readyz` and `/metrics`."""

    port: int | None = Field(
        default=None, strict=True, ge=1, le=65535, description="Port of /healthz, /readyz and /metrics; off when left out."
    )
    host: str = Field(
        default="127.0.0.1", description='Address to listen on; "0.0.0.0" lets other machines ask, which need no password.'
    )


class WorkspaceSettings(Setting):
    """`config/leadline.yaml`."""

    scoring: FileName = Field(default="inbound", description="The model in use: the name of a file in config/scoring/.")
    qualification: FileName = Field(
        default="qualification", description="The qualification in use: the name of a file in config/."
    )
    sales_home: str | None = Field(
        default=None,
        description="The connection in which sales works. A person in several CRMs gets tasks there, and its fields win.",
    )
    properties: Properties = Field(
        default=DEFAULT,
        description="What is shown on each person record: default (nine properties), extended (fourteen), or a list.",
    )
    language: FileName = Field(
        default="en",
        description="Language of labels and short texts in the CRM: en is built in, any other is a file in config/words/.",
    )
    delivery: Delivery = Field(default=Delivery(), description="When a change is worth a write.")
    working_hours: WorkingHours = Field(default=WorkingHours(), description="When due times may fall.")
    calendars: dict[str, NamedCalendar] = Field(
        default={}, description="Working hours of those who work elsewhere, or at other hours, each under a name."
    )
    owners: dict[Email, str] = Field(
        default={},
        description="Whose calendar is which: an owner's e-mail address and the name of a calendar. Without an entry it is "
        "the working hours above, in the owner's own time zone where the CRM tells it.",
    )
    audit_at: TimeOfDay = Field(
        default=time(2),
        description='When everything is compared with the CRMs, in the time zone of the working hours, such as "02:00".',
    )
    fuses: Fuses = Field(default=Fuses(), description="What is too much for one run and waits for a person's word.")
    notify: tuple[SecretRef, ...] = Field(
        default=(),
        description="Who hears of problems when they begin and end: env:NAME or file:PATH of an Apprise URL each.",
    )
    notify_sales: dict[str, SecretRef] = Field(
        default={},
        description="Who hears that nobody responded to a lead: env:NAME or file:PATH of an Apprise URL for each name that "
        'notify: uses in escalate:. In a URL, "{email}" stands for the address of the owner or manager who is meant.',
    )
    monitoring: Monitoring = Field(default=Monitoring(), description="Where the daemon tells how it is.")


class ConnectionSettings(Setting):
    """A file in `config/connections/`: the envelope, which is the same for every CRM."""

    type: str = Field(description="Which connector: hubspot, salesforce, a registered name, or module:Class.")
    enabled: Switch = Field(default=True, description="false leaves this connection alone.")
    every: Duration = Field(default=timedelta(minutes=5), description="How often a cycle runs.")
    leave_to_others_percent: int = Field(
        default=30, strict=True, ge=0, le=95, description="Share of the daily API allowance that is left to other apps."
    )
    heartbeat: RecordName | None = Field(
        default=None, description="A record, such as contacts/123 or Lead/00Q…, that shows when Leadline last ran."
    )
    settings: dict[str, Any] = Field(default={}, description="The connector's own settings.")
