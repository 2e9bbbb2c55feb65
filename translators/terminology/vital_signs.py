"""Which LOINC codes are vital signs, so that a blood pressure is one in every protocol."""

from gateway.clinical import Code
from translators.terminology.code_systems import LOINC

# US Core 7 vital signs and the panels and variants that feeds send beside them.
_LOINC_VITAL_SIGNS = frozenset(
    {
        "85353-1", "85354-9", "8480-6", "8462-4", "8478-0", "55284-4", "8716-3",
        "8867-4", "9279-1", "8310-5", "8331-1", "8328-7", "8333-7", "8332-9",
        "2708-6", "59408-5", "3150-6", "3151-8",
        "8302-2", "8306-3", "29463-7", "3141-9", "3142-7", "39156-5", "59576-9",
        "8287-5", "9843-4", "8289-1", "59574-4", "77606-2", "3140-1", "8277-6",
    }
)  # fmt: skip


def is_vital_sign(codes: tuple[Code, ...]) -> bool:
    """At least one of the codes is a LOINC vital sign."""
    for code in codes:  # noqa: SIM110 - `any` takes twice as long, and this is asked of every result
        if code.code in _LOINC_VITAL_SIGNS and code.system == LOINC:
            return True
    return False
