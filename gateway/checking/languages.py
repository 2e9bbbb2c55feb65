"""Which languages the rules on words are written for."""


def is_english(language: str) -> bool:
    """`language` is BCP 47; nothing said counts as English."""
    return language.replace("_", "-").split("-")[0].lower() in ("", "en")
