"""Other patients, written after the second round, first judged by the rules and then learned from."""

from tests.gateway.backends.extractive.making import K, S, fact
from tests.gateway.checking.patients import C, patient
from tests.gateway.checking.rounds import Round

MORE_PATIENTS = {
    "child": patient(
        "male",
        "2018-08-21",
        [
            fact(
                K.ALLERGY,
                "Peanut",
                status=S.ACTIVE,
                reaction="Anaphylaxis",
                severity="Severe",
                category="food",
            ),
            fact(K.ALLERGY, "Cefdinir", status=S.INACTIVE, reaction="Diarrhea"),
            fact(
                K.CONDITION,
                "Moderate persistent asthma with acute exacerbation",
                status=S.ACTIVE,
                time="2026-03-13",
            ),
            fact(K.CONDITION, "Atopic dermatitis", status=S.ACTIVE),
            fact(K.CONDITION, "Bronchiolitis", status=S.RESOLVED, time="2019-02", end="2019-02-20"),
            fact(
                K.MEDICATION,
                "Prednisolone 15 mg/5 mL oral solution",
                status=S.ACTIVE,
                dose="10 mL",
                frequency="once a day",
                instructions="for 4 more days",
            ),
            fact(
                K.MEDICATION, "Fluticasone 44 mcg inhaler", status=S.ACTIVE, dose="2 puffs", frequency="BID"
            ),
            fact(
                K.MEDICATION,
                "Epinephrine 0.15 mg auto-injector",
                status=S.ACTIVE,
                frequency="PRN",
                reason="anaphylaxis",
            ),
            fact(K.MEDICATION, "Montelukast 5 mg chewable", status=S.STOPPED, reason="behavior changes"),
            fact(
                K.VITAL_SIGN, "Respiratory rate", value="36", unit="/min", flag="H", time="2026-03-13T19:20"
            ),
            fact(K.VITAL_SIGN, "Oxygen saturation", value="91", unit="%", flag="L", time="2026-03-13T19:20"),
            fact(K.VITAL_SIGN, "Body weight", value="22.7", unit="kg", time="2026-03-13"),
            fact(K.RESULT, "Respiratory syncytial virus RNA", value="Positive", flag="A", time="2026-03-13"),
            fact(K.IMMUNIZATION, "MMR vaccine", status=S.COMPLETED, time="2022-09-01"),
        ],
        {
            "ED note": (
                "7 yo boy with asthma, 2 days of cough and wheeze. No fever. Three albuterol nebs and one dose of"
                " dexamethasone 10 mg given in the ED with good response. CXR clear, no infiltrate. Sats 96% on room air"
                " at discharge. Mom smokes outside. Follow up with PCP in 2-3 days. Never intubated."
            ),
        },
    ),
    "bleed": patient(
        "male",
        "1962-12-05",
        [
            fact(K.CONDITION, "Upper gastrointestinal hemorrhage", status=S.ACTIVE, time="2026-03-01"),
            fact(K.CONDITION, "Cirrhosis of liver due to alcohol", status=S.ACTIVE),
            fact(K.CONDITION, "Hepatocellular carcinoma", negated=True, certainty=C.REFUTED),
            fact(K.ALLERGY, "Morphine", status=S.ACTIVE, reaction="Itching", severity="Mild"),
            fact(K.ALLERGY, "known food allergies", negated=True),
            fact(
                K.MEDICATION,
                "Pantoprazole 40 mg tablet",
                status=S.ACTIVE,
                dose="40 mg",
                frequency="twice a day",
            ),
            fact(K.MEDICATION, "Octreotide", status=S.COMPLETED, dose="50 mcg/h", category="administration"),
            fact(K.MEDICATION, "Nadolol", status=S.ACTIVE, dose="20 mg", frequency="daily"),
            fact(K.MEDICATION, "Ibuprofen", status=S.STOPPED, time="2026-03-01"),
            fact(K.MEDICATION, "Lactulose", status=S.ON_HOLD, dose="30 mL"),
            fact(
                K.RESULT,
                "Hemoglobin",
                value="7.4",
                unit="g/dL",
                flag="LL",
                range_="13.5-17.5",
                time="2026-03-01T03:50",
            ),
            fact(K.RESULT, "INR", value="1.9", flag="H", range_="0.9-1.1", time="2026-03-01"),
            fact(
                K.RESULT,
                "Platelets",
                value="68",
                unit="10*3/uL",
                flag="L",
                range_="150-400",
                time="2026-03-01",
            ),
            fact(
                K.RESULT,
                "Alpha-1-Fetoprotein",
                value="4.2",
                unit="ng/mL",
                flag="N",
                range_="<8.0",
                time="2026-03-02",
            ),
            fact(K.RESULT, "Helicobacter pylori Ag", value="Negative", time="2026-03-03"),
            fact(
                K.PROCEDURE,
                "Upper endoscopy with band ligation of esophageal varices",
                status=S.COMPLETED,
                time="2026-03-01",
            ),
            fact(K.PROCEDURE, "Colonoscopy", negated=True, status=S.NOT_DONE, reason="patient declined"),
        ],
        {
            "Discharge summary": (
                "63 yo man admitted with hematemesis x2 and melena. Transfused 3 units PRBC. EGD: grade III esophageal"
                " varices, 5 bands placed; no gastric ulcer. No hepatic encephalopathy. Mild ascites on ultrasound, not"
                " tapped. Last drink 1 week before admission. Ceftriaxone 1 g daily x 7 days. Repeat EGD in 4 weeks."
            ),
        },
    ),
    "cancer": patient(
        "female",
        "1968-04-11",
        [
            fact(
                K.CONDITION,
                "Invasive ductal carcinoma of right breast",
                status=S.ACTIVE,
                time="2025-10-02",
                stage="IIB",
            ),
            fact(
                K.CONDITION,
                "Chemotherapy-induced neutropenia",
                status=S.RESOLVED,
                time="2026-01-15",
                end="2026-01-24",
            ),
            fact(K.CONDITION, "Hypothyroidism", status=S.ACTIVE),
            fact(K.ALLERGY, "Paclitaxel", status=S.ACTIVE, reaction="Flushing and dyspnea"),
            fact(K.MEDICATION, "Levothyroxine", status=S.ACTIVE, dose="88 mcg", frequency="every morning"),
            fact(K.MEDICATION, "Doxorubicin", status=S.COMPLETED, dose="60 mg/m2"),
            fact(K.MEDICATION, "Letrozole", status=S.PLANNED, dose="2.5 mg", frequency="daily"),
            fact(
                K.MEDICATION,
                "Ondansetron",
                status=S.ACTIVE,
                dose="8 mg",
                frequency="Q8H PRN",
                reason="nausea",
            ),
            fact(K.PROCEDURE, "Right mastectomy", status=S.PLANNED, time="2026-04-02"),
            fact(K.RESULT, "Estrogen receptor", value="Positive (95%)"),
            fact(K.RESULT, "HER2", value="Negative"),
            fact(
                K.RESULT,
                "Neutrophils",
                value="2.9",
                unit="10*3/uL",
                flag="N",
                range_="1.8-7.7",
                time="2026-03-10",
            ),
            fact(K.RESULT, "Left ventricular ejection fraction", value="58", unit="%", time="2026-02-20"),
            fact(K.FAMILY_HISTORY, "Breast cancer", relationship="mother", onset="52"),
            fact(K.FAMILY_HISTORY, "Ovarian cancer", negated=True),
        ],
        {
            "Oncology visit": (
                "57 year old woman, cycle 4 of AC completed 3/3/2026. Tolerating well apart from fatigue. No fevers, no"
                " neuropathy. Right breast mass decreased from 3.4 cm to 1.8 cm. No palpable axillary nodes. Left breast"
                " normal. Plan right mastectomy April 2, then letrozole. BRCA1 and BRCA2 negative."
            ),
        },
    ),
    "trauma": patient(
        "female",
        "2001-07-19",
        [
            fact(
                K.CONDITION, "Closed fracture of left distal radius", status=S.ACTIVE, time="2026-03-07T16:30"
            ),
            fact(K.CONDITION, "Concussion without loss of consciousness", status=S.ACTIVE, time="2026-03-07"),
            fact(K.CONDITION, "Pregnancy", negated=True),
            fact(K.ALLERGY, "known drug allergies", negated=True),
            fact(
                K.MEDICATION,
                "Hydrocodone 5 mg / acetaminophen 325 mg",
                status=S.ACTIVE,
                dose="1 tablet",
                frequency="every 6 hours as needed",
                quantity="12 tablets",
            ),
            fact(K.MEDICATION, "Tetanus immune globulin", negated=True, status=S.NOT_DONE),
            fact(K.IMMUNIZATION, "Tdap vaccine", status=S.COMPLETED, time="2026-03-07"),
            fact(
                K.PROCEDURE,
                "Closed reduction and splinting of left wrist",
                status=S.COMPLETED,
                time="2026-03-07",
            ),
            fact(K.RESULT, "Ethanol", value="<10", unit="mg/dL", time="2026-03-07"),
            fact(K.VITAL_SIGN, "Heart rate", value="104", unit="/min", flag="H", time="2026-03-07T16:55"),
            fact(K.VITAL_SIGN, "Pain severity", value="7", unit="{score}", time="2026-03-07"),
        ],
        {
            "ED note": (
                "24F fell off bicycle at about 15 mph, helmeted. Denies LOC, neck pain, or vomiting. GCS 15. CT head"
                " negative. C-spine cleared clinically. Left wrist deformity, neurovascularly intact. 4 cm laceration of"
                " right knee closed with 5 sutures. Suture removal in 10 days. Ortho follow up in 1 week."
            ),
        },
    ),
}

