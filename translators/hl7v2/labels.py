"""Security labels from the places where HL7 v2 puts them: MSH-8, PV1-16, PV2-22, ORC-28, TXA-18, ARV, CON.

Table 0177 and its relatives mix levels and reasons in one code; both are kept apart here.
"""

from gateway.clinical import Labels

BY_CODE: dict[str, Labels] = {  # tables 0177, 0272, 0717, 0719, and v3 codes sent as they are
    "U": Labels(confidentiality="N"),  # usual control
    "L": Labels(confidentiality="L"),
    "M": Labels(confidentiality="M"),
    "N": Labels(confidentiality="N"),
    "R": Labels(confidentiality="R"),
    "V": Labels(confidentiality="V"),
    "AID": Labels(confidentiality="R", sensitivity=("HIV",)),
    "HIV": Labels(confidentiality="R", sensitivity=("HIV",)),
    # "Alcohol/drug treatment patient" is wider than v3 ETH (ethanol) alone.
    "ETH": Labels(confidentiality="R", sensitivity=("ETH", "SUD")),
    "SUD": Labels(confidentiality="R", sensitivity=("SUD",)),
    "ETHUD": Labels(confidentiality="R", sensitivity=("ETHUD",)),
    "OPIOIDUD": Labels(confidentiality="R", sensitivity=("OPIOIDUD",)),
    "PSY": Labels(confidentiality="R", sensitivity=("PSY",)),
    "PSYTHPN": Labels(confidentiality="R", sensitivity=("PSYTHPN",)),
    "MH": Labels(confidentiality="R", sensitivity=("MH",)),
    "BH": Labels(confidentiality="R", sensitivity=("BH",)),
    "STD": Labels(confidentiality="R", sensitivity=("STD",)),
    "SEX": Labels(confidentiality="R", sensitivity=("SEX",)),
    "SDV": Labels(confidentiality="R", sensitivity=("SDV",)),
    "SMD": Labels(confidentiality="R", sensitivity=("SMD",)),
    "UWM": Labels(confidentiality="R", sensitivity=("UWM",)),  # unwed mother
    "EMP": Labels(confidentiality="R", sensitivity=("EMP",)),
    "VIP": Labels(confidentiality="R", sensitivity=("CEL",)),
    "CEL": Labels(confidentiality="R", sensitivity=("CEL",)),
    "TBOO": Labels(confidentiality="R", sensitivity=("TBOO",)),
    "42CFRPART2": Labels(confidentiality="R", sensitivity=("42CFRPart2",)),
}

RESTRICTED = Labels(confidentiality="R")
VIP = BY_CODE["VIP"]

UNRESTRICTED = frozenset({"", "N", "NO", "0", "NONE"})
"""Of a yes-or-no indicator such as PV1-16."""
