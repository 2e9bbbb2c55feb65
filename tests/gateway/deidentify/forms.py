"""The written forms of each kind of identifier. What has to go stands between marks: `⟦name!Ann Lee⟧`.

`!` marks what the record knows of this patient and those around; `?` what only its form tells.
"""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random

from gateway.deidentify.words import NICKNAMES
from tests.gateway.deidentify.personas import Persona

Form = Callable[[Persona, Random], str]

MONTHS = "January February March April May June July August September October November December".split()


def own(kind: str, text: str) -> str:
    return f"⟦{kind}!{text}⟧"


def anybodys(kind: str, text: str) -> str:
    return f"⟦{kind}?{text}⟧"


def plain(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def title(persona: Persona) -> str:
    return "Mr." if persona.sex == "male" else "Mrs."


def nickname(persona: Persona) -> str:
    return NICKNAMES.get(persona.given.casefold(), persona.given).split()[0].capitalize()


def _name(write: Callable[[Persona], str]) -> Form:
    return lambda persona, chance: own("name", write(persona))


NAMES: tuple[Form, ...] = (
    _name(lambda p: f"{p.given} {p.family}"),
    lambda p, r: f"{title(p)} {own('name', p.family)}",
    _name(lambda p: f"{p.family}, {p.given}"),
    _name(lambda p: f"{p.given} {p.family}".upper()),
    _name(lambda p: f"{p.given[0]}. {p.family}"),
    _name(lambda p: f"{p.given} {p.middle[0]}. {p.family}"),
    lambda p, r: f"{title(p)} {own('name', p.given)}",
    _name(lambda p: f"{nickname(p)} {p.family}"),
    _name(lambda p: f"{p.family.upper()},{p.given.upper()}"),
    lambda p, r: f"patient {own('name', f'{p.given[0]}.{p.family[0].upper()}.')}",
    _name(lambda p: f"{p.given}\n{p.family}"),
    _name(lambda p: plain(f"{p.given} {p.family}")),
    _name(lambda p: f"{p.given} {p.middle} {p.family}"),
    lambda p, r: f"{title(p)} {own('name', p.family.upper())}",
    lambda p, r: f"{title(p)} {own('name', p.family[0].upper() + '.')}",
    _name(lambda p: f"{p.given} {p.family.replace(chr(39), '’')}"),
)

POSSESSIVES: tuple[Form, ...] = (
    lambda p, r: f"{own('name', p.given)}'s",
    lambda p, r: f"{title(p)} {own('name', p.family)}'s",
    lambda p, r: f"{own('name', f'{p.given} {p.family}')}’s",
)

RELATIVES: tuple[Form, ...] = (
    lambda p, r: f"{p.relation} {own('relative', p.relative[0])}",
    lambda p, r: f"{p.relation}, {own('relative', ' '.join(p.relative))},",
    lambda p, r: f"{p.relation} ({own('relative', ' '.join(p.relative))})",
    lambda p, r: own("relative", " ".join(p.relative)),
    lambda p, r: f"{own('relative', ' '.join(p.relative).upper())}, the {p.relation},",
    lambda p, r: f"{p.relation.capitalize()} {own('relative', plain(p.relative[0]))}",
    lambda p, r: own("relative", f"{p.relative[1]}, {p.relative[0]}"),
    lambda p, r: own("relative", f"{p.relative[0][0]}. {p.relative[1]}"),
    lambda p, r: f"{p.relation} {own('relative', p.relative[0].upper())}",
    lambda p, r: own("relative", p.relative[0]),
)

STAFF: tuple[Form, ...] = (
    lambda p, r: f"Dr. {own('staff', p.attending[1])}",
    lambda p, r: f"Dr. {own('staff', ' '.join(p.attending))}",
    lambda p, r: f"{own('staff', ' '.join(p.attending))}, MD",
    lambda p, r: f"{own('staff', f'{p.attending[0][0]}. {p.attending[1]}')} MD",
    lambda p, r: f"DR. {own('staff', p.attending[1].upper())}",
    lambda p, r: f"Dr {own('staff', p.attending[1])}",
    lambda p, r: own("staff", f"{p.attending[1]}, {p.attending[0]}"),
    lambda p, r: f"Doctor {own('staff', p.attending[1])}",
    lambda p, r: own("staff", " ".join(p.attending)),
    lambda p, r: f"attending physician {own('staff', ' '.join(p.attending))}",
)

_OTHERS = (
    "Ravel",
    "Thornquist",
    "Iyer",
    "Castellano",
    "MacPhee",
    "Dubois",
    "Holloway",
    "Brandt",
    "Ekström",
    "Salazar",
)
_OTHER_GIVEN = ("Naomi", "Bruno", "Celia", "Hector", "Maud", "Olga", "Percy", "Tamsin", "Ulrich", "Vera")


def _other(kind: str, write: Callable[[str, str], str]) -> Form:
    return lambda p, r: (
        write(r.choice(_OTHER_GIVEN), r.choice(_OTHERS)).replace("<", f"⟦{kind}?").replace(">", "⟧")
    )


STRANGERS: tuple[Form, ...] = (
    _other("stranger", lambda g, f: f"Dr. <{f}>"),
    _other("stranger", lambda g, f: f"Dr. <{g} {f}>"),
    _other("stranger", lambda g, f: f"<{g} {f}>, MD"),
    _other("stranger", lambda g, f: f"<{g} {f}>, RN"),
    _other("stranger", lambda g, f: f"Ms. <{g} {f}>"),
    _other("stranger", lambda g, f: f"nurse practitioner <{g} {f}>, NP"),
    _other("stranger", lambda g, f: f"Nurse <{f}>"),
    _other("stranger", lambda g, f: f"Prof. <{f}>"),
    _other("stranger", lambda g, f: f"Dr <{f}>"),
    _other("stranger", lambda g, f: f"<{g[0]}. {f}>, PA-C"),
    _other("stranger", lambda g, f: f"DR. <{f.upper()}>"),
    _other("stranger", lambda g, f: f"Mr. <{g[0]}. {f}>"),
    _other("stranger", lambda g, f: f"<{g} {g[0]}. {f}>, DO"),
)

KIN: tuple[Form, ...] = (
    *(
        _other("kin", lambda g, f, who=who: f"{who} <{g}>")  # type: ignore[misc]
        for who in ("brother", "mother", "daughter", "aunt", "nephew", "grandson", "roommate", "neighbor")
    ),
    _other("kin", lambda g, f: f"sister, <{g} {f}>,"),
    _other("kin", lambda g, f: f"son <{g} {f}>"),
    _other("kin", lambda g, f: f"cousin (<{g}>)"),
)


def _dated(day: date) -> tuple[str, ...]:
    month, short = MONTHS[day.month - 1], MONTHS[day.month - 1][:3]
    ordinal = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
    return (
        f"{day.month}/{day.day}/{day.year}",
        f"{day:%m/%d/%Y}",
        f"{day.month}/{day.day}/{day:%y}",
        f"{day:%Y-%m-%d}",
        f"{month} {day.day}, {day.year}",
        f"{short} {day.day} {day.year}",
        f"{day.day} {month} {day.year}",
        f"{day:%d}-{short.upper()}-{day.year}",
        f"{day:%d}{short}{day:%y}",
        f"{month} {day.day}{ordinal}",
        f"{day.day}{ordinal} of {month}",
        f"{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day:%d.%m.%Y}",
        f"{short}. {day.day}",
        f"{day.month}-{day.day}-{day.year}",
        f"{month.upper()} {day.day}, {day.year}",
        f"{day:%Y/%m/%d}",
    )


def _date(index: int) -> Form:
    return lambda p, r: anybodys("date", _dated(p.admitted - timedelta(days=r.randrange(1, 340)))[index])


DATES: tuple[Form, ...] = tuple(map(_date, range(18)))

BIRTHS: tuple[Form, ...] = (
    *(
        lambda p, r, index=index, words=words: f"{words} {own('birth', _dated(p.birth)[index])}"
        for index, words in enumerate(
            (
                "DOB",
                "DOB:",
                "born",
                "date of birth",
                "born on",
                "DOB",
                "born",
                "DOB:",
                "DOB",
                "born",
                "born on the",
            )
        )
        if index not in (9, 10)
    ),
    lambda p, r: f"DOB {own('birth', f'{p.birth:%m%d%y}')}",
    lambda p, r: f"date of birth: {own('birth', f'{p.birth:%d.%m.%Y}')}",
    lambda p, r: f"({own('birth', f'{p.birth.month}-{p.birth.day}-{p.birth:%y}')})",
)  # type: ignore[assignment]

MRNS: tuple[Form, ...] = (
    lambda p, r: f"MRN {own('mrn', p.mrn)}",
    lambda p, r: f"MRN: {own('mrn', p.mrn.lstrip('0'))}",
    lambda p, r: f"medical record number {own('mrn', f'{p.mrn[:4]}-{p.mrn[4:]}')}",
    lambda p, r: f"MR# {own('mrn', p.mrn)}",
    lambda p, r: f"record no. {own('mrn', '-'.join((p.mrn[:2], p.mrn[2:4], p.mrn[4:6], p.mrn[6:])))}",
    lambda p, r: f"({own('mrn', p.mrn)})",
    lambda p, r: f"chart #{own('mrn', p.mrn.lstrip('0'))}",
    lambda p, r: f"hospital number {own('mrn', f'{p.mrn[:4]} {p.mrn[4:]}')}",
    lambda p, r: f"#{own('mrn', p.mrn)}",
    lambda p, r: f"Pt ID: {own('mrn', p.mrn.lstrip('0'))}",
    lambda p, r: f"mrn={own('mrn', f'{p.mrn[2:5]}.{p.mrn[5:]}')}",
    lambda p, r: f"visit {own('mrn', p.visit)}",
)


def _phones(digits: str) -> tuple[str, ...]:
    a, b, c = digits[:3], digits[3:6], digits[6:]
    return (
        f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}", digits, f"+1 {a} {b} {c}", f"{b}-{c}", f"1-{a}-{b}-{c}",
        f"({a}){b}-{c}", f"{a} {b} {c}", f"{a}/{b}-{c}", f"{a}-{b}-{c} x12", f"({a}) {b} {c}",
    )  # fmt: skip


