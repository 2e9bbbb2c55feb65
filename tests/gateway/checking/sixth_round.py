"""Longer sentences over all patients, written after the fifth round, first judged by the rules and then learned from."""

from tests.gateway.checking.fifth_round import FIFTH
from tests.gateway.checking.fourth_round import FOURTH
from tests.gateway.checking.patients import PATIENTS
from tests.gateway.checking.rounds import Round
from tests.gateway.checking.third_round import MORE_PATIENTS

RIGHT = """
heart | F3 F13 N1 | The patient was admitted with acute on chronic systolic heart failure, supported by a BNP of 1250 pg/mL and a week without furosemide.
heart | F11 N2 | Because his potassium was 3.2 mmol/L, he is receiving a single 40 mEq oral dose of potassium chloride.
heart | F12 F10 N2 | Metformin is held given the creatinine of 1.84 mg/dL.
heart | F1 F2 | Known allergies include penicillin with hives and lisinopril with angioedema.
heart | N1 N3 | On presentation he was short of breath, with 2+ leg edema and crackles, but no chest pain, fever, or cough.
heart | F6 F9 | He was previously treated with warfarin for a left leg DVT, both of which ended in January 2016.
lung | F2 F3 N1 | She was hospitalized for right lower lobe community-acquired pneumonia complicated by a COPD flare.
lung | F15 N1 | She initially required 3 L of oxygen (saturation 88%) but was on room air by March 2.
lung | F6 F7 F8 | Treatment consisted of ceftriaxone, azithromycin, and a course of prednisone 40 mg daily.
lung | F4 F17 | A CT angiogram on February 28 did not show a pulmonary embolism.
lung | F14 | Blood cultures remain negative after 48 hours.
lung | F1 N2 | She has no known allergies and stopped smoking in 2005.
surgery | F3 F5 N1 | She had an uncomplicated laparoscopic appendectomy for acute appendicitis on January 8, with an estimated blood loss of 20 mL.
surgery | F6 F7 F8 F9 | Her discharge medications are ibuprofen, acetaminophen, and ondansetron; she declined oxycodone.
surgery | F12 N2 | She has a clinic visit on January 22 at 10:30 AM, and pathology is pending.
kidney | F1 F11 F12 N1 | His kidney function has worsened, with creatinine rising from 1.6 to 2.1 mg/dL and an eGFR of 36, most likely from NSAID use.
kidney | F9 F10 | Naproxen has been stopped and colchicine is being held because of his kidneys.
kidney | F5 F6 | He has a severe rash with Bactrim; a suspected shellfish allergy was refuted.
kidney | F14 F15 | Hepatitis B surface antigen is nonreactive, and urine protein/creatinine exceeds 3.0.
newborn | F2 F4 N1 | The infant is receiving phototherapy for jaundice, with a bilirubin of 11.4 mg/dL.
newborn | N1 | She was delivered at 39 weeks by cesarean because of breech presentation and is feeding from a bottle every 3 hours.
mind | F1 F2 F4 F5 | Her depression and anxiety are treated with sertraline 100 mg in the morning and trazodone 50 mg at night as needed.
mind | N1 F8 | Although she still reports poor sleep, her PHQ-9 has fallen from 18 to 14, and she denies suicidal thoughts.
mind | F3 F6 | Bupropion was discontinued in November 2025; there is no seizure disorder.
stroke | F1 F2 F4 N1 | He had an acute left MCA stroke in the setting of atrial fibrillation, and apixaban is on hold until day 7.
stroke | F3 F7 N1 | There was no hemorrhage on CT; alteplase was not given because he presented outside the time window, and thrombectomy was not done.
stroke | F5 F6 F10 | With an LDL of 142 mg/dL, he is on atorvastatin 80 mg nightly together with aspirin 81 mg.
lab | F1 F11 | Her hemoglobin is critically low at 6.8 g/dL, and transfusion of 2 units of red cells is planned.
lab | F5 F6 F7 | The urine culture is growing more than 100,000 CFU/mL of E. coli that is resistant to ciprofloxacin but susceptible to nitrofurantoin.
lab | N1 | Imaging of the right knee shows a medial meniscus tear with a small effusion, and there is no fracture.
child | F3 N1 | He came to the emergency department with an asthma exacerbation after two days of coughing and wheezing, without fever.
child | F10 F11 N1 | His oxygen saturation rose from 91% to 96% on room air after three albuterol treatments and dexamethasone 10 mg.
child | F6 F7 | At home he will take prednisolone once a day for 4 more days and fluticasone 2 puffs twice a day.
child | F1 F2 | He has a severe peanut allergy; an earlier reaction to cefdinir (diarrhea) is no longer active.
bleed | F1 F2 F16 N1 | He presented with hematemesis and melena from esophageal varices due to alcoholic cirrhosis and underwent band ligation.
bleed | F11 N1 | With a hemoglobin of 7.4 g/dL he was transfused with three units of packed red blood cells.
bleed | F6 F8 F9 F10 | He is taking pantoprazole 40 mg twice daily and nadolol 20 mg daily; ibuprofen was stopped and lactulose is on hold.
bleed | F3 F14 F15 | Hepatocellular carcinoma was ruled out, and H. pylori testing was negative.
cancer | F1 F10 F11 | She has stage IIB, ER-positive, HER2-negative ductal carcinoma of the right breast.
cancer | F7 F9 N1 | After completing four cycles of chemotherapy she will have a right mastectomy on April 2, followed by letrozole.
cancer | F2 F12 | Her neutropenia has resolved, with a current neutrophil count of 2.9.
trauma | F1 F8 N1 | After falling from her bicycle she has a closed left distal radius fracture, which was reduced and splinted.
trauma | F2 N1 | She sustained a concussion but did not lose consciousness, and head CT was negative.
sepsis | F1 F2 F14 | She developed septic shock from Klebsiella pyelonephritis with bacteremia.
sepsis | F7 F11 F12 F15 | Initially hypotensive at 78/41 with a lactate of 5.3, she required norepinephrine, and her lactate has normalized to 1.4.
sepsis | F8 F9 | Meropenem 1 g every 8 hours continues, and lisinopril remains on hold.
birth | F1 F5 F6 | Severe preeclampsia was managed with magnesium sulfate and labetalol 200 mg three times a day.
birth | F3 F10 N1 | Postpartum hemorrhage of 1200 mL due to atony resolved without transfusion, leaving a hemoglobin of 8.9 g/dL.
hip | F1 F11 | He underwent a right hip hemiarthroplasty for a displaced femoral neck fracture.
hip | F3 F9 | Postoperative delirium has resolved, and haloperidol was discontinued on March 1.
hip | F7 N1 | He is on enoxaparin 40 mg daily through March 28, with no clinical signs of DVT.
clinic | F1 F9 F10 N1 | His type 1 diabetes control has improved, with A1c down from 8.6% to 7.9% and no episodes of DKA since 2017.
clinic | F2 N1 | He has proliferative retinopathy of the left eye and reduced sensation in the right foot.
bypass | F2 F8 N1 | He developed atrial fibrillation after bypass surgery, which converted with amiodarone; he continues 200 mg twice daily for four weeks.
bypass | F6 F10 | He has a severe heparin allergy with thrombocytopenia, and clopidogrel was stopped before surgery.
hiv | F1 F7 F12 | Her HIV is suppressed on Biktarvy, with no detectable RNA.
hiv | F14 N1 | She tested positive for chlamydia and was given doxycycline 100 mg twice daily for one week.
infant | F1 F7 F8 | His urinary tract infection was treated with ceftriaxone and then cephalexin 3 mL every eight hours for 10 days.
infant | F4 N1 | A lumbar puncture was performed and meningitis was excluded.
"""

