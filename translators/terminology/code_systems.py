"""Code systems under their canonical URI, whichever way a message names them.

HL7 v2 names a system by table 0396 mnemonic (`LN`), CDA by OID, FHIR by URI. What is not in the
tables stays as sent: a system is never guessed.
"""

LOINC = "http://loinc.org"
SNOMED_CT = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
CVX = "http://hl7.org/fhir/sid/cvx"
MVX = "http://hl7.org/fhir/sid/mvx"
ICD_9_CM = "http://hl7.org/fhir/sid/icd-9-cm"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10_PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
UNII = "http://fdasis.nlm.nih.gov"
UCUM = "http://unitsofmeasure.org"
NDF_RT = "http://hl7.org/fhir/ndfrt"
MED_RT = "http://va.gov/terminology/medrt"
NUCC = "http://nucc.org/provider-taxonomy"

BY_MNEMONIC: dict[str, str] = {  # HL7 v2 table 0396
    "LN": LOINC,
    "L": "",
    "99ZZZ": "",
    "SCT": SNOMED_CT,
    "SNM": SNOMED_CT,
    "SNM3": SNOMED_CT,
    "SNOMED": SNOMED_CT,
    "SNOMEDCT": SNOMED_CT,
    "SCT2": SNOMED_CT,
    "RXNORM": RXNORM,
    "NDC": NDC,
    "CVX": CVX,
    "MVX": MVX,
    "I9": ICD_9_CM,
    "I9C": ICD_9_CM,
    "I9CDX": ICD_9_CM,
    "ICD9": ICD_9_CM,
    "I10": ICD_10,
    "ICD10": ICD_10,
    "I10C": ICD_10_CM,
    "ICD10CM": ICD_10_CM,
    "ICD-10-CM": ICD_10_CM,
    "I10P": ICD_10_PCS,
    "ICD10PCS": ICD_10_PCS,
    "C4": CPT,
    "CPT": CPT,
    "CPT4": CPT,
    "HCPCS": HCPCS,
    "HPC": HCPCS,
    "UNII": UNII,
    "UCUM": UCUM,
    "NDFRT": NDF_RT,
}

BY_OID: dict[str, str] = {
    "2.16.840.1.113883.6.1": LOINC,
    "2.16.840.1.113883.6.96": SNOMED_CT,
    "2.16.840.1.113883.6.88": RXNORM,
    "2.16.840.1.113883.6.69": NDC,
    "2.16.840.1.113883.12.292": CVX,
    "2.16.840.1.113883.6.59": CVX,
    "2.16.840.1.113883.12.227": MVX,
    "2.16.840.1.113883.6.103": ICD_9_CM,
    "2.16.840.1.113883.6.2": ICD_9_CM,
    "2.16.840.1.113883.6.3": ICD_10,
    "2.16.840.1.113883.6.90": ICD_10_CM,
    "2.16.840.1.113883.6.4": ICD_10_PCS,
    "2.16.840.1.113883.6.12": CPT,
    "2.16.840.1.113883.6.285": HCPCS,
    "2.16.840.1.113883.4.9": UNII,
    "2.16.840.1.113883.6.8": UCUM,
    "2.16.840.1.113883.3.26.1.5": NDF_RT,
    "2.16.840.1.113883.6.345": MED_RT,
    "2.16.840.1.113883.6.101": NUCC,
}

_URI_ALIASES = {
    "http://snomed.info/id": SNOMED_CT,
    "https://snomed.info/sct": SNOMED_CT,
    "https://loinc.org": LOINC,
    "http://loinc.org/": LOINC,
}
_CANONICAL = {
    **{uri: uri for uri in BY_OID.values()},
    **BY_OID,
    **{f"urn:oid:{oid}": uri for oid, uri in BY_OID.items()},
    **_URI_ALIASES,
}


def canonical(system: str) -> str:
    """The canonical URI of a code system named by mnemonic, OID (bare or `urn:oid:`) or URI; else as sent."""
    known = _CANONICAL.get(system)
    if known is not None:
        return known
    return system if ":" in system else BY_MNEMONIC.get(system.upper(), system)
