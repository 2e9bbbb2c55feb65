"""Three more patients, written after the fourth round, first judged by the rules and then learned from."""

from tests.gateway.backends.extractive.making import K, S, fact
from tests.gateway.checking.patients import C, patient
from tests.gateway.checking.rounds import Round

PATIENTS = {
    "bypass": patient(
        "male",
        "1955-03-03",
        [
            fact(K.CONDITION, "Three vessel coronary artery disease", status=S.ACTIVE),
            fact(
                K.CONDITION,
                "Postoperative atrial fibrillation",
                status=S.RESOLVED,
                time="2026-02-18",
                end="2026-02-20",
            ),
            fact(K.CONDITION, "Stroke", negated=True),
            fact(K.CONDITION, "Mediastinitis", certainty=C.REFUTED),
            fact(K.CONDITION, "Peripheral artery disease", certainty=C.DIFFERENTIAL),
            fact(K.ALLERGY, "Heparin", status=S.ACTIVE, reaction="Thrombocytopenia", severity="Severe"),
            fact(K.MEDICATION, "Aspirin 81 mg tablet", status=S.ACTIVE, dose="81 mg", frequency="once a day"),
            fact(
                K.MEDICATION,
                "Amiodarone",
                status=S.ACTIVE,
                dose="200 mg",
                frequency="2 times a day",
                instructions="for 4 weeks",
            ),
            fact(
                K.MEDICATION, "Metoprolol tartrate", status=S.ACTIVE, dose="25 mg", frequency="every 12 hours"
            ),
            fact(K.MEDICATION, "Clopidogrel", status=S.STOPPED, end="2026-02-10", reason="surgery"),
            fact(
                K.MEDICATION,
                "Oxycodone 5 mg",
                status=S.ACTIVE,
                dose="5 mg",
                frequency="Q4H PRN",
                reason="pain",
            ),
            fact(K.PROCEDURE, "Coronary artery bypass graft x3", status=S.COMPLETED, time="2026-02-16"),
            fact(
                K.RESULT,
                "Hematocrit",
                value="27.6",
                unit="%",
                flag="L",
                range_="40.0-52.0",
                time="2026-02-19",
            ),
            fact(
                K.RESULT,
                "Troponin T",
                value="0.42",
                unit="ng/mL",
                flag="HH",
                range_="<0.01",
                time="2026-02-16T18:00",
            ),
            fact(K.RESULT, "MRSA nasal screen", value="Negative", time="2026-02-12"),
            fact(K.VITAL_SIGN, "Heart rate", value="72", unit="/min", time="2026-02-21"),
        ],
        {
            "Discharge summary": (
                "70M s/p CABG x3 (LIMA-LAD) on 2/16. EF 45%. Extubated POD 0. Chest tubes removed POD 2. AF on POD 2 converted"
                " with IV amiodarone. No bleeding, no wound infection. Sternum stable. Left leg vein harvest site mildly"
                " swollen, no drainage. Cardiac rehab referral. No driving for 6 weeks. Quit tobacco in 2010. Walks 500 feet."
            ),
        },
    ),
    "hiv": patient(
        "female",
        "1988-12-24",
        [
            fact(K.CONDITION, "Human immunodeficiency virus infection", status=S.ACTIVE, time="2014"),
            fact(K.CONDITION, "Latent tuberculosis", status=S.RESOLVED, time="2016", end="2017"),
            fact(K.CONDITION, "Hepatitis C", negated=True),
            fact(K.CONDITION, "Depression", status=S.ACTIVE),
            fact(K.ALLERGY, "Abacavir", status=S.ACTIVE, reaction="Hypersensitivity", criticality="high"),
            fact(K.ALLERGY, "known food allergies", negated=True),
            fact(
                K.MEDICATION,
                "Bictegravir / emtricitabine / tenofovir alafenamide",
                status=S.ACTIVE,
                dose="1 tablet",
                frequency="daily",
            ),
            fact(K.MEDICATION, "Isoniazid", status=S.COMPLETED, time="2016-04", end="2017-01"),
            fact(K.MEDICATION, "Escitalopram", status=S.ACTIVE, dose="10 mg", frequency="every day"),
            fact(
                K.MEDICATION, "Trimethoprim-sulfamethoxazole", status=S.STOPPED, reason="CD4 count above 200"
            ),
            fact(
                K.RESULT,
                "CD4 count",
                value="612",
                unit="cells/uL",
                flag="N",
                range_="500-1500",
                time="2026-02-09",
            ),
            fact(K.RESULT, "HIV-1 RNA", value="Not detected", time="2026-02-09"),
            fact(K.RESULT, "Syphilis antibody", value="Nonreactive", time="2026-02-09"),
            fact(K.RESULT, "Chlamydia trachomatis NAA", value="Detected", flag="A", time="2026-02-09"),
            fact(
                K.RESULT,
                "Alanine aminotransferase",
                value="61",
                unit="U/L",
                flag="H",
                range_="7-35",
                time="2026-02-09",
            ),
            fact(K.IMMUNIZATION, "Pneumococcal conjugate vaccine", status=S.COMPLETED, time="2025-09-30"),
            fact(
                K.IMMUNIZATION,
                "Zoster vaccine",
                negated=True,
                status=S.NOT_DONE,
                reason="patient wants to wait",
            ),
        ],
        {
            "Clinic note": (
                "37 yo woman, adherent, misses about 1 dose a month. No fevers, night sweats or weight loss. LMP 2/1, not"
                " pregnant, uses condoms. Doxycycline 100 mg BID for 7 days for chlamydia. PHQ-9 of 6, down from 11. Denies"
                " SI. Drinks socially, no drugs. Mild RUQ tenderness. Recheck LFTs in 6 weeks. Pap normal 2024."
            ),
        },
    ),
    "infant": patient(
        "male",
        "2025-07-02",
        [
            fact(K.CONDITION, "Urinary tract infection", status=S.ACTIVE, time="2026-03-01"),
            fact(K.CONDITION, "Vesicoureteral reflux", certainty=C.PROVISIONAL),
            fact(K.CONDITION, "Dehydration", status=S.RESOLVED),
            fact(K.CONDITION, "Meningitis", negated=True, certainty=C.REFUTED),
            fact(K.ALLERGY, "Amoxicillin", negated=True, certainty=C.REFUTED),
            fact(K.ALLERGY, "Cow's milk protein", status=S.ACTIVE, reaction="Bloody stools"),
            fact(
                K.MEDICATION,
                "Cephalexin 250 mg/5 mL suspension",
                status=S.ACTIVE,
                dose="3 mL",
                frequency="every 8 hours",
                instructions="for 10 days",
            ),
            fact(K.MEDICATION, "Ceftriaxone", status=S.COMPLETED, dose="50 mg/kg", category="administration"),
            fact(
                K.MEDICATION,
                "Acetaminophen",
                status=S.ACTIVE,
                dose="120 mg",
                frequency="Q6H PRN",
                reason="fever",
            ),
            fact(K.RESULT, "Leukocyte esterase, urine", value="3+", flag="A", time="2026-03-01"),
            fact(
                K.RESULT,
                "C-reactive protein",
                value="74",
                unit="mg/L",
                flag="H",
                range_="<5",
                time="2026-03-01",
            ),
            fact(K.RESULT, "Cerebrospinal fluid culture", value="No growth", time="2026-03-03"),
            fact(
                K.VITAL_SIGN, "Body temperature", value="39.8", unit="Cel", flag="H", time="2026-03-01T22:05"
            ),
            fact(K.VITAL_SIGN, "Body weight", value="8.1", unit="kg", time="2026-03-01"),
        ],
        {
            "Ward note": (
                "8 mo uncircumcised boy with 3 days of fever to 103 F and poor feeding. One episode of vomiting, no diarrhea."
                " LP done, CSF clear. Renal US: mild right hydronephrosis, left kidney normal. Afebrile x 36 h. VCUG in 4"
                " weeks. Taking 4 oz formula every 3 h. Immunizations up to date. Father had reflux as a child."
            ),
        },
    ),
}

