"""What is sent: each message with a control id of its own, so that none is taken for a resend."""

import base64

ADT_SEGMENTS = (
    "EVN|A01|20260314093000|||OPID1^Operator^One",
    "PID|1||{number}^^^BENCH^MR~999-{number}^^^BENCH&2.16.840.1.113883.19&ISO^AN||Benchley^Bertha^Q^^Mrs^^L||19580314|F|"
    "||12 Load Street^^Testville^OH^44101^US^H||^PRN^PH^^1^216^5550101|^WPN^PH^^1^216^5550102|en|M|||{number}",
    "NK1|1|Benchley^Bernard|SPO^Spouse^HL70063|12 Load Street^^Testville^OH^44101|^PRN^PH^^1^216^5550103",
    "PV1|1|I|4EAST^412^1^RIVERSIDE||||1234^Attending^Ann^^^Dr|5678^Referring^Rob^^^Dr||MED||||7|||1234^Attending^Ann"
    "|IP|V{number}^^^BENCH^VN|||||||||||||||||||||||||20260314090000",
    "PV2|||^Chest pain on exertion|||||20260314|20260318|4|||||||||||N",
    "OBX|1|NM|8867-4^Heart rate^LN||92|/min|60-100|N|||F|||20260314091500",
    "OBX|2|NM|8480-6^Systolic blood pressure^LN||152|mm[Hg]|90-140|H|||F|||20260314091500",
    "OBX|3|NM|8310-5^Body temperature^LN||37.1|Cel|36.0-37.5|N|||F|||20260314091500",
    "AL1|1|DA|7980^Penicillin G^RXNORM|SV|Anaphylaxis|20100501",
    "AL1|2|FA|256349002^Peanut^SCT|MO|Hives",
    "DG1|1||I20.9^Angina pectoris, unspecified^I10C||20260314|A",
    "DG1|2||E11.9^Type 2 diabetes mellitus without complications^I10C||20150101|W",
    "GT1|1||Benchley^Bertha||12 Load Street^^Testville^OH^44101|^PRN^PH^^1^216^5550101|||||SE^Self",
    "IN1|1|PPO1|INS01|Loadtest Insurance|PO Box 1^^Testville^OH^44101||^WPN^PH^^1^800^5550199|GRP{number}",
)


def _template(kind: str, segments: tuple[str, ...]) -> bytes:
    header = f"MSH|^~\\&|BENCH|LOAD|GW|RIVERSIDE|20260314093000||{kind}|B{{number}}|P|2.5.1"
    return "".join(f"{line}\r" for line in (header, *segments)).encode()


_ORDER = (
    "OBR|1|P{number}|F{number}|24323-8^Comprehensive metabolic panel^LN|||20260314090000|||||||||1234^Attending^Ann"
    "||||||20260314093000||CH|F"
)
_RESULTS = tuple(
    f"OBX|{n}|NM|{2000 + n}-{n % 10}^Analyte number {n} in serum^LN||{n}.{n % 10}|mmol/L|3.5-5.1"
    f"|{'H' if n % 7 == 0 else 'N'}|||F|||20260314091500|LAB1^Main laboratory|9911^Tech^Tim"
    for n in range(1, 41)
)
_ADT = _template("ADT^A01^ADT_A01", ADT_SEGMENTS)
_ORU40 = _template("ORU^R01^ORU_R01", (ADT_SEGMENTS[1], ADT_SEGMENTS[3], _ORDER, *_RESULTS))


def adt(number: int) -> bytes:
    """An ADT^A01 of 1.4 KB."""
    return _ADT.replace(b"{number}", b"%d" % number)


def oru40(number: int) -> bytes:
    """An ORU^R01 with 40 OBX, 5.5 KB."""
    return _ORU40.replace(b"{number}", b"%d" % number)


def large_obx(number: int, size: int) -> bytes:
    """One OBX whose ED holds `size` bytes of base64."""
    document = base64.b64encode(b"%PDF-1.4 " + bytes(size * 3 // 4)).decode()
    segment = f"OBX|1|ED|18842-5^Discharge summary^LN||^AP^PDF^Base64^{document}||||||F"
    message = _template("MDM^T02^MDM_T02", (ADT_SEGMENTS[1], ADT_SEGMENTS[3], segment))
    return message.replace(b"{number}", b"%d" % number)