RIGHT = """
child | F1 | He has a severe peanut allergy with anaphylaxis.
child | F1 F8 | Because of his peanut anaphylaxis he carries an epinephrine auto-injector (0.15 mg).
child | F2 | A prior cefdinir intolerance (diarrhea) is inactive.
child | F3 | Moderate persistent asthma, now in acute exacerbation.
child | F4 | He also has eczema.
child | F5 | He had bronchiolitis in February 2019.
child | F6 | Prednisolone 10 mL once daily for 4 more days.
child | F7 | Fluticasone 44 mcg, two puffs twice daily.
child | F9 | Montelukast was discontinued due to behavior changes.
child | F10 F11 | He was tachypneic at 36 breaths per minute with an oxygen saturation of 91%.
child | F12 | His weight is 22.7 kg.
child | F13 | RSV testing was positive.
child | F14 | MMR vaccine was given in September 2022.
child | N1 | A 7-year-old boy presented with two days of cough and wheezing.
child | N1 | There was no fever.
child | N1 | In the emergency department he got three albuterol nebulizers and dexamethasone 10 mg.
child | N1 | Chest X-ray was clear without infiltrates.
child | N1 | Oxygen saturation improved to 96% on room air by discharge.
child | N1 | His mother smokes outside the home.
child | N1 | He should see his primary care provider in 2 to 3 days.
child | N1 | He has never required intubation.
bleed | F1 N1 | He was admitted with an upper GI bleed, vomiting blood and passing black stools.
bleed | F2 | Alcoholic cirrhosis.
bleed | F3 | Hepatocellular carcinoma has been ruled out.
bleed | F3 F14 | There is no evidence of liver cancer; AFP is normal at 4.2 ng/mL.
bleed | F4 | Morphine causes mild itching.
bleed | F5 | No known food allergies.
bleed | F6 | Pantoprazole 40 mg twice daily.
bleed | F7 | An octreotide infusion at 50 mcg/h was completed.
bleed | F8 | Nadolol 20 mg once a day for variceal prophylaxis.
bleed | F9 | Ibuprofen was stopped on March 1, 2026.
bleed | F10 | Lactulose is currently on hold.
bleed | F11 | Hemoglobin was critically low at 7.4 g/dL on admission.
bleed | F12 F13 | INR was elevated at 1.9 and platelets were low at 68 K/uL.
bleed | F13 | Thrombocytopenia (68 x10^3/uL).
bleed | F15 | H. pylori antigen was negative.
bleed | F16 | Upper endoscopy with banding of esophageal varices was performed on March 1.
bleed | F17 | Colonoscopy was declined by the patient.
bleed | F17 | He did not have a colonoscopy.
bleed | N1 | He received 3 units of packed red blood cells.
bleed | N1 | Endoscopy showed grade 3 varices, and five bands were placed.
bleed | N1 | No gastric ulcer was seen.
bleed | N1 | There were no signs of hepatic encephalopathy.
bleed | N1 | Ultrasound showed mild ascites, and paracentesis was not performed.
bleed | N1 | He last drank alcohol one week before admission.
bleed | N1 | Ceftriaxone 1 g daily for seven days.
bleed | N1 | Repeat endoscopy is planned in 4 weeks.
cancer | F1 | Stage IIB invasive ductal carcinoma of the right breast, diagnosed October 2, 2025.
cancer | F1 | She has right-sided breast cancer.
cancer | F2 | Neutropenia from chemotherapy in January 2026 has resolved.
cancer | F3 F5 | Hypothyroidism, on levothyroxine 88 mcg every morning.
cancer | F5 | Synthroid 88 micrograms each morning.
cancer | F4 | Paclitaxel caused flushing and shortness of breath.
cancer | F6 | Doxorubicin 60 mg/m2 was completed.
cancer | F7 | Letrozole 2.5 mg daily is planned.
cancer | F8 | Zofran 8 mg every eight hours as needed for nausea.
cancer | F9 | A right mastectomy is scheduled for April 2, 2026.
cancer | F10 F11 | The tumor is estrogen receptor positive (95%) and HER2 negative.
cancer | F12 | Neutrophil count is normal at 2.9.
cancer | F13 | LVEF was 58% on February 20, 2026.
cancer | F14 | Her mother had breast cancer at age 52.
cancer | F15 | There is no family history of ovarian cancer.
cancer | N1 | She completed cycle 4 of AC on March 3, 2026.
cancer | N1 | She has fatigue but no fever or neuropathy.
cancer | N1 | The right breast mass shrank from 3.4 cm to 1.8 cm.
cancer | N1 | No axillary nodes are palpable, and the left breast is normal.
cancer | N1 | BRCA testing was negative.
cancer | N1 F1 | This is a 57-year-old woman with breast cancer.
trauma | F1 | Closed fracture of the left distal radius.
trauma | F1 N1 | She broke her left wrist falling off a bicycle.
trauma | F2 | Concussion, with no loss of consciousness.
trauma | F3 | She is not pregnant.
trauma | F4 | No known drug allergies.
trauma | F5 | Hydrocodone-acetaminophen 5/325 mg, one tablet every 6 hours as needed (12 tablets).
trauma | F5 | For pain: Norco one tablet every six hours as needed.
trauma | F6 | Tetanus immune globulin was not given.
trauma | F7 | Tdap was given on 3/7/2026.
trauma | F8 | The left wrist was reduced and splinted.
trauma | F9 | Blood alcohol was below 10 mg/dL.
trauma | F10 | She was tachycardic with a heart rate of 104.
trauma | F11 | Pain was rated 7 out of 10.
trauma | N1 | She was wearing a helmet and was traveling at about 15 mph.
trauma | N1 | She denies loss of consciousness, neck pain, and vomiting.
trauma | N1 | GCS was 15 and the head CT was negative.
trauma | N1 | A 4 cm laceration of the right knee was closed with five sutures.
trauma | N1 | Sutures should come out in 10 days, with orthopedic follow-up in one week.
trauma | N1 | The left wrist was deformed but neurovascularly intact.
"""