RIGHT = """
bypass | F1 F12 | He has three-vessel coronary disease and underwent triple bypass surgery on February 16, 2026.
bypass | F2 | Atrial fibrillation after surgery resolved by February 20.
bypass | F2 N1 | Postoperative AF converted to sinus rhythm with IV amiodarone.
bypass | F3 | No stroke occurred.
bypass | F4 | Mediastinitis has been ruled out.
bypass | F5 | Peripheral artery disease is on the differential.
bypass | F6 | He is severely allergic to heparin, which caused thrombocytopenia.
bypass | F7 | Baby aspirin 81 mg every day.
bypass | F8 | Amiodarone 200 mg twice a day for four weeks.
bypass | F9 | Metoprolol tartrate 25 mg BID.
bypass | F9 | Beta-blocker therapy: metoprolol 25 mg every 12 hours.
bypass | F10 | Clopidogrel was stopped on 2/10/2026 ahead of surgery.
bypass | F11 | Oxycodone 5 mg every 4 hours as needed for pain.
bypass | F11 | Opioid pain relief with oxycodone 5 mg as needed.
bypass | F13 | Hematocrit was low at 27.6%.
bypass | F13 | He was anemic (hematocrit 27.6%).
bypass | F14 | Troponin T peaked at 0.42 ng/mL at 6 PM on the day of surgery.
bypass | F15 | MRSA screening was negative.
bypass | F16 | Heart rate 72 beats per minute.
bypass | N1 | Ejection fraction was 45%.
bypass | N1 | He was extubated on the day of surgery, and chest tubes came out on postoperative day 2.
bypass | N1 | There was no bleeding or wound infection.
bypass | N1 | The vein harvest site on the left leg is slightly swollen but not draining.
bypass | N1 | He may not drive for six weeks.
bypass | N1 | Former smoker; quit in 2010.
bypass | N1 | Referred to cardiac rehabilitation.
hiv | F1 | She has been living with HIV since 2014.
hiv | F1 F11 F12 | HIV is well controlled, with a CD4 count of 612 and an undetectable viral load.
hiv | F2 F8 | Latent TB was treated with isoniazid from April 2016 to January 2017.
hiv | F3 | She does not have hepatitis C.
hiv | F4 F9 | Depression is treated with escitalopram 10 mg daily.
hiv | F5 | Abacavir hypersensitivity: do not use.
hiv | F6 | No food allergies.
hiv | F7 | Biktarvy, one tablet daily.
hiv | F7 | Antiretroviral therapy is bictegravir/emtricitabine/tenofovir once a day.
hiv | F10 | Bactrim prophylaxis was stopped because the CD4 count is above 200.
hiv | F11 | CD4 count 612 cells/µL is in the normal range.
hiv | F13 | Syphilis testing was negative.
hiv | F14 | Chlamydia was detected on February 9, 2026.
hiv | F14 N1 | Chlamydia infection is being treated with doxycycline 100 mg twice daily for seven days.
hiv | F15 | ALT is mildly elevated at 61 U/L.
hiv | F16 | She received the pneumococcal conjugate vaccine on September 30, 2025.
hiv | F17 | The shingles vaccine has not been given; she prefers to wait.
hiv | N1 | She misses roughly one dose per month.
hiv | N1 | She has had no fevers, night sweats or weight loss.
hiv | N1 | She is not pregnant and uses condoms.
hiv | N1 | PHQ-9 improved from 11 to 6, and she denies suicidal ideation.
hiv | N1 | There is mild right upper quadrant tenderness.
hiv | N1 | Liver tests will be repeated in six weeks.
hiv | N1 | She drinks alcohol socially and does not use drugs.
infant | F1 | An 8-month-old boy with a urinary tract infection.
infant | F2 | Vesicoureteral reflux is suspected.
infant | F3 | Dehydration has resolved.
infant | F4 F12 | Meningitis was ruled out, and the CSF culture showed no growth.
infant | F5 | He is not allergic to amoxicillin.
infant | F6 | Cow's milk protein allergy causes bloody stools.
infant | F7 | Cephalexin 3 mL every 8 hours for ten days.
infant | F8 | He received ceftriaxone 50 mg/kg.
infant | F9 | Tylenol 120 mg every six hours as needed for fever.
infant | F10 | Urine leukocyte esterase was 3+.
infant | F11 | CRP was elevated at 74 mg/L.
infant | F13 | His temperature was 39.8 °C at 22:05.
infant | F14 | Weight 8.1 kg.
infant | N1 | He had three days of fever up to 103 °F with poor feeding.
infant | N1 | He vomited once and had no diarrhea.
infant | N1 | Ultrasound showed mild hydronephrosis on the right; the left kidney was normal.
infant | N1 | He has been afebrile for 36 hours.
infant | N1 | A VCUG is planned in 4 weeks.
infant | N1 | He is taking 4 ounces of formula every three hours.
infant | N1 | His father had reflux in childhood.
infant | N1 | His vaccines are up to date.
"""

