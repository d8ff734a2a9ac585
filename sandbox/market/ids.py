"""Salesforce record ids that two processes agree on without talking.

A person's Lead and Contact, a company's Account and a deal's Opportunity have the number `key + 1`, so that the HubSpot
twin can show the Salesforce id of a person whom the native sync linked.
"""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

LEAD = "00Q"
CONTACT = "003"
ACCOUNT = "001"
OPPORTUNITY = "006"


def salesforce_id(prefix: str, number: int) -> str:
    """The 18-character id of record `number` (from 1) of the object with the three-character `prefix`.

    The last three characters encode which of the first fifteen are upper case, five at a time.
    """
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _ALPHABET[rest] + digits
    short = prefix + "5g" + digits.rjust(10, "0")
    return short + "".join(_check_character(short[start : start + 5]) for start in (0, 5, 10))


def _check_character(five: str) -> str:
    return _CHECK[sum(1 << place for place, character in enumerate(five) if "A" <= character <= "Z")]
