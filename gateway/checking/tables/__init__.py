"""The lists of words, one text file each, read once when they are first needed."""

from importlib.resources import files


def lines(name: str) -> list[str]:
    """What is said in `name`.txt, without remarks."""
    text = files(__name__).joinpath(f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def entries(name: str) -> list[tuple[str, list[str]]]:
    """`name: word word` of each line."""
    return [(key, rest.split()) for key, _, rest in (line.partition(": ") for line in lines(name))]
