"""Numbers, addresses and contacts by their form, as they are written in Britain, the Nordic countries and the rest of the EU.

A number that carries check digits is sure when they hold. One of the right form whose digits do not hold may be misheard or mistyped, and
still points at somebody: it is found, and a person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from textcoder.pseudonyms.mention import Mention, without_overlaps

EMAIL, PHONE, POSTCODE, URL, ADDRESS = "email", "phone", "postcode", "url", "address"
HEALTH_NUMBER, INSURANCE_NUMBER, PERSONAL_NUMBER = "health number", "insurance number", "personal number"
BANK_ACCOUNT, BIRTH_DATE, PLATE, ACCOUNT = "bank account", "date of birth", "vehicle plate", "account"
CARD, WALLET, NETWORK_ADDRESS, PASSPORT, LICENCE = "card number", "wallet", "network address", "passport", "licence"
PATTERN_KINDS = (
    *(EMAIL, PHONE, POSTCODE, URL, ADDRESS, HEALTH_NUMBER, INSURANCE_NUMBER, PERSONAL_NUMBER),
    *(BANK_ACCOUNT, BIRTH_DATE, PLATE, ACCOUNT),
    *(CARD, WALLET, NETWORK_ADDRESS, PASSPORT, LICENCE),  # found by Presidio only
)

_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![\d\w+])", r"(?![\d\w])"


# --- check digits -----------------------------------------------------------------------------------------------------------------------


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).

    >>> luhn_holds("8112189876")
    True
    """
    doubled = [int(digit) * (2 if i % 2 else 1) for i, digit in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def is_nhs_number(digits: str) -> bool:
    """Ten digits whose last is the check digit modulo 11 (NHS Data Dictionary, "NHS NUMBER").

    >>> is_nhs_number("9434765919")
    True
    """
    check = 11 - sum(int(digit) * (10 - i) for i, digit in enumerate(digits[:9])) % 11
    return check != 10 and int(digits[9]) == check % 11


def is_personnummer(digits: str) -> bool:
    """Swedish: a date (its day plus 60 in a coordination number) and three digits, closed by a Luhn digit (Skatteverket, SKV 704).

    >>> is_personnummer("198112189876"), is_personnummer("8112189875")
    (True, False)
    """
    short = digits[-10:]
    day = int(short[4:6])
    return _is_date(day - 60 if day > 60 else day, int(short[2:4])) and luhn_holds(short)


def is_fodselsnummer(digits: str) -> bool:
    """Norwegian: eleven digits with two check digits modulo 11; the day plus 40 in a D number (Skatteetaten).

    >>> is_fodselsnummer("01010750160"), is_fodselsnummer("01010750161")
    (True, False)
    """
    day, month = int(digits[:2]), int(digits[2:4])
    one = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
    two = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    held = all(
        sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 11 == 0
        for weights in (one, two)
    )
    return held and _is_date(day - 40 if day > 40 else day, month)


def is_cpr(digits: str) -> bool:
    """Danish: a date and four digits; since 2007 the digit modulo 11 need not hold (CPR-kontoret), so only the date is asked."""
    return _is_date(int(digits[:2]), int(digits[2:4]))


def is_henkilotunnus(written: str) -> bool:
    """Finnish: a date, a sign for the century, three digits, and the remainder by 31 as a sign (Digi- ja väestötietovirasto).

    >>> is_henkilotunnus("131052-308T"), is_henkilotunnus("131052-308U")
    (True, False)
    """
    digits, check = written[:6] + written[7:10], written[10]
    signs = "0123456789ABCDEFHJKLMNPRSTUVWXY"
    return _is_date(int(digits[:2]), int(digits[2:4])) and signs[int(digits) % 31] == check.upper()


def is_iban(written: str) -> bool:
    """The remainder by 97 is 1 once the country stands last and letters are numbers (ISO 13616).

    >>> is_iban("GB29 NWBK 6016 1331 9268 19")
    True
    """
    plain = "".join(written.split()).upper()
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _is_date(day: int, month: int) -> bool:
    try:
        date(2000, month, day)  # a leap year: the 29th of February may be one
    except ValueError:
        return False
    return True


def _digits(written: str) -> str:
    return re.sub(r"\D", "", written)


# --- what is looked for -----------------------------------------------------------------------------------------------------------------

_MONTH = (
    r"(?:jan(?:uary|uari|uar)?|feb(?:ruary|ruari|ruar)?|mar(?:ch|s|ts)?|apr(?:il)?|ma[yji]|june?|juni|july?|juli|aug(?:ust|usti)?|"
    r"sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cs](?:ember)?|(?:tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|"
    r"joulu)kuuta)"
)
_DATE = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2})"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?(?:\s+of)?\s+{_MONTH}(?:,?\s+(?:19|20)\d\d)?|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+(?:19|20)\d\d)?)"
)
_BORN = re.compile(
    r"\b(?:born|birthday|date of birth|d\.?o\.?b\.?|född(?:es)?|födelsedag|födelsedatum|født|fødselsdag|fødselsdato|bursdag|syntynyt|"
    r"syntyi|syntymäaika|syntymäpäivä|geboren|geburtsdatum)\b"
    rf"(?:[^\d\n.]|\.(?=\s?\d)){{0,24}}?(?P<it>{_DATE}){_NO_DIGIT_AFTER}",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]*\w@(?:[\w-]+\.)+[a-z]{2,}(?![\w-])"
    r"|\b[\w.]+ (?:at|snabel-a|krøllalfa) [\w-]+(?: (?:dot|punkt|piste) (?:co|com|org|net|se|dk|no|fi|uk|eu|de|nl))+\b",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"“”]*[^\s<>\"“”.,;:!?)\]'’]", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<![\w@.])@[A-Za-z_][\w.]{1,28}\w\b")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_HENKILOTUNNUS = re.compile(r"(?<![\w-])\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?![\w-])")
