"""The operator's file -> typed settings. `load` is the way in; every problem is named with its key path."""

from gateway.settings.checks import load, parse
from gateway.settings.file import SettingsProblem, UnusableSettings
from gateway.settings.schema import Settings

__all__ = ["Settings", "SettingsProblem", "UnusableSettings", "load", "parse"]
