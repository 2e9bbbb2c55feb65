"""Other patients again, written after the third round, first judged by the rules and then learned from."""

from tests.gateway.backends.extractive.making import K, S, fact
from tests.gateway.checking.patients import C, patient
from tests.gateway.checking.rounds import Round

PATIENTS = {
    "sepsis": patient(
        "female",
        "1953-02-17",
        [
            fact(K.CONDITION, "Septic shock", status=S.ACTIVE, time="2026-03-09"),
            fact(K.CONDITION, "Acute pyelonephritis", status=S.ACTIVE),
            fact(K.CONDITION, "Acute kidney injury", status=S.ACTIVE),
            fact(K.CONDITION, "Myocardial infarction", negated=True, certainty=C.REFUTED),
            fact(K.CONDITION, "Breast cancer", status=S.RESOLVED, time="2011", end="2012"),
            fact(K.ALLERGY, "Vancomycin", status=S.ACTIVE, reaction="Red man syndrome", severity="Moderate"),
            fact(
                K.MEDICATION,
                "Norepinephrine",
                status=S.COMPLETED,
                dose="8 mcg/min",
                category="administration",
                end="2026-03-11",
            ),
            fact(
                K.MEDICATION, "Meropenem", status=S.ACTIVE, dose="1 g", frequency="every 8 hours", route="IV"
            ),
            fact(K.MEDICATION, "Lisinopril", status=S.ON_HOLD, dose="20 mg", reason="hypotension"),
            fact(K.MEDICATION, "Insulin glargine", status=S.ACTIVE, dose="14 units", frequency="at bedtime"),
            fact(
                K.RESULT,
                "Lactate",
                value="5.3",
                unit="mmol/L",
                flag="HH",
                range_="0.5-2.2",
                time="2026-03-09T02:10",
            ),
            fact(
                K.RESULT,
                "Lactate",
                value="1.4",
                unit="mmol/L",
                flag="N",
                range_="0.5-2.2",
                time="2026-03-10T06:00",
            ),
            fact(K.RESULT, "Procalcitonin", value="38", unit="ng/mL", flag="H", time="2026-03-09"),
            fact(K.RESULT, "Blood culture", value="Klebsiella pneumoniae", flag="A", time="2026-03-10"),
            fact(K.VITAL_SIGN, "Blood pressure", value="78/41", unit="mm[Hg]", time="2026-03-09T01:55"),
            fact(
                K.PROCEDURE,
                "Central venous catheter placement, right internal jugular vein",
                status=S.COMPLETED,
                time="2026-03-09",
            ),
        ],
        {
            "ICU note": (
                "73F with DM2 admitted from nursing home, febrile to 39.6, altered. Received 30 mL/kg crystalloid."
                " Pressors off since 3/11 at 0400. No chest pain; troponin negative x2. Not intubated. Urine output 45 mL/h."
                " CT: left-sided perinephric stranding, no abscess, no stones. Full code. Daughter updated. Plan 14 days of"
                " antibiotics, PT/OT eval."
            ),
        },
    ),
    "birth": patient(
        "female",
        "1995-10-08",
        [
            fact(K.CONDITION, "Preeclampsia with severe features", status=S.ACTIVE, time="2026-03-05"),
            fact(K.CONDITION, "Gestational diabetes", negated=True),
            fact(K.CONDITION, "Postpartum hemorrhage", status=S.RESOLVED, time="2026-03-06"),
            fact(K.ALLERGY, "Ibuprofen", status=S.ACTIVE, reaction="Wheezing"),
            fact(K.MEDICATION, "Labetalol", status=S.ACTIVE, dose="200 mg", frequency="three times a day"),
            fact(
                K.MEDICATION,
                "Magnesium sulfate",
                status=S.COMPLETED,
                dose="2 g/h",
                category="administration",
                end="2026-03-07",
            ),
            fact(K.MEDICATION, "Ferrous sulfate", status=S.ACTIVE, dose="325 mg", frequency="once a day"),
            fact(K.MEDICATION, "Methylergonovine", negated=True, status=S.NOT_DONE, reason="hypertension"),
            fact(
                K.PROCEDURE,
                "Primary low transverse cesarean section",
                status=S.COMPLETED,
                time="2026-03-06T04:12",
            ),
            fact(
                K.RESULT,
                "Hemoglobin",
                value="8.9",
                unit="g/dL",
                flag="L",
                range_="11.0-15.0",
                time="2026-03-07",
            ),
            fact(
                K.RESULT,
                "Platelets",
                value="96",
                unit="10*3/uL",
                flag="L",
                range_="150-400",
                time="2026-03-06",
            ),
            fact(
                K.RESULT, "Urine protein/creatinine", value="2.8", flag="H", range_="<0.3", time="2026-03-05"
            ),
            fact(K.RESULT, "Group B Streptococcus", value="Negative", time="2026-02-18"),
            fact(K.IMMUNIZATION, "Rho(D) immune globulin", status=S.COMPLETED, time="2026-03-07"),
        ],
        {
            "Postpartum note": (
                "30 yo G1P1 POD 2 after cesarean at 36 weeks 4 days for severe preeclampsia. QBL 1200 mL, uterine atony,"
                " treated with oxytocin and tranexamic acid 1 g. No transfusion. Denies headache, visual changes, RUQ pain."
                " Breastfeeding well. Incision clean, no erythema. BP goal below 150/100. BP check in 72 hours."
            ),
        },
    ),
    "hip": patient(
        "male",
        "1939-06-30",
        [
            fact(
                K.CONDITION, "Displaced fracture of neck of right femur", status=S.ACTIVE, time="2026-02-24"
            ),
            fact(K.CONDITION, "Alzheimer's disease", status=S.ACTIVE),
            fact(
                K.CONDITION, "Postoperative delirium", status=S.RESOLVED, time="2026-02-26", end="2026-03-01"
            ),
            fact(K.CONDITION, "Osteoporosis", status=S.ACTIVE),
            fact(K.CONDITION, "Parkinson's disease", certainty=C.UNCONFIRMED),
            fact(K.ALLERGY, "Sulfonamide antibiotics", status=S.ACTIVE, reaction="Unknown"),
            fact(
                K.MEDICATION,
                "Enoxaparin",
                status=S.ACTIVE,
                dose="40 mg",
                frequency="daily",
                route="subcutaneous",
                instructions="until 2026-03-28",
            ),
            fact(K.MEDICATION, "Donepezil 10 mg", status=S.ACTIVE, dose="10 mg", frequency="QHS"),
            fact(K.MEDICATION, "Haloperidol", status=S.STOPPED, end="2026-03-01"),
            fact(K.MEDICATION, "Alendronate", status=S.PLANNED, dose="70 mg", frequency="once a week"),
            fact(K.PROCEDURE, "Hemiarthroplasty of right hip", status=S.COMPLETED, time="2026-02-25"),
            fact(
                K.RESULT,
                "25-hydroxyvitamin D",
                value="12",
                unit="ng/mL",
                flag="L",
                range_="30-100",
                time="2026-02-26",
            ),
            fact(K.DIRECTIVE, "Healthcare proxy: son", status=S.ACTIVE),
        ],
        {
            "Rehab transfer": (
                "86M fell at home, no head strike, no LOC. Weight bearing as tolerated right leg. Walks 15 feet with a walker"
                " and one-person assist. Foley removed 2/27, voiding. Stage 2 sacral pressure ulcer 2 x 3 cm. Pain controlled"
                " with acetaminophen 1 g TID; no opioids. Staples out POD 14. No signs of DVT."
            ),
        },
    ),
    "clinic": patient(
        "male",
        "1980-01-09",
        [
            fact(K.CONDITION, "Type 1 diabetes mellitus", status=S.ACTIVE, time="1994"),
            fact(K.CONDITION, "Proliferative diabetic retinopathy of left eye", status=S.ACTIVE),
            fact(K.CONDITION, "Celiac disease", negated=True),
            fact(K.ALLERGY, "known allergies", negated=True),
            fact(K.MEDICATION, "Insulin lispro pump", status=S.ACTIVE, dose="42 units/day"),
            fact(K.MEDICATION, "Losartan", status=S.ACTIVE, dose="25 mg", frequency="daily"),
            fact(K.MEDICATION, "Rosuvastatin", status=S.ACTIVE, dose="10 mg", frequency="nightly"),
            fact(K.MEDICATION, "Pramlintide", status=S.STOPPED, reason="nausea"),
            fact(K.RESULT, "Hemoglobin A1c", value="7.9", unit="%", flag="H", time="2026-03-02"),
            fact(K.RESULT, "Hemoglobin A1c", value="8.6", unit="%", flag="H", time="2025-11-28"),
            fact(
                K.RESULT,
                "Microalbumin/creatinine",
                value="18",
                unit="mg/g",
                flag="N",
                range_="<30",
                time="2026-03-02",
            ),
            fact(K.VITAL_SIGN, "BMI", value="27.4", unit="kg/m2", time="2026-03-02"),
            fact(K.IMMUNIZATION, "COVID-19 vaccine", negated=True, status=S.NOT_DONE, reason="declined"),
        ],
        {
            "Endocrine visit": (
                "46 yo man. Two mild lows last month, no severe hypoglycemia, no DKA since 2017. CGM time in range 61%. Foot exam:"
                " sensation reduced in right foot, no ulcers. Increase basal rate overnight from 0.8 to 0.95 units/h. Recheck A1c"
                " in 3 months. Never smoked. Eye exam scheduled 4/15."
            ),
        },
    ),
}

