"""Ages over 89, which alone can make somebody known: 164.514(b)(2)(i)(C)."""

from gateway.deidentify.categories import Category
from gateway.deidentify.spans import Finder

_OVER_89 = r"(?:9\d|1[0-2]\d)"

AGES: tuple[Finder, ...] = tuple(
    Finder(
        pattern,
        Category.AGE,
        "AGE",
        group=1,
        needs=needs,
        is_bounded=True,
        entity=lambda found: found,
        hint=lambda found: "90+",
    )
    for pattern, needs in (
        (rf"(?i)\b({_OVER_89})[ -]?(?:years?|yrs?)[ -]?(?:old|of age)", ("old", "age")),
        (
            rf"(?i)\b({_OVER_89})[ -]?(?:y/?o|yo|y\.o\.?|yr old|yom|yof|y/o/?[mf]|[mf])\b",
            "y yo yom yof yr m f".split(),
        ),
        (rf"(?i)\b(?:aged?|age is|age:|age of)\s*:?\s*({_OVER_89})\b", ("age", "aged")),
        (rf"(?i)\bturn(?:s|ed|ing) ({_OVER_89})\b", ("turns", "turned", "turning")),
        (
            r"(?i)\b(nonagenarian|centenarian|ninety[- ]\w+|in (?:his|her|their) (?:90s|nineties))\b",
            ("nonagenarian", "centenarian", "ninety", "nineties", "s"),
        ),
    )
)