PHONES: tuple[Form, ...] = tuple(
    lambda p, r, index=index: own("phone", _phones(p.phone)[index])  # type: ignore[misc]
    for index in range(12)
)
OTHER_PHONES: tuple[Form, ...] = tuple(
    lambda p, r, index=index, words=words: (  # type: ignore[misc]
        f"{words} {anybodys('other-phone', _phones(f'555{r.randrange(200, 999)}01{r.randrange(10, 99)}')[index])}"
    )
    for index, words in enumerate(
        ("phone", "fax", "pager", "cell", "at", "phone", "call", "at", "tel.", "fax", "office", "mobile:")
    )
)

_SHORT = {"Lane": "Ln", "Avenue": "Ave", "Court": "Ct", "Trail": "Trl", "Road": "Rd", "Street": "St", "Terrace": "Ter",
          "Boulevard": "Blvd", "Drive": "Dr"}  # fmt: skip


def _shortened(street: str) -> str:
    *words, kind = street.split()
    return " ".join([*words, _SHORT[kind]])


def _street(write: Callable[[Persona], str]) -> Form:
    return lambda p, r: own("street", write(p))


STREETS: tuple[Form, ...] = (
    _street(lambda p: p.street),
    _street(lambda p: _shortened(p.street)),
    _street(lambda p: _shortened(p.street) + "."),
    _street(lambda p: p.street.upper()),
    _street(lambda p: " ".join(p.street.split()[1:])),
    _street(lambda p: f"{p.street}, {p.unit}" if p.unit else p.street),
    _street(lambda p: p.street.lower()),
    _street(lambda p: "\n".join(p.street.rsplit(" ", 1))),
    _street(lambda p: f"{p.street} {p.unit}." if p.unit else _shortened(p.street).upper()),
    _street(lambda p: p.street.replace(" ", ", ", 1)),
    lambda p, r: anybodys(
        "street",
        f"{r.randrange(2, 999)} {r.choice(('Elm', 'Juniper', 'Old Mill'))} {r.choice(('Street', 'Rd', 'Drive'))}",
    ),
    lambda p, r: anybodys("street", f"P.O. Box {r.randrange(10, 999)}"),
)

