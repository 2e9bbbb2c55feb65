"""The identifiers of 45 CFR 164.514, and which of them each level of de-identification takes out."""

from collections.abc import Mapping
from enum import StrEnum

from gateway.policy.rules import Deidentify


class Category(StrEnum):
    """164.514(b)(2)(i). Biometric identifiers (P) and photographs (Q) are never part of a request's text."""

    NAME = "name"  # (A)
    STREET = "street"  # (B)
    PLACE = "place"  # (B): city, ZIP code, a named institution
    DATE = "date"  # (C)
    AGE = "age"  # (C): over 89
    PHONE = "phone"  # (D), (E)
    EMAIL = "email"  # (F)
    SOCIAL_SECURITY = "social-security"  # (G)
    RECORD_NUMBER = "record-number"  # (H)
    HEALTH_PLAN = "health-plan"  # (I)
    ACCOUNT = "account"  # (J)
    LICENSE = "license"  # (K)
    VEHICLE = "vehicle"  # (L)
    DEVICE = "device"  # (M)
    URL = "url"  # (N)
    IP_ADDRESS = "ip-address"  # (O)
    OTHER_NUMBER = "other-number"  # (R)


_KEPT_IN_LIMITED = frozenset({Category.PLACE, Category.DATE, Category.AGE, Category.OTHER_NUMBER})
"""A limited data set keeps town, state, ZIP code, dates and ages: 164.514(e)(2)."""

TAKEN: Mapping[Deidentify, frozenset[Category]] = {
    Deidentify.NONE: frozenset(),
    Deidentify.LIMITED: frozenset(Category) - _KEPT_IN_LIMITED,
    Deidentify.SAFE_HARBOR: frozenset(Category),
}

RESTRICTED_ZIP3 = frozenset("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893".split())
"""Areas of 20,000 people or fewer (Census 2000, as HHS lists them in its guidance on 164.514): their
first three digits are not kept."""
