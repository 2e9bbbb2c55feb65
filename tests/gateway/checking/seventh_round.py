"""Two more patients, written after the sixth round, first judged by the rules and then learned from."""

from tests.gateway.backends.extractive.making import K, S, fact
from tests.gateway.checking.patients import C, patient
from tests.gateway.checking.rounds import Round

PATIENTS = {
    "graft": patient(
        "male",
        "1977-04-25",
        [
            fact(K.CONDITION, "Kidney transplant status", status=S.ACTIVE, time="2021-08"),
            fact(K.CONDITION, "Cytomegalovirus infection", status=S.RESOLVED, time="2022", end="2022-05"),
            fact(K.CONDITION, "Acute rejection of renal transplant", negated=True, certainty=C.REFUTED),
            fact(K.CONDITION, "Squamous cell carcinoma of skin of scalp", status=S.ACTIVE, time="2026-01-20"),
            fact(K.ALLERGY, "Azathioprine", status=S.ACTIVE, reaction="Pancreatitis"),
            fact(K.ALLERGY, "known latex allergy", negated=True),
            fact(K.MEDICATION, "Tacrolimus", status=S.ACTIVE, dose="3 mg", frequency="BID"),
            fact(
                K.MEDICATION, "Mycophenolate mofetil", status=S.ACTIVE, dose="500 mg", frequency="twice a day"
            ),
            fact(K.MEDICATION, "Prednisone", status=S.ACTIVE, dose="5 mg", frequency="daily"),
            fact(K.MEDICATION, "Valganciclovir", status=S.STOPPED, end="2022-06"),
            fact(K.MEDICATION, "Amlodipine", status=S.ON_HOLD, dose="5 mg", reason="leg swelling"),
            fact(
                K.RESULT,
                "Tacrolimus level",
                value="11.8",
                unit="ng/mL",
                flag="H",
                range_="5.0-8.0",
                time="2026-03-06T07:40",
            ),
            fact(
                K.RESULT,
                "Creatinine",
                value="1.9",
                unit="mg/dL",
                flag="H",
                range_="0.7-1.3",
                time="2026-03-06",
            ),
            fact(
                K.RESULT,
                "Potassium",
                value="5.7",
                unit="mmol/L",
                flag="H",
                range_="3.5-5.1",
                time="2026-03-06",
            ),
            fact(K.RESULT, "BK virus DNA", value="Not detected", time="2026-03-06"),
            fact(K.PROCEDURE, "Biopsy of transplanted kidney", status=S.COMPLETED, time="2026-03-08"),
            fact(K.PROCEDURE, "Mohs surgery", status=S.PLANNED, time="2026-04-14"),
        ],
        {
            "Transplant clinic": (
                "48M 4.5 y post DDKT. Cr 1.9 (baseline 1.4) after starting diltiazem 120 mg for palpitations 3 wks ago, likely"
                " interaction. Reduce tacrolimus to 2 mg BID, repeat trough in 5 days. No graft tenderness, no fever. Urinating"
                " 2 L/day. Trace ankle edema. Biopsy without rejection. Avoid potassium-rich foods. Home BP 130s/80s."
            ),
        },
    ),
    "obs": patient(
        "female",
        "1973-08-16",
        [
            fact(K.CONDITION, "Chest pain, unspecified", status=S.ACTIVE, time="2026-03-12T17:00"),
            fact(K.CONDITION, "Iron deficiency anemia due to menorrhagia", status=S.ACTIVE),
            fact(K.CONDITION, "Uterine fibroids", status=S.ACTIVE),
            fact(K.CONDITION, "Aortic dissection", negated=True, certainty=C.REFUTED),
            fact(K.CONDITION, "Migraine with aura", status=S.ACTIVE),
            fact(K.ALLERGY, "Sumatriptan", status=S.ACTIVE, reaction="Chest tightness"),
            fact(K.ALLERGY, "Bee venom", status=S.RESOLVED),
            fact(K.MEDICATION, "Topiramate", status=S.ACTIVE, dose="50 mg", frequency="nightly"),
            fact(K.MEDICATION, "Norethindrone", status=S.ACTIVE, dose="5 mg", frequency="daily"),
            fact(
                K.MEDICATION,
                "Iron sucrose",
                status=S.COMPLETED,
                dose="200 mg",
                category="administration",
                time="2026-03-13",
            ),
            fact(K.MEDICATION, "Nitroglycerin", negated=True, status=S.NOT_DONE),
            fact(
                K.RESULT,
                "Troponin I, high sensitivity",
                value="<3",
                unit="ng/L",
                range_="<14",
                time="2026-03-12T18:05",
            ),
            fact(K.RESULT, "D-dimer", value="0.31", unit="mg/L", flag="N", range_="<0.50", time="2026-03-12"),
            fact(
                K.RESULT,
                "Hemoglobin",
                value="8.2",
                unit="g/dL",
                flag="L",
                range_="12.0-15.5",
                time="2026-03-12",
            ),
            fact(
                K.RESULT,
                "Mean corpuscular volume",
                value="71",
                unit="fL",
                flag="L",
                range_="80-100",
                time="2026-03-12",
            ),
            fact(K.PROCEDURE, "Exercise stress echocardiogram", status=S.COMPLETED, time="2026-03-13"),
            fact(K.VITAL_SIGN, "Blood pressure", value="126/74", unit="mm[Hg]", time="2026-03-12"),
        ],
        {
            "Observation note": (
                "52F with left-sided pressure-like CP radiating to the jaw, onset at rest, lasted 20 min. No diaphoresis or"
                " dyspnea. ECG NSR, no ST changes. Stress echo: no inducible ischemia, EF 60%. ASA 325 mg given once. LDL 118."
                " Heavy periods for 6 months, soaks 8 pads a day. Gyn referral for endometrial biopsy. DC home, PCP in 1 week."
            ),
        },
    ),
}