TOWNS: tuple[Form, ...] = (
    lambda p, r: own("town", p.town),
    lambda p, r: own("town", p.town.upper()),
    lambda p, r: f"{own('town', p.town)}, {p.state}",
    lambda p, r: f"{own('town', p.town)}, {p.state} {own('zip', p.postal_code)}",
    lambda p, r: f"{own('town', p.town)} {p.state} {own('zip', p.postal_code + '-1204')}",
    lambda p, r: f"{own('town', p.town)} (zip {own('zip', p.postal_code)})",
    lambda p, r: own("town", p.town.replace(" ", "\n")),
    lambda p, r: f"{anybodys('town', 'Larchmere')}, {r.choice(('NJ', 'TX', 'CA'))}",
    lambda p, r: (
        f"{anybodys('town', 'Kestrel Point')}, {r.choice(('NJ', 'TX', 'CA'))} {anybodys('zip', str(r.randrange(10000, 99999)))}"
    ),
    lambda p, r: f"{own('town', p.town)}, ZIP code {own('zip', p.postal_code)}",
)

FACILITIES: tuple[Form, ...] = (
    lambda p, r: own("facility", p.facility),
    lambda p, r: own("facility", p.facility.upper()),
    lambda p, r: f"the {own('facility', p.facility)}",
    lambda p, r: own("facility", "\n".join(p.facility.rsplit(" ", 1))),
    lambda p, r: anybodys("facility", f"{r.choice(('Cedar Grove', 'Lakeshore', 'St. Bartleby'))} Hospital"),
    lambda p, r: anybodys("facility", f"{r.choice(('Meadowlark', 'Pinecrest'))} Nursing Home"),
    lambda p, r: anybodys("facility", f"{r.choice(('Harrowgate', 'Silverlake'))} Medical Center"),
    lambda p, r: anybodys("facility", f"University of {r.choice(('Larchmere', 'Northmarch'))}"),
    lambda p, r: anybodys("facility", f"{r.choice(('Brightwater', 'Tamarack'))} Surgery Center"),
    lambda p, r: anybodys("facility", f"{r.choice(('Old Orchard', 'Windmere'))} Rehabilitation Center"),
)


