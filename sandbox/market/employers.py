"""Companies before anybody decides which CRM knows them."""

import math
import random

import msgspec

from sandbox.market.draw import Wheel, pick
from sandbox.market.places import Country, draw_city, draw_country

RIVALS = ("Scorewright", "Gradepoint Rivals", "Leadmeter", "Rankfold")
"""Competitors of the seller, in any market large enough to hold them; their domains are the slug under `.example`."""

_RIVAL_EVERY = 200
_RIVAL_PLACE = 7

_ROOT_WORDS = (
    "Acu Alta Arden Aster Baltic Blue Bright Calder Cedar Clear Coral Corvin Delta Dorn Elm Ever Fal Fern Gale Glen Gran "
    "Harbor Hazel Helio Ister Juno Kest Kron Lark Lumen Maple Mer Nord North Oak Orchid Pala Pine Quarz Rhein River Sable "
    "Sol Stern Tall Tern Ulm Vela Vest Wald Zen"
)
_TAIL_WORDS = (
    "bridge brook craft dale data field flow forge gate grid haus hill kraft lane line link logic mark mere metric path "
    "peak point port shore soft span stone stream tech tide trail vale ware wave way well wind wood works worth yard"
)
_ROOTS = tuple(_ROOT_WORDS.split())
_TAILS = tuple(_TAIL_WORDS.split())

_INDUSTRIES = Wheel(
    ("software", 20.0),
    ("financial_services", 11.0),
    ("manufacturing", 15.0),
    ("telecommunications", 5.0),
    ("logistics", 8.0),
    ("professional_services", 12.0),
    ("retail", 9.0),
    ("healthcare", 8.0),
    ("public_sector", 5.0),
    ("education", 7.0),
)
_INDUSTRY_FIT = {
    "software": 0.7,
    "financial_services": 0.5,
    "telecommunications": 0.4,
    "manufacturing": 0.2,
    "logistics": 0.2,
    "professional_services": 0.1,
    "retail": -0.1,
    "healthcare": -0.1,
    "public_sector": -0.7,
    "education": -0.8,
}
_SIZES = Wheel(
    ((1, 10), 20.0), ((10, 50), 26.0), ((50, 200), 24.0), ((200, 1_000), 18.0), ((1_000, 5_000), 9.0), ((5_000, 60_000), 3.0)
)


class Employer(msgspec.Struct, frozen=True):
    """A company with all its facts; `fit` is how far it makes its people buyers (about -1.5 to 1.5)."""

    key: int
    name: str
    slug: str
    country: Country
    city: str
    employees: int
    industry: str
    annual_revenue: int
    owner: int
    fit: float

    @property
    def domain(self) -> str:
        """The domain of its site and mailboxes."""
        return f"{self.slug}.example"


def draw_employer(rng: random.Random, key: int, seed: int, owner: int) -> Employer:
    """Company number `key` of the market of `seed`; name and domain are its own in the whole market."""
    country = draw_country(rng)
    low, high = _SIZES.spin(rng)
    employees = int(low * (high / low) ** rng.random())
    industry = _INDUSTRIES.spin(rng)
    revenue = round(employees * (90_000 + 160_000 * rng.random()), -4)
    rival = key // _RIVAL_EVERY if key % _RIVAL_EVERY == _RIVAL_PLACE else len(RIVALS)
    name = RIVALS[rival] if rival < len(RIVALS) else _name(key, seed)
    fit = -3.0 if rival < len(RIVALS) else _size_fit(employees) + _INDUSTRY_FIT[industry]
    return Employer(
        key=key,
        name=f"{name} {pick(rng, country.legal_forms)}",
        slug=name.lower().replace(" ", "-"),
        country=country,
        city=draw_city(rng, country),
        employees=employees,
        industry=industry,
        annual_revenue=int(revenue),
        owner=owner,
        fit=fit,
    )


def _name(key: int, seed: int) -> str:
    # Walking the pairs in steps of a prime that divides neither length visits each once a round, in no visible order.
    pairs = len(_ROOTS) * len(_TAILS)
    step = (key * 1_009 + seed) % pairs
    name = _ROOTS[step % len(_ROOTS)] + _TAILS[step // len(_ROOTS)]
    lap = key // pairs
    return f"{name} {lap + 1}" if lap else name


def _size_fit(employees: int) -> float:
    # Best between a few hundred and a few thousand: smaller ones lack the need, larger ones build their own.
    return 0.7 - 0.35 * math.pow(abs(math.log10(employees) - 2.8), 1.5)
