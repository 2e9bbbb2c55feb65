"""The instructions as versioned templates, compiled once when the first prompt is made.

A new wording is a new folder beside the older ones, which stay, and a new `VERSION`: a summary names the
version that made it, and a test holds every text against its hash.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gateway.prompt.schema import SECTIONS
from gateway.prompt.tokens import weight_of_fixed
from gateway.request import Audience, Purpose, Task

if TYPE_CHECKING:
    from jinja2 import Environment

VERSION = "2"
VERSIONS = ("1", VERSION)
"""That a task may ask for."""

Length = Literal["free", "bounded", "short"]
"""How much room the summary has. A class and not the number, which would make every fixed part another."""

_SHORT_CHARACTERS = 800

_RECORD, _MARK = "\0record", "\0mark"
"""What stands for them where a frame is made once for many records: no wording holds a NUL."""


def prepare() -> None:
    """Compile all templates now: 0.2 s that the first message need not wait."""
    for version in VERSIONS:
        environment = _environment(version)
        for name in environment.list_templates():
            environment.get_template(name)


def audience_of(task: Task) -> Audience:
    """Whom the text speaks to: a letter to the patient asked for by a clinician is still for the patient."""
    is_letter = task.purpose is Purpose.PATIENT_LETTER and task.audience is Audience.CLINICIAN
    return Audience.PATIENT if is_letter else task.audience


def version_of(task: Task) -> str:
    """`handoff-clinician/2`."""
    return f"{task.purpose.value}-{audience_of(task).value}/{task.prompt_version or VERSION}"


def system_part(task: Task, *, with_example: bool) -> str:
    """The same bytes for every task of one purpose, audience, language and class of length."""
    version, length = task.prompt_version or VERSION, _length(task.max_length)
    return _system(version, task.purpose, audience_of(task), task.language, length, with_example)


def user_part(record: str, mark: str, task: Task, withheld: bool = False) -> str:
    """`withheld`: identity was replaced by tokens in the record."""
    before, after = _around_record(task.prompt_version or VERSION, task.max_length, withheld)
    return f"{before.replace(_MARK, mark)}{record}{after.replace(_MARK, mark)}"


def around_record_weight(task: Task, withheld: bool, mark: str) -> int:
    """Of what `user_part` writes with such a mark, without the record."""
    before, after = _around_record(task.prompt_version or VERSION, task.max_length, withheld)
    return weight_of_fixed(before.replace(_MARK, mark)) + weight_of_fixed(after.replace(_MARK, mark))


def _length(max_length: int | None) -> Length:
    if max_length is None:
        return "free"
    return "short" if max_length <= _SHORT_CHARACTERS else "bounded"


@lru_cache(maxsize=512)
def _system(
    version: str, purpose: Purpose, audience: Audience, language: str, length: Length, with_example: bool
) -> str:
    return (
        _environment(version)
        .get_template("system.j2")
        .render(
            purpose=purpose.value,
            audience=audience.value,
            language=language,
            length=length,
            with_example=with_example,
            sections=[section.value for section in SECTIONS],
        )
    )


@lru_cache(maxsize=512)
def _around_record(version: str, max_length: int | None, withheld: bool) -> tuple[str, str]:
    """What stands before and after the record, with `_MARK` where its mark belongs."""
    template = _environment(version).get_template("user.j2")
    whole = template.render(record=_RECORD, mark=_MARK, max_length=max_length, withheld=withheld)
    before, _, after = whole.partition(_RECORD)
    return before, after


@cache
def _environment(version: str) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 30 ms that only models' users pay

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates" / version),
        undefined=StrictUndefined,
        # No HTML is made here, and `&lt;` in a dose would be wrong; quoting.py makes foreign text safe.
        autoescape=False,  # noqa: S701
        auto_reload=False,
    )