WRONG = """
negation | heart | F1 F2 | He has no known drug allergies and tolerates penicillin.
negation | heart | N1 N3 | On presentation he had chest pain and fever.
negation | lung | F4 F17 | A CT angiogram on February 28 showed a pulmonary embolism.
negation | lung | F14 | Blood cultures are positive.
negation | surgery | F6 F7 F8 F9 | Her medications are ibuprofen, acetaminophen, and oxycodone, which she takes for pain.
negation | kidney | F5 F6 | He is allergic to both Bactrim and shellfish.
negation | mind | F3 F6 | She has a seizure disorder and bupropion was discontinued.
negation | stroke | F3 F7 | There was intracranial hemorrhage, so alteplase was not given.
negation | stroke | F7 N1 | He was given alteplase and had a thrombectomy.
negation | lab | N1 | The right knee shows a fracture.
negation | child | F3 N1 | He came in with wheezing and fever.
negation | bleed | F3 F14 | He was found to have hepatocellular carcinoma.
negation | cancer | F10 F11 | The tumor is ER-positive and HER2-positive.
negation | trauma | F2 N1 | She had a concussion with loss of consciousness.
negation | sepsis | F8 F9 | She is not on meropenem.
negation | birth | F3 N1 | Postpartum hemorrhage was treated with a transfusion.
negation | hip | F7 N1 | He has signs of DVT.
negation | clinic | F3 F4 | He has celiac disease and no known allergies.
negation | hiv | F12 F13 | Syphilis antibody was positive.
negation | infant | F4 N1 | He was diagnosed with meningitis.
number | heart | F11 N2 | Because his potassium was 2.3 mmol/L he is receiving 40 mEq of potassium chloride.
number | lung | F15 N1 | She initially required 6 L of oxygen.
number | surgery | F5 N1 | Estimated blood loss was 120 mL.
number | kidney | F11 N1 | Creatinine rose from 1.6 to 3.1 mg/dL.
number | stroke | F5 F10 | With an LDL of 142 mg/dL he is on atorvastatin 40 mg nightly.
number | bleed | F11 N1 | He was transfused with five units of packed red blood cells.
number | sepsis | F11 F12 | Lactate has normalized to 0.4 from 5.3.
number | clinic | F9 F10 | A1c is down from 8.6% to 6.9%.
number | bypass | F8 | Amiodarone 200 mg twice daily for eight weeks.
number | infant | F7 | Cephalexin 3 mL every six hours for 10 days.
drug | heart | F10 N2 | Glipizide is held given the creatinine.
drug | lung | F6 F7 F8 | Treatment consisted of ceftriaxone, doxycycline, and prednisone.
drug | kidney | F9 F10 | Naproxen has been stopped and probenecid is being held.
drug | mind | F4 F5 | Her depression is treated with sertraline and mirtazapine.
drug | bleed | F6 F8 | He is taking pantoprazole and propranolol.
drug | birth | F5 F6 | Severe preeclampsia was managed with magnesium sulfate and nifedipine.
drug | hip | F7 | He is on rivaroxaban for prophylaxis.
drug | hiv | F7 | Her HIV is suppressed on Triumeq, which holds dolutegravir.
"""

_ALL = PATIENTS | MORE_PATIENTS | dict(FOURTH.patients) | dict(FIFTH.patients)

SIXTH = Round("sixth", _ALL, RIGHT, WRONG)