def _digits(chance: Random, count: int) -> str:
    return "".join(chance.choice("123456789") for _ in range(count))


def _number(kind: str, *written: str) -> tuple[Form, ...]:
    """`9` stands for any digit and `A` for any letter within the marks."""

    def form(pattern: str) -> Form:
        def write(p: Persona, r: Random) -> str:
            before, _, rest = pattern.partition("<")
            inside, _, behind = rest.partition(">")
            filled = "".join(
                r.choice("123456789") if each == "9" else r.choice("BCDFGHJK") if each == "A" else each
                for each in inside
            )
            return f"{before}{anybodys(kind, filled)}{behind}"

        return write

    return tuple(map(form, written))


SSNS = _number(
    "ssn", "SSN <999-99-9999>", "SSN: <999999999>", "SSN <999 99 9999>", "social security number <999-99-9999>", "SSN# <999.99.9999>",
    "Social Security <999-99-9999>", "SSN ending in <9999>", "last four of SSN <9999>", "SSN xxx-xx-9999".replace("xxx-xx-9999", "<xxx-xx-9999>"),
    "<999-99-9999>", "SS# <999-99-9999>",
)  # fmt: skip
EMAILS: tuple[Form, ...] = (
    lambda p, r: own("email", p.email),
    lambda p, r: own("email", p.email.upper()),
    lambda p, r: f"<{own('email', p.email)}>",
    *(
        lambda p, r, written=written: anybodys("email", written)  # type: ignore[misc]
        for written in (
            "n.ravel@clinic.example", "front-desk@ward7.example.org", "m_dubois+labs@mail.example.com", "info@pharmacy.example",
            "j.salazar@uni.example.edu", "RECORDS@HIM.EXAMPLE.NET", "team.nephro@kidney.example.org", "o.brandt (at) mail.example.com",
        )
    ),
)  # fmt: skip
URLS = _number(
    "url", "<https://portal.example.org/p/9999>", "<http://images.example.net/study?id=99>", "<www.example.com>", "<www.wardwatch.example.org/bed/99>",
    "<mychart.example.org>", "<https://video.example.com/join/9999>", "<ftp://files.example.net/ct/99>", "<labresults.example.com/r/99>",
    "<HTTPS://PORTAL.EXAMPLE.ORG>", "<careteam.example.org/a-9>",
)  # fmt: skip
IPS = _number(
    "ip", "<10.9.9.99>", "<192.168.9.9>", "<172.16.99.9>", "IP <203.0.113.99>", "IP address <198.51.100.9>", "<2001:db8::9>",
    "<fe80::1ff:fe23:4567:890a>", "host <192.0.2.99>", "(<10.99.9.9>)", "address <127.0.0.1>",
)  # fmt: skip
ACCOUNTS = _number(
    "account", "account <9999999>", "account number <99999999>", "Acct# <9999999>", "acct. no. <99-99999>", "account no: <A99999999>",
    "billing account <9999-9999>", "guarantor account <9999999>", "bank account <9999999999>", "invoice <99999999>", "Account #: <99999999>",
    "acct <9999999>",
)  # fmt: skip
PLANS = _number(
    "plan", "member ID <AAA999999999>", "Medicaid number <99999999A>", "policy no. <AA-9999999>", "subscriber ID: <W999999999>",
    "group number <999999>", "insurance ID <9999999999>", "Medicare <1EG4-TE5-MK73>", "MBI <1EG4TE5MK73>", "plan ID <A99999999>",
    "Member #<9999999999>", "beneficiary number <999999999A>",
)  # fmt: skip
LICENSES = _number(
    "license", "license number <A9999999>", "driver's license <A999999999>", "DEA <AA9999999>", "NPI <9999999999>", "license no. <999999>",
    "NPI: <9999999999>", "DEA# <AA9999999>", "certificate no. <AA-999999>", "passport <A99999999>", "License <AA999999>",
)  # fmt: skip
VEHICLES: tuple[Form, ...] = (
    lambda p, r: f"VIN {anybodys('vehicle', '1HGCM82633A004352')}",
    lambda p, r: f"VIN: {anybodys('vehicle', '1M8GDM9AXKP042788')}",
    lambda p, r: f"VIN number {anybodys('vehicle', '11111111111111111')}",
    lambda p, r: f"({anybodys('vehicle', '5GZCZ43D13S812715')})",
    *_number(
        "vehicle", "license plate <AAA-9999>", "plate <AAA 9999>", "plate number <9AAA999>", "license plate no. <AA99999>", "tag <AAA999>",
        "License plate: <AAA9999>",
    ),
)  # fmt: skip
DEVICES = _number(
    "device", "serial number <AA999999>", "S/N <99999999>", "serial no. <AAA-99999>", "serial # <9999999A>", "SN: <A9999999>", "UDI <(01)99999999999999>",
    "lot <A9999>", "device ID <AA-99999>", "serial <AAA999999A>", "implant ID <AA999999>", "Lot no. <99A9999>",
)  # fmt: skip
AGES: tuple[Form, ...] = tuple(
    lambda p, r, written=written: written.replace("@", anybodys("age", str(r.randrange(90, 103))))  # type: ignore[misc]
    for written in (
        "@-year-old", "@ year old", "@-yr-old", "@ y/o", "@yo", "@-year-old", "@ years old", "aged @", "age @", "@ years of age",
        "@ y.o.",
    )
)  # fmt: skip
OTHER_NUMBERS = _number(
    "other-number", "accession number <A99-99999>", "case number <9999999>", "accession <99-999999>", "encounter number <999999999>", "CSN <999999999>",
    "requisition no. <AA999999>", "specimen ID <A9999999>", "claim number <99999999>", "reference number <999999>", "prior authorization <A9999999>",
    "Rx# <9999999>",
)  # fmt: skip