RIGHT = """
sepsis | F1 F2 | She was admitted in septic shock from acute pyelonephritis.
sepsis | F3 | Her course included acute kidney injury.
sepsis | F4 | Myocardial infarction was ruled out.
sepsis | F4 N1 | MI was excluded, with two negative troponins.
sepsis | F5 | She had breast cancer in 2011, now resolved.
sepsis | F6 | Vancomycin reaction: red man syndrome (moderate).
sepsis | F7 N1 | Norepinephrine was weaned off on March 11.
sepsis | F8 | Meropenem 1 g IV every 8 hours is ongoing.
sepsis | F8 | She is receiving a carbapenem, meropenem.
sepsis | F9 | Lisinopril 20 mg has been held for low blood pressure.
sepsis | F10 | Lantus 14 units at bedtime.
sepsis | F11 F12 | Lactate fell from 5.3 to 1.4 mmol/L by March 10.
sepsis | F11 | Initial lactate was critically high at 5.3 mmol/L.
sepsis | F13 | Procalcitonin 38 ng/mL.
sepsis | F14 | Blood cultures grew Klebsiella pneumoniae.
sepsis | F15 | She was hypotensive at 78/41 mmHg on arrival.
sepsis | F16 | A right internal jugular central line was placed on March 9, 2026.
sepsis | N1 | She was febrile to 39.6 with altered mental status.
sepsis | N1 | She was given 30 mL/kg of crystalloid fluid.
sepsis | N1 | There was no chest pain, and she was not intubated.
sepsis | N1 | CT showed perinephric stranding on the left without an abscess or stones.
sepsis | N1 | Code status: full code.
sepsis | N1 | Antibiotics are planned for 14 days.
sepsis | N1 F2 | A 73-year-old woman with type 2 diabetes from a nursing home.
birth | F1 | She was diagnosed with preeclampsia with severe features on March 5, 2026.
birth | F2 | No gestational diabetes.
birth | F3 | Postpartum hemorrhage on March 6 has resolved.
birth | F4 | Ibuprofen should be avoided because it causes wheezing.
birth | F5 | Labetalol 200 mg three times daily.
birth | F5 | Labetalol 200 mg TID for blood pressure.
birth | F6 | Magnesium sulfate 2 g/h was completed on March 7.
birth | F7 | Iron (ferrous sulfate 325 mg) once daily.
birth | F8 | Methylergonovine was withheld because of hypertension.
birth | F9 | A cesarean section was performed at 04:12 on March 6.
birth | F10 | She is anemic, with a hemoglobin of 8.9 g/dL.
birth | F11 | Platelets were low at 96 x10^3/uL.
birth | F12 | Urine protein/creatinine ratio was 2.8.
birth | F13 | GBS was negative.
birth | F14 | Rho(D) immune globulin was given on 3/7/2026.
birth | N1 | Blood loss was 1200 mL from uterine atony.
birth | N1 | She was treated with oxytocin and tranexamic acid 1 g and did not need a transfusion.
birth | N1 | She has no headache, vision changes or right upper quadrant pain.
birth | N1 | The baby was delivered at 36 weeks and 4 days.
birth | N1 | The incision is clean without redness.
birth | N1 | She is breastfeeding.
birth | N1 | Blood pressure should be rechecked in 72 hours; the goal is under 150/100.
hip | F1 | Displaced right femoral neck fracture.
hip | F1 N1 | He broke his right hip in a fall at home.
hip | F2 F4 | He has Alzheimer dementia and osteoporosis.
hip | F3 | Delirium after surgery resolved by March 1.
hip | F5 | Parkinson's disease has been considered but is not confirmed.
hip | F6 | Sulfa allergy (reaction unknown).
hip | F7 | Enoxaparin 40 mg subcutaneously once daily until March 28, 2026.
hip | F7 | He is anticoagulated with Lovenox 40 mg daily for prophylaxis.
hip | F8 | Donepezil 10 mg nightly.
hip | F9 | Haloperidol was stopped on March 1.
hip | F10 | Alendronate 70 mg weekly is planned.
hip | F11 | Right hip hemiarthroplasty on February 25, 2026.
hip | F12 | Vitamin D is low at 12 ng/mL.
hip | F13 | His son is the health care proxy.
hip | N1 | He did not hit his head or lose consciousness.
hip | N1 | He may bear weight as tolerated and walks 15 feet with a walker.
hip | N1 | A stage 2 sacral pressure ulcer measures 2 x 3 cm.
hip | N1 | Pain is managed with acetaminophen 1 g three times a day, without opioids.
hip | N1 | The Foley catheter was removed on February 27 and he is voiding.
hip | N1 | There are no signs of deep vein thrombosis.
clinic | F1 | Type 1 diabetes since 1994.
clinic | F2 | Proliferative retinopathy in the left eye.
clinic | F3 | He does not have celiac disease.
clinic | F4 | No known allergies.
clinic | F5 | Insulin lispro by pump, 42 units per day.
clinic | F6 F7 | Losartan 25 mg daily and rosuvastatin 10 mg at night.
clinic | F8 | Pramlintide was discontinued because of nausea.
clinic | F9 F10 | HbA1c improved from 8.6% in November to 7.9% in March.
clinic | F9 | A1c is 7.9%.
clinic | F11 | Urine albumin is normal (18 mg/g).
clinic | F12 | BMI is 27.4 kg/m2.
clinic | F13 | He declined COVID-19 vaccination.
clinic | N1 | He had two mild episodes of hypoglycemia last month but no severe lows.
clinic | N1 | No diabetic ketoacidosis since 2017.
clinic | N1 | Time in range is 61 percent.
clinic | N1 | Sensation is decreased in the right foot; there are no ulcers.
clinic | N1 | The overnight basal rate will be raised from 0.8 to 0.95 units per hour.
clinic | N1 | Repeat A1c in three months and an eye exam on April 15.
clinic | N1 | He has never been a smoker.
"""

