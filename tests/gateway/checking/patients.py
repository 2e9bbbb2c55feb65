"""Eight made-up patients, whose facts and notes the statements of the measured set rest on."""

from dataclasses import replace

from gateway.clinical import Certainty, ClinicalFact, Encounter, Patient
from gateway.request import SummarizationRequest
from tests.gateway.backends.extractive.making import K, S, fact, note, request

C = Certainty


def patient(sex: str, born: str, facts: list[ClinicalFact], notes: dict[str, str], encounter: Encounter | None = None) -> SummarizationRequest:  # fmt: skip
    numbered = [replace(each, origin=f"F{index}") for index, each in enumerate(facts, 1)]
    written = [note(text, title, origin=f"N{index}") for index, (title, text) in enumerate(notes.items(), 1)]
    return request(numbered, written, patient=Patient(sex=sex, birth_date=born), encounter=encounter)


PATIENTS: dict[str, SummarizationRequest] = {
    "heart": patient(
        "male",
        "1958-06-02",
        [
            fact(
                K.ALLERGY,
                "Penicillin",
                status=S.ACTIVE,
                reaction="Hives",
                severity="Moderate",
                category="drug",
            ),
            fact(
                K.ALLERGY,
                "Lisinopril",
                status=S.ACTIVE,
                reaction="Angioedema",
                time="2019-04",
                category="drug",
            ),
            fact(K.CONDITION, "Chronic systolic heart failure", status=S.ACTIVE, time="2018-03-12"),
            fact(K.CONDITION, "Essential hypertension", status=S.ACTIVE),
            fact(K.CONDITION, "Type 2 diabetes mellitus", status=S.ACTIVE, time="2009"),
            fact(
                K.CONDITION,
                "Deep vein thrombosis of left lower extremity",
                status=S.RESOLVED,
                time="2015-07",
                end="2016-01",
            ),
            fact(
                K.MEDICATION,
                "Furosemide 40 MG Oral Tablet",
                status=S.ACTIVE,
                dose="40 mg",
                frequency="twice a day",
                route="PO",
            ),
            fact(
                K.MEDICATION,
                "Metoprolol succinate ER",
                status=S.ACTIVE,
                dose="50 mg",
                frequency="once a day",
                route="oral",
            ),
            fact(K.MEDICATION, "Warfarin", status=S.STOPPED, dose="5 mg", end="2016-01-20"),
            fact(K.MEDICATION, "Metformin 1,000 mg", status=S.ACTIVE, dose="1000 mg", frequency="BID"),
            fact(
                K.RESULT,
                "Potassium",
                value="3.2",
                unit="mmol/L",
                flag="L",
                range_="3.5-5.1",
                time="2026-03-12T06:15",
                status=S.FINAL,
                group="Basic metabolic panel",
            ),
            fact(
                K.RESULT,
                "Creatinine",
                value="1.84",
                unit="mg/dL",
                flag="H",
                range_="0.70-1.30",
                time="2026-03-12T06:15",
                status=S.FINAL,
                group="Basic metabolic panel",
            ),
            fact(
                K.RESULT,
                "Natriuretic peptide B",
                value="1250",
                unit="pg/mL",
                flag="HH",
                range_="<100",
                time="2026-03-11",
                status=S.FINAL,
            ),
            fact(K.VITAL_SIGN, "Blood pressure", value="148/92", unit="mm[Hg]", time="2026-03-12T08:00"),
            fact(K.VITAL_SIGN, "Body weight", value="94.5", unit="kg", time="2026-03-12"),
            fact(
                K.IMMUNIZATION,
                "Influenza vaccine",
                status=S.NOT_DONE,
                negated=True,
                reason="patient refused",
                time="2025-10-15",
            ),
        ],
        {
            "History of present illness": (
                "67 year old man with HFrEF (EF 30%) presents with 5 days of worsening dyspnea on exertion and 8 lb"
                " weight gain. Denies chest pain, palpitations or syncope. No fever or cough. Ran out of furosemide"
                " last week. Smokes 1 pack per day."
            ),
            "Plan": (
                "Start IV furosemide 80 mg twice daily. Hold metformin while creatinine is elevated. Replete potassium"
                " with KCl 40 mEq PO once. Daily weights. Follow up with cardiology in 2 weeks. Repeat BMP on 3/14/2026."
            ),
            "Exam": (
                "Bibasilar crackles, 2+ pitting edema of both legs, JVP 12 cm. No murmur. Lungs without wheezing."
                " Left calf without tenderness."
            ),
        },
        Encounter(
            encounter_class="IMP",
            status="in-progress",
            start="2026-03-11T14:20",
            location="4 West",
            reason="Shortness of breath",
            origin="PV1[1]",
        ),
    ),
    "lung": patient(
        "female",
        "1949-11-20",
        [
            fact(K.ALLERGY, "known allergies", status=S.ACTIVE, negated=True),
            fact(
                K.CONDITION,
                "Community acquired pneumonia",
                status=S.ACTIVE,
                category="admission-diagnosis",
                time="2026-02-27",
            ),
            fact(K.CONDITION, "Chronic obstructive pulmonary disease", status=S.ACTIVE),
            fact(K.CONDITION, "Pulmonary embolism", certainty=C.REFUTED, negated=True),
            fact(K.CONDITION, "Osteoporosis", status=S.ACTIVE),
            fact(
                K.MEDICATION,
                "Ceftriaxone",
                status=S.COMPLETED,
                dose="1 g",
                frequency="every 24 hours",
                route="IV",
                category="administration",
            ),
            fact(
                K.MEDICATION,
                "Azithromycin",
                status=S.ACTIVE,
                dose="500 mg",
                frequency="once a day",
                instructions="for 5 days",
            ),
            fact(
                K.MEDICATION,
                "Prednisone",
                status=S.ACTIVE,
                dose="40 mg",
                frequency="daily",
                instructions="for 5 days",
            ),
            fact(K.MEDICATION, "Tiotropium 18 mcg", status=S.ACTIVE, dose="1 inhalation", frequency="QD"),
            fact(
                K.MEDICATION,
                "Albuterol 90 mcg/actuation",
                status=S.ACTIVE,
                dose="2 puffs",
                frequency="Q4H PRN",
                reason="wheezing",
            ),
            fact(
                K.RESULT,
                "Leukocytes",
                value="15.8",
                unit="10*3/uL",
                flag="H",
                range_="4.0-11.0",
                time="2026-02-27T21:40",
            ),
            fact(
                K.RESULT,
                "Lactate",
                value="1.9",
                unit="mmol/L",
                flag="N",
                range_="0.5-2.2",
                time="2026-02-27T21:40",
            ),
            fact(K.RESULT, "Influenza virus A RNA", value="Not detected", time="2026-02-27"),
            fact(
                K.RESULT,
                "Blood culture",
                value="No growth at 48 hours",
                time="2026-03-01",
                status=S.PRELIMINARY,
            ),
            fact(K.VITAL_SIGN, "Oxygen saturation", value="88", unit="%", flag="L", time="2026-02-27T21:10"),
            fact(
                K.VITAL_SIGN, "Body temperature", value="38.9", unit="Cel", flag="H", time="2026-02-27T21:10"
            ),
            fact(K.PROCEDURE, "CT angiography of chest", status=S.COMPLETED, time="2026-02-28"),
        ],
        {
            "Hospital course": (
                "76F admitted with RLL pneumonia and COPD exacerbation. CT angiogram negative for PE; right lower lobe"
                " consolidation. Treated with ceftriaxone 1 g IV q24h and azithromycin. Required 3 L oxygen, weaned to"
                " room air by 03/02/2026. No intubation. Discharged home on prednisone taper."
            ),
            "Social": "Former smoker, quit in 2005, 40 pack-years. Lives with daughter. No alcohol.",
        },
        Encounter(
            encounter_class="IMP", status="finished", start="2026-02-27", end="2026-03-03", origin="PV1[1]"
        ),
    ),
    "surgery": patient(
        "female",
        "1986-01-15",
        [
            fact(K.ALLERGY, "Codeine", status=S.ACTIVE, reaction="Nausea and vomiting"),
            fact(K.ALLERGY, "Latex", status=S.ACTIVE, reaction="Contact dermatitis", severity="Mild"),
            fact(K.CONDITION, "Acute appendicitis", status=S.RESOLVED, time="2026-01-08"),
            fact(K.CONDITION, "Asthma", status=S.INACTIVE, category="past-history"),
            fact(K.PROCEDURE, "Laparoscopic appendectomy", status=S.COMPLETED, time="2026-01-08T23:15"),
            fact(
                K.MEDICATION,
                "Ibuprofen",
                status=S.ACTIVE,
                dose="600 mg",
                frequency="every 6 hours",
                instructions="with food",
            ),
            fact(
                K.MEDICATION,
                "Acetaminophen 325 mg",
                status=S.ACTIVE,
                dose="650 mg",
                frequency="Q6H PRN",
                reason="pain",
            ),
            fact(
                K.MEDICATION,
                "Ondansetron",
                status=S.ACTIVE,
                dose="4 mg",
                frequency="every 8 hours as needed",
                reason="nausea",
            ),
            fact(
                K.MEDICATION,
                "Oxycodone",
                negated=True,
                status=S.NOT_DONE,
                category="administration",
                reason="declined by patient",
            ),
            fact(
                K.RESULT,
                "Hemoglobin",
                value="12.1",
                unit="g/dL",
                flag="N",
                range_="12.0-15.5",
                time="2026-01-09",
            ),
            fact(K.RESULT, "Choriogonadotropin (pregnancy test)", value="Negative", time="2026-01-08"),
            fact(K.APPOINTMENT, "Surgical clinic follow-up", status=S.PLANNED, time="2026-01-22T10:30"),
        ],
        {
            "Operative note": (
                "Laparoscopic appendectomy for acute non-perforated appendicitis. Three ports. Estimated blood loss"
                " 20 mL. No complications. Cefazolin 2 g given before incision. Specimen sent to pathology."
            ),
            "Discharge instructions": (
                "No lifting over 10 pounds for 4 weeks. Return for fever above 101.5 F, vomiting, or redness of the"
                " wound. Do not drive while taking narcotics. Pathology pending at discharge."
            ),
        },
    ),
    "kidney": patient(
        "male",
        "1971-09-30",
        [
            fact(K.CONDITION, "Chronic kidney disease stage 3", status=S.ACTIVE, icd_10_cm="N18.30"),
            fact(K.CONDITION, "Gout", status=S.ACTIVE),
            fact(K.CONDITION, "Kidney stone", status=S.RESOLVED, time="2021"),
            fact(K.CONDITION, "Renal artery stenosis", certainty=C.PROVISIONAL),
            fact(
                K.ALLERGY,
                "Sulfamethoxazole / Trimethoprim",
                status=S.ACTIVE,
                reaction="Rash",
                severity="Severe",
            ),
            fact(K.ALLERGY, "Shellfish", negated=True, certainty=C.REFUTED),
            fact(K.MEDICATION, "Allopurinol", status=S.ACTIVE, dose="100 mg", frequency="once a day"),
            fact(K.MEDICATION, "Amlodipine 10 mg", status=S.ACTIVE, dose="10 mg", frequency="every day"),
            fact(
                K.MEDICATION, "Colchicine", status=S.ON_HOLD, dose="0.6 mg", reason="reduced kidney function"
            ),
            fact(K.MEDICATION, "Naproxen", status=S.STOPPED, dose="500 mg", reason="kidney disease"),
            fact(
                K.RESULT,
                "Creatinine",
                value="2.10",
                unit="mg/dL",
                flag="H",
                range_="0.7-1.3",
                time="2026-03-02",
            ),
            fact(
                K.RESULT,
                "Glomerular filtration rate",
                value="36",
                unit="mL/min/{1.73_m2}",
                flag="L",
                range_=">60",
                time="2026-03-02",
            ),
            fact(K.RESULT, "Urate", value="9.4", unit="mg/dL", flag="H", range_="3.5-7.2", time="2026-03-02"),
            fact(K.RESULT, "Hepatitis B surface antigen", value="Non-reactive", time="2026-03-02"),
            fact(K.RESULT, "Protein/Creatinine ratio", value=">3.0", unit="g/g", flag="H", time="2026-03-02"),
            fact(K.VITAL_SIGN, "Systolic blood pressure", value="152", unit="mm[Hg]", time="2026-03-02"),
            fact(K.VITAL_SIGN, "Diastolic blood pressure", value="88", unit="mm[Hg]", time="2026-03-02"),
        ],
        {
            "Assessment": (
                "54 yo man with CKD 3b, baseline creatinine 1.6, now 2.1. Likely NSAID related. No uremic symptoms."
                " Avoid NSAIDs. Renal ultrasound with duplex to evaluate for renal artery stenosis. Repeat labs in"
                " 1 week. Nephrology follow up in one month."
            ),
        },
    ),
    "newborn": patient(
        "female",
        "2026-03-10",
        [
            fact(K.VITAL_SIGN, "Birth weight", value="3250", unit="g", time="2026-03-10"),
            fact(K.RESULT, "Bilirubin.total", value="11.4", unit="mg/dL", flag="H", time="2026-03-12T05:00"),
            fact(K.IMMUNIZATION, "Hepatitis B vaccine", status=S.COMPLETED, time="2026-03-10", lot="X1234"),
            fact(K.CONDITION, "Neonatal jaundice", status=S.ACTIVE, time="2026-03-12"),
            fact(K.FAMILY_HISTORY, "Sickle cell trait", relationship="mother"),
        ],
        {
            "Nursery note": (
                "Term female born at 39 weeks by cesarean section for breech. Apgars 8 and 9. Bottle feeding every 3"
                " hours. Phototherapy started 3/12. Mother GBS negative. No sepsis risk factors. Passed hearing screen"
                " in both ears."
            ),
        },
    ),
    "mind": patient(
        "female",
        "1993-05-05",
        [
            fact(K.CONDITION, "Major depressive disorder, recurrent", status=S.ACTIVE),
            fact(K.CONDITION, "Generalized anxiety disorder", status=S.ACTIVE),
            fact(K.CONDITION, "Seizure disorder", negated=True),
            fact(K.MEDICATION, "Sertraline", status=S.ACTIVE, dose="100 mg", frequency="every morning"),
            fact(
                K.MEDICATION,
                "Trazodone 50 mg tablet",
                status=S.ACTIVE,
                dose="50 mg",
                frequency="at bedtime",
                instructions="as needed for sleep",
            ),
            fact(K.MEDICATION, "Bupropion", status=S.STOPPED, time="2024-02-01", end="2025-11-30"),
            fact(K.ALLERGY, "Amoxicillin", certainty=C.UNCONFIRMED, reaction="Rash in childhood"),
            fact(K.ASSESSMENT, "PHQ-9 total score", value="14", time="2026-03-05"),
            fact(K.SOCIAL_HISTORY, "Tobacco smoking status", value="Never smoker"),
            fact(
                K.RESULT,
                "Thyrotropin",
                value="2.35",
                unit="mIU/L",
                flag="N",
                range_="0.40-4.50",
                time="2026-03-05",
            ),
        ],
        {
            "Progress note": (
                "Patient reports low mood and poor sleep for 3 months. Denies suicidal or homicidal ideation. No"
                " hallucinations. Drinks 2 glasses of wine per week. Sertraline increased from 50 mg to 100 mg daily."
                " Return in 4 weeks. PHQ-9 was 18 in January 2026."
            ),
        },
    ),
    "stroke": patient(
        "male",
        "1944-02-29",
        [
            fact(
                K.CONDITION,
                "Acute ischemic stroke of left middle cerebral artery",
                status=S.ACTIVE,
                time="2026-03-08T07:45",
            ),
            fact(K.CONDITION, "Atrial fibrillation", status=S.ACTIVE),
            fact(K.CONDITION, "Intracranial hemorrhage", certainty=C.REFUTED, negated=True),
            fact(K.MEDICATION, "Apixaban", status=S.ON_HOLD, dose="5 mg", frequency="BID"),
            fact(K.MEDICATION, "Atorvastatin", status=S.ACTIVE, dose="80 mg", frequency="nightly"),
            fact(K.MEDICATION, "Aspirin", status=S.ACTIVE, dose="81 mg", frequency="daily"),
            fact(K.MEDICATION, "Alteplase", negated=True, status=S.NOT_DONE, reason="outside time window"),
            fact(
                K.ALLERGY,
                "Iodinated contrast media",
                status=S.ACTIVE,
                reaction="Anaphylaxis",
                criticality="high",
            ),
            fact(
                K.RESULT,
                "Hemoglobin A1c",
                value="6.1",
                unit="%",
                flag="H",
                range_="4.0-5.6",
                time="2026-03-09",
            ),
            fact(
                K.RESULT,
                "LDL cholesterol",
                value="142",
                unit="mg/dL",
                flag="H",
                range_="<100",
                time="2026-03-09",
            ),
            fact(K.RESULT, "INR", value="1.1", flag="N", time="2026-03-08T08:10"),
            fact(
                K.RESULT, "Platelets", value="212", unit="K/uL", flag="N", range_="150-400", time="2026-03-08"
            ),
            fact(K.DIRECTIVE, "Do not resuscitate", status=S.ACTIVE),
        ],
        {
            "Neurology consult": (
                "82 year old right-handed man found with right arm weakness and aphasia at 07:45. NIHSS 9. CT head"
                " without hemorrhage. Right facial droop. No seizure activity. Thrombectomy not performed. Apixaban held;"
                " restart on day 7. Speech therapy consulted. Passed bedside swallow: denies dysphagia."
            ),
        },
        Encounter(encounter_class="IMP", start="2026-03-08T08:02", origin="PV1[1]"),
    ),
    "lab": patient(
        "female",
        "1979-12-01",
        [
            fact(
                K.RESULT,
                "Hemoglobin",
                value="6.8",
                unit="g/dL",
                flag="LL",
                range_="12.0-16.0",
                time="2026-03-14T09:30",
                status=S.FINAL,
            ),
            fact(
                K.RESULT,
                "Hemoglobin",
                value="9.1",
                unit="g/dL",
                flag="L",
                range_="12.0-16.0",
                time="2026-02-20",
                status=S.FINAL,
            ),
            fact(
                K.RESULT, "Ferritin", value="<5", unit="ng/mL", flag="L", range_="15-150", time="2026-03-14"
            ),
            fact(
                K.RESULT,
                "Sodium",
                value="139",
                unit="mmol/L",
                flag="N",
                range_="135-145",
                time="2026-03-14T09:30",
            ),
            fact(
                K.RESULT,
                "Urine culture",
                value="Escherichia coli >100,000 CFU/mL",
                flag="A",
                time="2026-03-13",
            ),
            fact(K.RESULT, "Ciprofloxacin susceptibility", value="Resistant", flag="R", time="2026-03-13"),
            fact(K.RESULT, "Nitrofurantoin susceptibility", value="Susceptible", flag="S", time="2026-03-13"),
            fact(K.RESULT, "SARS-CoV-2 RNA", value="Positive", flag="A", time="2026-03-13"),
            fact(K.RESULT, "Antinuclear antibody", value="1:160", flag="H", time="2026-03-10"),
            fact(K.RESULT, "Troponin I", status=S.PRELIMINARY, time="2026-03-14T09:30"),
            fact(K.ORDER, "Packed red blood cells transfusion", status=S.PLANNED, quantity="2 units"),
            fact(
                K.MEDICATION,
                "Ferrous sulfate 325 mg",
                status=S.ACTIVE,
                dose="325 mg",
                frequency="every other day",
            ),
        ],
        {
            "Radiology": (
                "MRI right knee: medial meniscus tear. No fracture. Small joint effusion. Left knee not imaged."
                " Chest X-ray: no acute cardiopulmonary disease; 8 mm nodule in the left upper lobe, follow-up CT in"
                " 6 months."
            ),
        },
    ),
}
"""Origins are `F1`, `F2` ... for facts, `N1` ... for notes, `PV1[1]` for the encounter."""