WRONG = """
negation | bypass | F3 | He had a stroke.
negation | bypass | F4 | Mediastinitis was confirmed.
negation | bypass | F6 | He has no heparin allergy.
negation | bypass | F15 | The MRSA screen was positive.
negation | bypass | N1 | His course was complicated by bleeding.
negation | bypass | N1 | He developed a wound infection.
negation | bypass | N1 | There is drainage from the harvest site.
negation | bypass | F9 | He is not on metoprolol.
negation | bypass | F1 | He does not have coronary artery disease.
negation | hiv | F3 | She has hepatitis C.
negation | hiv | F12 | HIV RNA was detected.
negation | hiv | F13 | Syphilis antibody was reactive.
negation | hiv | F14 | Chlamydia was not detected.
negation | hiv | F17 | She received the zoster vaccine.
negation | hiv | F16 | The pneumococcal vaccine was not given.
negation | hiv | N1 | She reports fevers and night sweats.
negation | hiv | N1 | She is pregnant.
negation | hiv | N1 | She endorses SI.
negation | hiv | F5 | She has no allergy to abacavir.
negation | hiv | F4 | She denies depression.
negation | infant | F4 | He has meningitis.
negation | infant | F5 | He is allergic to amoxicillin.
negation | infant | F12 | The CSF culture grew bacteria and showed growth.
negation | infant | N1 | He had diarrhea.
negation | infant | F6 | He has no milk allergy.
negation | infant | F1 | There is no urinary tract infection.
negation | infant | N1 | No hydronephrosis was seen.
number | bypass | F8 | Amiodarone 400 mg twice a day.
number | bypass | F14 | Troponin T was 4.2 ng/mL.
number | bypass | F13 | Hematocrit was 37.6%.
number | bypass | F16 | Heart rate was 27.
number | bypass | N1 | Ejection fraction was 54%.
number | bypass | F11 | Oxycodone 5 mg every 2 hours as needed.
number | hiv | F11 | CD4 count was 216.
number | hiv | F15 | ALT was 610 U/L.
number | hiv | N1 | Doxycycline 200 mg twice daily.
number | hiv | F1 | HIV since 2004.
number | infant | F7 | Cephalexin 30 mL every 8 hours.
number | infant | F9 | Acetaminophen 120 g every 6 hours as needed.
number | infant | F14 | Weight 18 kg.
number | infant | F13 | Temperature 38.9 °C.
number | infant | N1 | Fever to 105 F for 3 days.
drug | bypass | F8 | Amlodipine 200 mg twice a day.
drug | bypass | F9 | Metoprolol succinate 25 mg twice a day.
drug | bypass | F10 | Ticagrelor was stopped.
drug | bypass | F6 | He is allergic to enoxaparin.
drug | hiv | F7 | Dolutegravir and lamivudine, one tablet daily.
drug | hiv | F9 | Citalopram 10 mg daily.
drug | hiv | F8 | She completed rifampin.
drug | infant | F7 | Cefixime 3 mL every 8 hours.
drug | infant | F8 | He received cefotaxime.
drug | infant | F9 | Ibuprofen 120 mg every 6 hours as needed.
invented | bypass | F1 | Coronary artery disease with heart failure.
invented | hiv | F1 | HIV with Kaposi sarcoma.
invented | infant | F1 | Urinary tract infection and pneumonia.
side | bypass | N1 | The right leg harvest site is swollen.
side | infant | N1 | Mild left hydronephrosis.
status | bypass | F10 | He takes clopidogrel.
status | hiv | F10 | She takes trimethoprim-sulfamethoxazole.
status | bypass | F2 | He is currently in atrial fibrillation.
"""

FIFTH = Round("fifth", PATIENTS, RIGHT, WRONG)
