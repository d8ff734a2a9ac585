"""People before anything happens to them: who they are, which CRM knows them, and how likely they are to buy."""

import math
import random

import msgspec

from sandbox.market.draw import Wheel, apportion, pick
from sandbox.market.employers import Employer
from sandbox.market.model import Function, Language, SalesforceKind, Seniority
from sandbox.market.names import Name, draw_name
from sandbox.market.titles import titles_of

FREE_MAIL_DOMAINS = ("freemail.example", "webpost.example")

_MEMBERSHIPS: Wheel[tuple[bool, SalesforceKind]] = Wheel(
    ((True, "none"), 33.0),
    ((True, "lead"), 11.5),
    ((True, "contact"), 15.0),
    ((True, "converted"), 7.5),
    ((False, "lead"), 17.0),
    ((False, "contact"), 11.5),
    ((False, "converted"), 4.5),
)
_DUPLICATES_PER_THOUSAND = 20

_SENIORITIES: Wheel[Seniority] = Wheel(
    ("c_level", 8.0),
    ("owner", 5.0),
    ("vp", 6.0),
    ("director", 12.0),
    ("head", 10.0),
    ("manager", 20.0),
    ("senior", 10.0),
    ("staff", 19.0),
    ("entry", 4.0),
    ("intern", 3.0),
    ("unreadable", 3.0),
)
_SENIORITY_FIT: dict[Seniority, float] = {
    "c_level": 0.9,
    "owner": 0.4,
    "vp": 1.2,
    "director": 1.1,
    "head": 0.9,
    "manager": 0.4,
    "senior": -0.1,
    "staff": -0.5,
    "entry": -1.0,
    "intern": -2.0,
    "unreadable": -0.3,
}
_FUNCTION_FIT: dict[Function, float] = {
    "sales": 0.7,
    "marketing": 0.7,
    "operations": 0.5,
    "executive": 0.5,
    "it": 0.2,
    "product": 0.2,
    "finance": 0.0,
    "engineering": -0.1,
    "procurement": -0.1,
    "support": -0.3,
    "hr": -0.6,
    "legal": -0.7,
    "education": -1.0,
    "unreadable": -0.3,
}


class Human(msgspec.Struct, frozen=True):
    """A row of the people with what stays the same whatever happens; `propensity` (0 to 1) is how likely they buy.

    `address` None: no CRM has an e-mail. `twin_of` is the key of the row this one doubles.
    """

    key: int
    employer: Employer
    name: Name
    native_letters: bool
    language: Language
    title: str
    seniority: Seniority
    function: Function
    address: str | None
    free_mail: bool
    in_hubspot: bool
    in_salesforce: SalesforceKind
    opted_out: bool
    propensity: float
    twin_of: int | None = None

    @property
    def is_salesforce_contact(self) -> bool:
        """Whether Salesforce has a Contact, which can stand on an Opportunity."""
        return self.in_salesforce in {"contact", "converted"}


def draw_humans(rng: random.Random, first_key: int, count: int, employers: list[Employer]) -> list[Human]:
    """`count` rows of people with keys from `first_key`; the last ones double others."""
    if not count:
        return []
    doubles = count * _DUPLICATES_PER_THOUSAND // 1000
    memberships = _MEMBERSHIPS.deck(rng, count - doubles)
    jobs = _jobs(rng, count - doubles, employers)
    taken: set[str] = set()
    people = [
        _draw_human(rng, first_key + place, jobs[place], membership, taken) for place, membership in enumerate(memberships)
    ]
    originals = [human for human in people if human.address and not human.free_mail]
    for key in range(first_key + len(people), first_key + count):
        people.append(_double(rng, key, pick(rng, originals or people)))
    return people


def _jobs(rng: random.Random, count: int, employers: list[Employer]) -> list[Employer]:
    """An employer for each of `count` people: everyone has someone, larger companies have more."""
    one_each = 1 if count >= len(employers) else 0
    weights = [(0.3 + rng.random()) * math.log(employer.employees + 2) for employer in employers]
    extra = apportion(count - one_each * len(employers), weights)
    return [employer for employer, more in zip(employers, extra, strict=True) for _ in range(one_each + more)]


def _draw_human(
    rng: random.Random, key: int, employer: Employer, membership: tuple[bool, SalesforceKind], taken: set[str]
) -> Human:
    language = employer.country.language
    name = draw_name(rng, language)
    seniority = _SENIORITIES.spin(rng)
    title = pick(rng, titles_of("en" if rng.random() < 0.2 else language, seniority))
    in_hubspot, in_salesforce = membership
    # An English title that a language lacks falls back to the staff, so the title decides, not the draw.
    wish = 0.55 * (employer.fit + _SENIORITY_FIT[title.seniority] + _FUNCTION_FIT[title.function])
    free_mail = rng.random() < (0.35 if title.seniority == "intern" else 0.11)
    has_address = rng.random() >= (0.02 if in_hubspot else 0.07)
    return Human(
        key=key,
        employer=employer,
        name=name,
        native_letters=rng.random() < 0.75,
        language=language,
        title=title.feminine if name.feminine else title.masculine,
        seniority=title.seniority,
        function=title.function,
        address=_address(rng, key, name, employer, free_mail, taken) if has_address else None,
        free_mail=free_mail,
        in_hubspot=in_hubspot,
        in_salesforce=in_salesforce,
        opted_out=rng.random() < 0.06,
        propensity=round(1 / (1 + math.exp(1.95 - 1.6 * wish - rng.gauss(0, 0.7))), 4),
    )


def _address(rng: random.Random, key: int, name: Name, employer: Employer, free_mail: bool, taken: set[str]) -> str:  # noqa: FBT001 - a fact about the person, no switch
    if free_mail:
        # The key keeps two people of one name apart in the whole market, not only among colleagues.
        return f"{name.latin_first}.{name.latin_last}{key}@{pick(rng, FREE_MAIL_DOMAINS)}"
    local = f"{name.latin_first}.{name.latin_last}"
    address = f"{local}@{employer.domain}"
    ordinal = 1
    while address in taken:
        ordinal += 1
        address = f"{local}{ordinal}@{employer.domain}"
    taken.add(address)
    return address


def _double(rng: random.Random, key: int, original: Human) -> Human:
    """A second row of the same human: in Salesforce the same address in capitals, or anywhere a private one.

    HubSpot keeps an address unique whatever its case, so the first kind cannot happen there.
    """
    shared_address = original.in_salesforce != "none" and original.address is not None and rng.random() < 0.6
    if shared_address:
        address = original.address.upper() if original.address else None
    else:
        address = f"{original.name.latin_first}.{original.name.latin_last}{key}@{pick(rng, FREE_MAIL_DOMAINS)}"
    in_hubspot = not shared_address and original.in_hubspot
    return msgspec.structs.replace(
        original,
        key=key,
        address=address,
        free_mail=not shared_address,
        in_hubspot=in_hubspot,
        in_salesforce="none" if in_hubspot else "lead",
        twin_of=original.key,
    )