_INSURANCE = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE
)
_TEN_OR_MORE = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?:\d{{8}}[-+ ]?\d{{4}}|\d{{6}}[-+ ]?\d{{5}}|\d{{6}}[-+ ]?\d{{4}}|\d{{3}}[ -]\d{{3}}[ -]\d{{4}}){_NO_DIGIT_AFTER}"
)
_PHONE_ABROAD = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?:\+|00)\d{{1,3}}[ .-]?(?:\(0\)[ ]?)?\d(?:[ .()/-]{{0,2}}\d){{5,12}}{_NO_DIGIT_AFTER}"
)
_PHONE = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?:\(?0\d{{1,4}}\)?(?:[ ./-]{{0,3}}\d){{5,9}}|\d{{2}}(?: \d{{2}}){{3}}|\d{{3}} \d{{2}} \d{{3}}){_NO_DIGIT_AFTER}"
)
_PHONE_SAID = re.compile(
    r"\b(?:phone|mobile|number is|call(?:ed)? (?:me|him|her|us)? ?on|telefon|"
    r"mobil(?:nummer)?|numret är|nummeret er|tlf|puhelin)\W+(?:\w+\W+){0,3}?"
    rf"(?P<it>\d(?:[ -]?\d){{5,11}}){_NO_DIGIT_AFTER}",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"\b(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y]) ?\d[ABD-HJLNP-UW-Z]{2})\b"
    r"|\b(?:SE?|DK|NO?|FI?N?|D|NL|B)-\d{3} ?\d{1,2}\b|(?<!\d )\b\d{3} \d{2}(?= [A-ZÅÄÖ][a-zåäö])"
)
_CAPITALISED = r"[A-ZÅÄÖÆØÜÉ][\w'’.-]*"
_STREETS = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Close|Drive|Way|Court|Crescent|Terrace|Gardens|Grove|Square|Row|Walk|Mews|Place|Hill|Green|"
    "Boulevard|Park"
)
_NORDIC_STREET = (
    r"[A-ZÅÄÖÆØ][\wåäöæø-]*(?:gatan|gata|vägen|väg|gränd|gränden|torget|stigen|backen|allén|gate|gaten|vej|vejen|veien|vegen|gade|gaden|"
    r"allé|katu|kadulla|tie|tiellä|polku|kuja|straße|strasse|weg|platz|straat|laan)"
)
_ADDRESS = re.compile(
    rf"\b(?:[Ff]lat \d+[A-Za-z]?,? )?\d{{1,4}}[A-Za-z]?,? (?:{_CAPITALISED} ){{1,3}}(?:{_STREETS})\b\.?"
    rf"|\b{_NORDIC_STREET} \d{{1,4}}(?: ?[A-Za-z])?\b(?:,? (?:lgh|leil|st|mf|tv|th) ?\d*\b)?"
)
_STREET_ONLY = re.compile(
    rf"\b(?:{_CAPITALISED} ){{1,2}}(?:Street|Road|Avenue|Lane|Crescent|Terrace|Drive)\b|\b{_NORDIC_STREET}\b"
)
_PLATE = re.compile(r"\b[A-Z]{2}(?:0[1-9]|[1-7]\d) ?[A-Z]{3}\b")
_PLATE_SAID = re.compile(
    r"\b(?:plates?|registration|reg|regnumret|registreringsnummer|regnr|nummerplade|skilt(?:et)?|bilen|car|van|rekisteri\w*|auto)\b[^.\n]{0,30}?"
    r"\b(?P<it>[A-Z]{3}[ -]?\d{2}[A-Z0-9]|[A-Z]{2} ?\d{2} ?\d{3}|[A-Z]{2} ?\d{5}|[A-Z]{2,3}-\d{1,3})\b"
)
_ROUND = re.compile(r"0{4,}$")