WRONG = """
negation | sepsis | F4 | She had a myocardial infarction.
negation | sepsis | N1 | She was intubated.
negation | sepsis | N1 | CT showed an abscess.
negation | sepsis | N1 | She has chest pain.
negation | sepsis | F6 | She has no known drug allergies.
negation | sepsis | F14 | Blood cultures showed no growth.
negation | sepsis | F3 | There is no acute kidney injury.
negation | sepsis | F8 | She is not receiving meropenem.
negation | birth | F2 | She has gestational diabetes.
negation | birth | F8 | Methylergonovine was given.
negation | birth | F13 | GBS was positive.
negation | birth | N1 | She required a transfusion.
negation | birth | N1 | She reports a headache and visual changes.
negation | birth | F4 | She is not allergic to ibuprofen.
negation | birth | F14 | Rho(D) immune globulin was not given.
negation | birth | F1 | Preeclampsia was ruled out.
negation | hip | N1 | He lost consciousness.
negation | hip | N1 | Opioids are used for pain.
negation | hip | N1 | Signs of DVT are present.
negation | hip | F2 | He does not have Alzheimer's disease.
negation | hip | F6 | He has no allergy to sulfonamides.
negation | hip | F4 | He denies osteoporosis.
negation | clinic | F3 | He has celiac disease.
negation | clinic | F13 | He received the COVID-19 vaccine.
negation | clinic | N1 | He had severe hypoglycemia.
negation | clinic | N1 | Foot ulcers were found.
negation | clinic | N1 | He smokes.
negation | clinic | F2 | No retinopathy.
negation | clinic | F6 | He does not take losartan.
number | sepsis | F11 | Lactate was 3.5 mmol/L.
number | sepsis | F15 | Blood pressure was 87/41 mmHg.
number | sepsis | F10 | Insulin glargine 40 units at bedtime.
number | sepsis | F8 | Meropenem 2 g every 8 hours.
number | sepsis | F8 | Meropenem 1 g every 12 hours.
number | birth | F10 | Hemoglobin was 9.8 g/dL.
number | birth | N1 | Blood loss was 200 mL.
number | birth | F5 | Labetalol 20 mg three times a day.
number | birth | F6 | Magnesium sulfate 2 mg/h.
number | hip | F7 | Enoxaparin 400 mg daily.
number | hip | F12 | Vitamin D was 12 mcg/mL.
number | hip | F10 | Alendronate 70 mg daily is planned.
number | hip | F11 | Hemiarthroplasty on February 15, 2026.
number | clinic | F9 | A1c is 9.7%.
number | clinic | F5 | Insulin lispro 24 units per day.
number | clinic | N1 | The basal rate goes from 0.8 to 9.5 units per hour.
number | clinic | F1 | Type 2 diabetes since 1994.
drug | sepsis | F8 | Ertapenem 1 g IV every 8 hours.
drug | sepsis | F7 | Vasopressin was weaned off.
drug | sepsis | F9 | Losartan 20 mg has been held.
drug | sepsis | F10 | Insulin detemir 14 units at bedtime.
drug | birth | F5 | Metoprolol 200 mg three times a day.
drug | birth | N1 | She was treated with misoprostol.
drug | hip | F7 | Dalteparin 40 mg daily.
drug | hip | F8 | Memantine 10 mg nightly.
drug | hip | F9 | Quetiapine was stopped.
drug | clinic | F7 | Pravastatin 10 mg nightly.
drug | clinic | F8 | Liraglutide was discontinued because of nausea.
invented | sepsis | F1 | Septic shock with pneumonia.
invented | birth | F1 | Preeclampsia complicated by a seizure.
invented | hip | F2 | Alzheimer's disease and depression.
invented | clinic | F1 | Type 1 diabetes with neuropathy and gastroparesis.
side | sepsis | F16 | A left internal jugular line was placed.
side | hip | F11 | Left hip hemiarthroplasty.
side | clinic | F2 | Proliferative retinopathy of the right eye.
status | hip | F9 | He takes haloperidol.
status | sepsis | F9 | She takes lisinopril 20 mg.
status | hip | F3 | He is currently delirious, with postoperative delirium.
"""

FOURTH = Round("fourth", PATIENTS, RIGHT, WRONG)