def _day(index: Callable[[date], str]) -> Form:
    return lambda p, r: anybodys("date", index(p.admitted - timedelta(days=r.randrange(1, 200))))


HASTY: Mapping[str, tuple[Form, ...]] = {
    "name": (
        _name(lambda p: f"{p.given} {p.family}".lower()),
        _name(lambda p: p.family),
        _name(lambda p: p.given.upper()),
        _name(lambda p: f"{p.family} {p.given}"),
        _name(lambda p: f"{p.family.upper()}, {p.given[0]}."),
        lambda p, r: f"pt {own('name', p.given)}",
        lambda p, r: f"{title(p).lower()[:-1]} {own('name', p.family.lower())}",
        _name(lambda p: nickname(p)),
        _name(lambda p: f"{p.given} {p.middle} {p.family}".upper()),
        _name(lambda p: f"{p.given}_{p.family}"),
    ),
    "names": (lambda p, r: f"{own('name', p.given.upper())}'S", lambda p, r: f"{own('name', p.family)}s"),
    "relative": (
        lambda p, r: f"{p.relation} {own('relative', p.relative[0].lower())}",
        lambda p, r: f"{p.relation[0]}/{own('relative', p.relative[0])}",
        lambda p, r: own("relative", p.relative[0].upper()),
        lambda p, r: f"{p.relation.upper()} {own('relative', ' '.join(p.relative).upper())}",
    ),
    "staff": (
        lambda p, r: f"dr {own('staff', p.attending[1].lower())}",
        lambda p, r: f"DR {own('staff', p.attending[1].upper())}",
        lambda p, r: f"Dr.{own('staff', p.attending[1])}",
        lambda p, r: f"-{own('staff', p.attending[0][0] + p.attending[1])}",
        lambda p, r: own("staff", p.attending[1]),
    ),
    "stranger": (
        _other("stranger", lambda g, f: f"dr <{f.lower()}>"),
        _other("stranger", lambda g, f: f"DR <{f.upper()}>"),
        _other("stranger", lambda g, f: f"Dr.<{f}>"),
        _other("stranger", lambda g, f: f"RN <{g}>"),
        _other("stranger", lambda g, f: f"<{g} {f}>"),
        _other("stranger", lambda g, f: f"<{f.upper()},{g.upper()}> MD"),
    ),
    "kin": (
        _other("kin", lambda g, f: f"sis <{g}>"),
        _other("kin", lambda g, f: f"BROTHER <{g.upper()}>"),
        _other("kin", lambda g, f: f"mom <{g}>"),
        _other("kin", lambda g, f: f"dtr <{g}>"),
        _other("kin", lambda g, f: f"daughter <{g.lower()}>"),
    ),
    "date": (
        _day(lambda d: f"{d.month}/{d.day}"),
        _day(lambda d: f"{d:%m%d%y}"),
        _day(lambda d: f"{d.month}.{d.day}.{d:%y}"),
        _day(lambda d: f"{MONTHS[d.month - 1][:3].lower()} {d.day}"),
        _day(lambda d: f"{MONTHS[d.month - 1].lower()} {d.day}th" if 3 < d.day < 21 else f"{d.month}/{d.day}/{d:%y}"),
        _day(lambda d: f"{d.day} {MONTHS[d.month - 1][:3].upper()}"),
        _day(lambda d: f"{d:%d%b%Y}".upper()),
        _day(lambda d: f"{d.month}-{d.day}"),
        _day(lambda d: f"{MONTHS[d.month - 1][:3]}'{d:%y}"),
    ),
    "birth": (
        lambda p, r: f"dob{own('birth', f'{p.birth:%m%d%Y}')}",
        lambda p, r: f"DOB={own('birth', f'{p.birth.month}/{p.birth.day}/{p.birth:%y}')}",
        lambda p, r: f"b. {own('birth', f'{p.birth.month}/{p.birth.day}/{p.birth.year}')}",
        lambda p, r: f"d.o.b. {own('birth', f'{p.birth:%d%b%Y}'.upper())}",
    ),
    "mrn": (
        lambda p, r: f"mrn{own('mrn', p.mrn)}",
        lambda p, r: own("mrn", p.mrn.lstrip("0")),
        lambda p, r: f"MRN {own('mrn', p.mrn[2:5] + ' ' + p.mrn[5:])}",
        lambda p, r: f"acct/{own('mrn', p.visit)}",
        lambda p, r: f"fin {own('mrn', p.visit[1:])}",
    ),
    "phone": (
        lambda p, r: f"ph{own('phone', p.phone)}",
        lambda p, r: f"c: {own('phone', f'{p.phone[:3]} {p.phone[3:6]}-{p.phone[6:]}')}",
        lambda p, r: f"cell# {own('phone', f'{p.phone[:3]}-{p.phone[3:]}')}",
        lambda p, r: f"p.{own('phone', f'{p.phone[3:6]} {p.phone[6:]}')}",
    ),
    "otherphone": _number("other-phone", "x<9999>", "pgr <999-9999>", "f: <999-999-9999>", "call <9999999999>", "ext <99999>"),
    "street": (
        _street(lambda p: p.street.lower().replace("road", "rd").replace("street", "st")),
        _street(lambda p: p.street.split()[1] + " " + " ".join(p.street.split()[2:]) if len(p.street.split()) > 2 else p.street),
        _street(lambda p: f"{p.street.upper()} #{p.unit.split()[-1]}" if p.unit else p.street.upper()),
    ),
    "town": (
        lambda p, r: own("town", p.town.lower()),
        lambda p, r: f"{own('town', p.town)} {p.state}",
        lambda p, r: f"{own('town', p.town.upper())},{p.state} {own('zip', p.postal_code)}",
    ),
    "facility": (
        lambda p, r: own("facility", p.facility.lower()),
        lambda p, r: own("facility", p.facility),
        lambda p, r: anybodys("facility", f"{r.choice(('CEDAR GROVE', 'ST BARTLEBY'))} HOSP"),
        lambda p, r: anybodys("facility", f"{r.choice(('Meadowlark', 'Pinecrest'))} SNF"),
    ),
    "ssn": _number("ssn", "ssn<999999999>", "SS# <999 99 9999>", "soc <999-99-9999>"),
    "age": tuple(
        lambda p, r, written=written: written.replace("@", anybodys("age", str(r.randrange(90, 103))))  # type: ignore[misc]
        for written in ("@yo", "@ y/o", "@F", "@ YEAR OLD")
    ),
    "plan": _number("plan", "medicare# <1EG4TE5MK73>", "ins id <999999999>", "Aetna <W999999999>"),
    "device": _number("device", "sn<A99999>", "SER# <99999999>"),
}  # fmt: skip
"""As people type who have no time."""

FORMS: Mapping[str, tuple[Form, ...]] = {
    "name": NAMES, "names": POSSESSIVES, "relative": RELATIVES, "staff": STAFF, "stranger": STRANGERS, "kin": KIN, "date": DATES,
    "birth": BIRTHS, "mrn": MRNS, "phone": PHONES, "otherphone": OTHER_PHONES, "street": STREETS, "town": TOWNS,
    "facility": FACILITIES, "ssn": SSNS, "email": EMAILS, "url": URLS, "ip": IPS, "account": ACCOUNTS, "plan": PLANS,
    "license": LICENSES, "vehicle": VEHICLES, "device": DEVICES, "age": AGES, "othernumber": OTHER_NUMBERS,
}  # fmt: skip
