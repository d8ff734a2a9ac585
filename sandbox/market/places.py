"""Countries of the market: what people there speak, how they are called up and what companies end in."""

import random

import msgspec

from sandbox.market.draw import Wheel, pick
from sandbox.market.model import Language


class Country(msgspec.Struct, frozen=True):
    """A country with its main language, cities, dialling prefix with area, and legal forms."""

    code: str
    language: Language
    cities: tuple[str, ...]
    dial: str
    legal_forms: tuple[str, ...]


_WHEEL = Wheel(
    (Country("US", "en", ("Austin", "Boston", "Chicago", "Denver", "New York", "Seattle"), "+1 202", ("Inc.", "LLC")), 22),
    (Country("GB", "en", ("London", "Manchester", "Leeds", "Bristol"), "+44 20", ("Ltd", "plc")), 10),
    (Country("IE", "en", ("Dublin", "Cork"), "+353 1", ("Ltd",)), 2),
    (Country("IN", "en", ("Bengaluru", "Pune", "Mumbai"), "+91 80", ("Pvt Ltd",)), 4),
    (Country("DE", "de", ("Berlin", "Hamburg", "München", "Köln", "Stuttgart", "Leipzig"), "+49 30", ("GmbH", "AG")), 15),
    (Country("AT", "de", ("Wien", "Graz", "Linz"), "+43 1", ("GmbH",)), 3),
    (Country("CH", "de", ("Zürich", "Basel", "Bern"), "+41 44", ("AG", "GmbH")), 4),
    (Country("FR", "fr", ("Paris", "Lyon", "Nantes", "Lille", "Toulouse"), "+33 1", ("SAS", "SA", "SARL")), 10),
    (Country("BE", "fr", ("Bruxelles", "Liège"), "+32 2", ("SA", "SRL")), 2),
    (Country("ES", "es", ("Madrid", "Barcelona", "Valencia", "Sevilla"), "+34 91", ("S.L.", "S.A.")), 7),
    (Country("MX", "es", ("Ciudad de México", "Monterrey", "Guadalajara"), "+52 55", ("S.A. de C.V.",)), 4),
    (Country("CN", "zh-Hans", ("上海", "北京", "深圳", "杭州"), "+86 21", ("有限公司", "科技有限公司")), 7),
    (Country("TW", "zh-Hant", ("台北", "新竹", "高雄"), "+886 2", ("股份有限公司",)), 3),
    (Country("HK", "zh-Hant", ("香港",), "+852", ("有限公司",)), 2),
    (Country("KZ", "ru", ("Алматы", "Астана"), "+7 727", ("ТОО",)), 4),
    (Country("AM", "ru", ("Ереван",), "+374 10", ("ООО",)), 1),
)


def draw_country(rng: random.Random) -> Country:
    """One of the countries, as often as the seller has customers there."""
    return _WHEEL.spin(rng)


def draw_phone(rng: random.Random, country: Country) -> str:
    """A number of the country in the 555 01xx range, which films use because nobody answers it."""
    return f"{country.dial} 555 01{int(rng.random() * 100):02d}"


def draw_city(rng: random.Random, country: Country) -> str:
    """A city of the country."""
    return pick(rng, country.cities)
