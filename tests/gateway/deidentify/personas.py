"""Invented people of whom notes are written. Two sets that share no name: one to tune on, one held out."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random


@dataclass(frozen=True)
class Cast:
    """What a set of personas is drawn from."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str, str], ...]
    """(town, state, ZIP code)"""
    facilities: tuple[str, ...]


@dataclass(frozen=True)
class Persona:
    given: str
    middle: str
    family: str
    sex: str
    birth: date
    mrn: str
    visit: str
    phone: str
    email: str
    street: str
    unit: str
    town: str
    state: str
    postal_code: str
    relation: str
    relative: tuple[str, str]
    attending: tuple[str, str]
    facility: str
    admitted: date


TUNED = Cast(
    women=tuple(
        "Wilhelmina Grace Élodie Margaret Zoë Hope Dorothy Siân Rebecca Ximena Faith Katherine Ingrid Joy"
        " Susan Priya".split()
    ),
    men=tuple(
        "Tobias Will Frank José Grant Kenneth Mark Bjørn Timothy Drew Harold Rashid Theodore Walter Jürgen"
        " Anthony".split()
    ),
    families=(
        "O'Brien-Young", "White", "Graves", "Núñez", "Parkinson", "Long", "Müller", "Kowalczyk", "D'Angelo", "Ashgrove",
        "Bell", "van der Berg", "Foley", "St. Clair", "Nguyen", "Oyelaran", "Pfefferkorn", "Hunt", "Wolff", "Achterberg",
    ),
    streets=("12 Example Lane", "4410 North Sample Avenue", "7 Placeholder Court", "260 Mockingbird Trail", "1183 W Fable Road"),
    towns=(
        ("Springhollow", "IL", "62799"), ("Testerville", "OH", "45999"), ("Mill Creek Falls", "MN", "55999"),
        ("Exampleton", "WI", "53999"), ("Fabelton", "TN", "37999"),
    ),
    facilities=("Riverbend Medical Center", "St. Mocka Hospital", "Harborlight Clinic", "Oakvale Regional Hospital"),
)  # fmt: skip

HELD_OUT = Cast(
    women=tuple(
        "Philippa Rose Agnieszka Pearl Thérèse Charity Noor Bronwyn Lourdes Iris Stephanie Pamela Yuki Olive"
        " Marguerite Deborah".split()
    ),
    men=tuple(
        "Cornelius Chase Étienne Nathaniel Dean Søren Vincent Ray Alejandro Lawrence Art Emeka Gregory Zachary"
        " Miles Leonard".split()
    ),
    families=(
        "McAllister", "Sharp", "Addison", "Ibáñez", "Hodgkin", "Pope", "Schröder", "Wójcik", "L'Estrange", "Fenwick-Low",
        "Murphy", "de la Cruz", "Turner", "Strong", "Tran", "Adeyemi", "Quillfeather", "Winter", "Wilson", "Underhay",
    ),
    streets=("88 Illustration Street", "519 Old Specimen Road", "3 Dummy Terrace", "1402 Lorem Boulevard", "77 E Pretend Drive"),
    towns=(
        ("Nowhere Springs", "IA", "50999"), ("Mockham", "NY", "13999"), ("Lake Placebo", "MI", "48999"),
        ("Feignsburg", "VA", "22999"), ("Dummyford", "KS", "66999"),
    ),
    facilities=("Larkspur Memorial Hospital", "Trinity Sample Medical Center", "Quietwater Clinic", "Northfen Health Center"),
)  # fmt: skip


def persona(cast: Cast, chance: Random) -> Persona:
    sex = chance.choice(("female", "male"))
    own = chance.choice(cast.women if sex == "female" else cast.men)
    middle = chance.choice([name for name in (cast.women if sex == "female" else cast.men) if name != own])
    family, other, third = chance.sample(cast.families, 3)
    town, state, postal_code = chance.choice(cast.towns)
    relation, names = chance.choice(
        [
            ("wife", cast.women),
            ("husband", cast.men),
            ("daughter", cast.women),
            ("son", cast.men),
            ("sister", cast.women),
        ]
    )
    relative = chance.choice([name for name in names if name not in (own, middle)])
    digits = f"{chance.randrange(100000, 999999)}"
    return Persona(
        given=own,
        middle=middle,
        family=family,
        sex=sex,
        birth=date(1940, 1, 1) + timedelta(days=chance.randrange(24000)),
        mrn="00" + digits,
        visit=f"V{chance.randrange(100000, 999999)}",
        phone=f"555{chance.randrange(200, 999)}01{chance.randrange(10, 99)}",
        email=f"{own[:3].casefold().encode('ascii', 'ignore').decode()}{digits[:3]}@mail.example",
        street=chance.choice(cast.streets),
        unit=chance.choice(("", "Apt 4B")),
        town=town,
        state=state,
        postal_code=postal_code,
        relation=relation,
        relative=(relative, chance.choice((family, other))),
        attending=(chance.choice(cast.women + cast.men), third),
        facility=chance.choice(cast.facilities),
        admitted=date(2026, 1, 5) + timedelta(days=chance.randrange(300)),
    )