WRONG = """
negation | child | F1 | He is not allergic to peanuts.
negation | child | N1 | He had a fever.
negation | child | N1 | Chest X-ray showed an infiltrate.
negation | child | F13 | RSV was not detected.
negation | child | F14 | The MMR vaccine was not given.
negation | child | N1 | He was intubated in the past.
negation | child | F3 | No history of asthma.
negation | child | F7 | He does not use fluticasone.
negation | bleed | F3 | He has hepatocellular carcinoma.
negation | bleed | F17 | A colonoscopy was performed.
negation | bleed | F15 | H. pylori was positive.
negation | bleed | N1 | A gastric ulcer was found.
negation | bleed | N1 | He has hepatic encephalopathy.
negation | bleed | N1 | No ascites was seen.
negation | bleed | F4 | He has no allergy to morphine.
negation | bleed | F2 | He denies cirrhosis.
negation | cancer | F4 | No known drug allergies.
negation | cancer | F11 | HER2 is positive.
negation | cancer | F10 | The tumor is estrogen receptor negative.
negation | cancer | N1 | She reports neuropathy.
negation | cancer | F15 | There is a family history of ovarian cancer.
negation | cancer | N1 | She has no fatigue.
negation | cancer | F3 | She does not have hypothyroidism.
negation | cancer | F8 | She is not taking ondansetron.
negation | trauma | F3 | She is pregnant.
negation | trauma | F6 | Tetanus immune globulin was given.
negation | trauma | N1 | She reports neck pain and vomiting.
negation | trauma | N1 | She lost consciousness.
negation | trauma | F2 | No concussion.
negation | trauma | F1 | There is no fracture of the radius.
number | child | F6 | Prednisolone 15 mL once daily.
number | child | F10 | Respiratory rate was 63.
number | child | F8 | Epinephrine 1.5 mg auto-injector.
number | child | F7 | Fluticasone 440 mcg, two puffs twice daily.
number | bleed | F11 | Hemoglobin was 4.7 g/dL.
number | bleed | N1 | He received 8 units of packed red cells.
number | bleed | F8 | Nadolol 200 mg daily.
number | bleed | F13 | Platelets were 680 K/uL.
number | cancer | F5 | Levothyroxine 88 mg every morning.
number | cancer | F1 | Stage IV invasive ductal carcinoma of the right breast.
number | cancer | N1 | The mass shrank from 3.4 cm to 0.8 cm.
number | cancer | F9 | Mastectomy is scheduled for May 2, 2026.
number | cancer | F13 | LVEF was 38%.
number | trauma | F5 | One tablet every 4 hours as needed.
number | trauma | F10 | Heart rate of 140.
number | trauma | N1 | Laceration of 14 cm.
number | trauma | F9 | Blood alcohol was 10 g/dL.
number | trauma | F7 | Tdap was given on 3/17/2026.
drug | child | F6 | Prednisone 10 mL once daily.
drug | child | F7 | Budesonide 44 mcg, two puffs twice daily.
drug | child | F9 | Zafirlukast was discontinued.
drug | child | N1 | He received ipratropium and dexamethasone.
drug | bleed | F6 | Omeprazole 40 mg twice daily.
drug | bleed | F8 | Propranolol 20 mg daily.
drug | bleed | F9 | Naproxen was stopped.
drug | bleed | F10 | Rifaximin is on hold.
drug | bleed | N1 | Ciprofloxacin 1 g daily for 7 days.
drug | cancer | F7 | Anastrozole 2.5 mg daily is planned.
drug | cancer | F6 | Daunorubicin was completed.
drug | cancer | F4 | Docetaxel caused flushing.
drug | cancer | F8 | Granisetron 8 mg as needed.
drug | trauma | F5 | Oxycodone-acetaminophen one tablet every 6 hours as needed.
drug | trauma | F5 | Tramadol one tablet every 6 hours as needed.
invented | child | F3 | Asthma exacerbation with pneumonia.
invented | bleed | F1 | Upper GI bleed with acute kidney injury.
invented | cancer | F1 | Breast cancer with bone metastases.
invented | trauma | N1 | Bicycle accident with a rib fracture and pneumothorax.
invented | trauma | F2 | Concussion and subdural hematoma.
side | cancer | F9 | A left mastectomy is planned.
side | cancer | N1 | The left breast mass shrank.
side | trauma | F1 | Closed fracture of the right distal radius.
side | trauma | F1 | Fracture of the left proximal radius.
status | child | F9 | He takes montelukast 5 mg.
status | bleed | F9 | He continues ibuprofen.
status | cancer | F2 | She currently has neutropenia.
status | bleed | F10 | He takes lactulose 30 mL.
"""


THIRD = Round("third", MORE_PATIENTS, RIGHT, WRONG)
