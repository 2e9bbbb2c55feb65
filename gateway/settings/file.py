"""YAML read for people: duplicate keys refused, `${NAME}` read from the environment, lines remembered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One thing wrong with the file."""

    path: str
    """`partners.epic.identify[0].api_key_sha256`"""
    text: str
    line: int | None = None
    is_warning: bool = False
    """The file can be used, but not all of it has an effect."""

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.path}: {self.text}" if self.path else f"{place}{self.text}"


class UnusableSettings(Exception):
    """The file cannot be used; `problems` is everything that is wrong with it."""

    def __init__(self, problems: list[SettingsProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def path_text(path: Path) -> str:
    """`("partners", "epic", "identify", 0)` as `partners.epic.identify[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class SettingsFile:
    """The content of a file as plain values, and the line of each."""

    def __init__(self, text: str, environment: Mapping[str, str]) -> None:
        """Raises `UnusableSettings` for what is not YAML."""
        self.problems: list[SettingsProblem] = []
        self._lines: dict[Path, int] = {}
        self._environment = environment
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise UnusableSettings([SettingsProblem("", f"not YAML: {error.problem}", line)]) from error
        self._loader = yaml.SafeLoader("")
        self.content: Any = self._value(node, ()) if node is not None else {}

    def line(self, path: Path) -> int | None:
        """Of the value at `path`, or of the nearest one above it that stands in the file."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self._lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(each, (*path, index)) for index, each in enumerate(node.value)]
        plain = self._loader.construct_object(node, deep=True)
        return self._from_environment(plain, path) if isinstance(plain, str) else plain

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(self._loader.construct_object(key_node))
            if key in content:
                line = key_node.start_mark.line + 1
                self.problems.append(SettingsProblem(path_text((*path, key)), "is given twice", line))
            content[key] = self._value(value_node, (*path, key))
        return content

    def _from_environment(self, text: str, path: Path) -> str:
        def replace(match: re.Match[str]) -> str:
            if match[1] not in self._environment:
                problem = f"the environment has no variable {match[1]}"
                self.problems.append(SettingsProblem(path_text(path), problem, self._lines[path]))
            return self._environment.get(match[1], "")

        return _VARIABLE.sub(replace, text)