def find_patterns(text: str) -> list[Mention]:
    """Every contact, number, address and date of birth in a text, in order, never overlapping. Cost: one pass a pattern."""
    found = [
        *_all(_EMAIL, text, EMAIL),
        *_all(_URL, text, URL),
        *_all(_IBAN, text, BANK_ACCOUNT, is_iban),
        *(
            one
            for one in _all(_HENKILOTUNNUS, text, PERSONAL_NUMBER, is_henkilotunnus)
            if one.sure or text[one.end - 1].isalpha()
        ),
        *_all(_INSURANCE, text, INSURANCE_NUMBER),
        *_all(_BORN, text, BIRTH_DATE),
        *_all(_PHONE_ABROAD, text, PHONE),
        *_long_numbers(text),
        *_all(_ADDRESS, text, ADDRESS),
        *_all(_PLATE, text, PLATE),
        *_all(_PLATE_SAID, text, PLATE),
        *(one for one in _all(_PHONE, text, PHONE) if _could_be_called(text[one.start : one.end])),
        *_all(_PHONE_SAID, text, PHONE),
        *_all(_POSTCODE, text, POSTCODE),
        *_all(_ACCOUNT, text, ACCOUNT),
        *_all(_STREET_ONLY, text, ADDRESS),
    ]
    return without_overlaps(found)


def _all(
    pattern: re.Pattern[str], text: str, kind: str, holds: Callable[[str], bool] | None = None
) -> Iterator[Mention]:
    group = "it" if "it" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        yield Mention(*match.span(group), kind, holds is None or holds(match[group]))


def _long_numbers(text: str) -> Iterator[Mention]:
    """Numbers of ten to twelve digits: the check digits say of which country they are."""
    for match in _TEN_OR_MORE.finditer(text):
        written, digits = match[0], _digits(match[0])
        if len(digits) == 11:
            if is_fodselsnummer(digits):
                yield Mention(*match.span(), PERSONAL_NUMBER)
            elif _is_date(int(digits[:2]), int(digits[2:4])) and " " in written:
                yield Mention(*match.span(), PERSONAL_NUMBER, sure=False)
            continue
        if is_personnummer(digits):
            yield Mention(*match.span(), PERSONAL_NUMBER)
        elif len(digits) == 10 and is_nhs_number(digits):
            yield Mention(*match.span(), HEALTH_NUMBER)
        elif re.fullmatch(r"(?:\d\d)?\d{6}[-+]\d{4}", written):
            six = digits[-10:]
            sure = is_cpr(six) and len(digits) == 10
            if sure or _is_date(int(six[4:6]), int(six[2:4])):
                yield Mention(*match.span(), PERSONAL_NUMBER, sure)
        elif re.fullmatch(r"\d{3}[ -]\d{3}[ -]\d{4}", written) and not written.startswith("0"):
            yield Mention(*match.span(), HEALTH_NUMBER, sure=False)


def _could_be_called(written: str) -> bool:
    """A telephone number has seven digits or more, and is no round sum."""
    digits = _digits(written)
    return len(digits) >= 7 and _ROUND.search(digits) is None and not re.fullmatch(_DATE, written.strip())