RIGHT = """
graft | F1 | He received a kidney transplant in August 2021.
graft | F1 N1 | He is a 48-year-old man four and a half years after a deceased donor kidney transplant.
graft | F2 F10 | A CMV infection in 2022 resolved, and valganciclovir was stopped in June 2022.
graft | F3 F16 N1 | The transplant biopsy on March 8 showed no rejection.
graft | F3 | Acute rejection was ruled out.
graft | F4 F17 | Mohs surgery is planned on April 14 for a squamous cell skin cancer of the scalp.
graft | F5 | Azathioprine caused pancreatitis.
graft | F6 | He has no latex allergy.
graft | F7 F8 F9 | Immunosuppression consists of tacrolimus 3 mg twice daily, mycophenolate 500 mg twice daily, and prednisone 5 mg daily.
graft | F7 N1 | Tacrolimus is being reduced from 3 mg to 2 mg twice daily.
graft | F11 | Amlodipine 5 mg is on hold because of leg swelling.
graft | F12 | The tacrolimus trough was high at 11.8 ng/mL.
graft | F12 N1 | The tacrolimus level rose after diltiazem was started, which is likely an interaction.
graft | F13 N1 | Creatinine has gone up to 1.9 from a baseline of 1.4 mg/dL.
graft | F14 | He has hyperkalemia, with a potassium of 5.7 mmol/L.
graft | F15 | BK virus was not detected.
graft | F15 | BK virus PCR was negative.
graft | N1 | He has no fever or tenderness over the graft.
graft | N1 | Diltiazem 120 mg was started three weeks ago for palpitations.
graft | N1 | There is trace ankle swelling, and urine output is about 2 liters a day.
graft | N1 | A repeat tacrolimus trough is due in five days.
graft | N1 | He was advised to avoid foods rich in potassium.
graft | F13 F14 N1 | His kidney function and potassium need close follow-up.
obs | F1 N1 | She presented with left-sided chest pressure radiating to the jaw that lasted 20 minutes.
obs | F2 F14 | Iron deficiency anemia from heavy menstrual bleeding, with a hemoglobin of 8.2 g/dL.
obs | F14 F15 | She has a microcytic anemia (hemoglobin 8.2, MCV 71).
obs | F3 | She has uterine fibroids.
obs | F4 | Aortic dissection was excluded.
obs | F5 F8 | Migraine with aura is managed with topiramate 50 mg nightly.
obs | F6 | She had chest tightness with sumatriptan.
obs | F7 | Her bee venom allergy has resolved.
obs | F9 | Norethindrone 5 mg daily.
obs | F10 | She was given iron sucrose 200 mg intravenously on March 13, 2026.
obs | F11 | Nitroglycerin was not given.
obs | F12 | High-sensitivity troponin was below 3 ng/L.
obs | F12 F13 | Troponin and D-dimer were both normal.
obs | F13 | D-dimer 0.31 mg/L, within the reference range.
obs | F16 N1 | A stress echocardiogram showed no ischemia and an ejection fraction of 60%.
obs | F17 | Blood pressure was 126/74.
obs | N1 | She had no sweating or shortness of breath.
obs | N1 | The ECG showed normal sinus rhythm without ST changes.
obs | N1 | She received a single dose of aspirin 325 mg.
obs | N1 | Her periods have been heavy for six months, requiring 8 pads a day.
obs | N1 | She was referred to gynecology for an endometrial biopsy.
obs | N1 | She was discharged home with primary care follow-up in one week.
obs | N1 | LDL cholesterol was 118.
"""

WRONG = """
negation | graft | F3 | He has acute rejection of the transplant.
negation | graft | F6 | He is allergic to latex.
negation | graft | F15 | BK virus was detected.
negation | graft | N1 | He has a fever and graft tenderness.
negation | graft | N1 | The biopsy showed rejection.
negation | graft | F5 | He tolerates azathioprine.
negation | graft | F7 | He is not taking tacrolimus.
negation | graft | F4 | He does not have skin cancer.
negation | obs | F4 | She has an aortic dissection.
negation | obs | F11 | Nitroglycerin was given.
negation | obs | N1 | She had diaphoresis and dyspnea.
negation | obs | N1 | The ECG showed ST changes.
negation | obs | N1 | The stress echo showed inducible ischemia.
negation | obs | F3 | No fibroids were found.
negation | obs | F5 | She denies migraines.
negation | obs | F6 | She has no known drug allergies.
negation | obs | F10 | Iron sucrose was not given.
number | graft | F12 | The tacrolimus level was 8.8 ng/mL.
number | graft | F14 | Potassium was 7.5 mmol/L.
number | graft | F9 | Prednisone 50 mg daily.
number | graft | N1 | Repeat the trough in 15 days.
number | graft | F17 | Mohs surgery is planned on May 14, 2026.
number | obs | F14 | Hemoglobin was 2.8 g/dL.
number | obs | F12 | Troponin was 3 ng/L.
number | obs | F13 | D-dimer was 3.1 mg/L.
number | obs | N1 | Aspirin 81 mg was given once.
number | obs | F10 | Iron sucrose 200 mcg was given.
drug | graft | F7 F8 F9 | Immunosuppression consists of tacrolimus, azathioprine, and prednisone.
drug | graft | F7 | Sirolimus 3 mg twice daily.
drug | graft | N1 | Verapamil was started for palpitations.
drug | graft | F10 | Valacyclovir was stopped in June 2022.
drug | obs | F8 | Tiagabine 50 mg nightly.
drug | obs | F6 | Chest tightness with rizatriptan.
drug | obs | N1 | She received clopidogrel once.
invented | graft | F1 | Kidney transplant for polycystic kidney disease with gout.
invented | obs | F1 | Chest pain due to pericarditis.
status | graft | F10 | He takes valganciclovir.
status | graft | F11 | He takes amlodipine 5 mg.
status | graft | F2 | He has a CMV infection.
"""

SEVENTH = Round("seventh", PATIENTS, RIGHT, WRONG)
