"""More statements over the same patients, written after the rules, first judged by them and then learned from."""

from tests.gateway.checking.patients import PATIENTS
from tests.gateway.checking.rounds import Round

RIGHT = """
heart | F1 | Penicillin allergy: moderate hives.
heart | F2 | ACE inhibitor intolerance (angioedema with lisinopril, 04/2019).
heart | F3 F4 F5 | Past medical history is notable for systolic heart failure, hypertension, and diabetes.
heart | F7 F8 F10 | Home medications: furosemide 40 mg BID, metoprolol succinate 50 mg daily, and metformin 1000 mg BID.
heart | F11 F12 | Labs on 3/12/2026 showed potassium 3.2 mmol/L (low) and creatinine 1.84 mg/dL (high).
heart | F12 | Renal function was impaired, with a creatinine of 1.84.
heart | F13 | Markedly elevated BNP of 1250.
heart | F9 | Not currently on warfarin; it was stopped in 2016.
heart | F14 F15 | Vitals: BP 148/92 mmHg, weight 94.5 kg.
heart | F16 | Influenza vaccination was refused.
heart | N1 | Symptoms began about 5 days earlier after he ran out of his furosemide.
heart | N1 | The patient has gained 8 pounds.
heart | N1 | EF is 30%.
heart | N1 | He is an active smoker at 1 pack per day.
heart | N2 | He will receive furosemide 80 mg IV BID.
heart | N2 | KCl 40 mEq was ordered once.
heart | N2 | Follow-up: cardiology in 2 weeks; BMP on 03/14/2026.
heart | N3 | JVP is 12 cm with bibasilar crackles.
heart | N3 | Legs show 2+ edema bilaterally.
heart | F6 N3 | Prior left leg DVT; the left calf is not tender now.
heart | N1 N3 | He is volume overloaded, with edema and worsening dyspnea, but reports no chest pain.
heart | F5 F10 N2 | His diabetes is managed with metformin, which is being held.
lung | F1 | There are no known allergies on record.
lung | F2 N1 | Diagnosis: right lower lobe pneumonia.
lung | F3 N1 | COPD exacerbation was treated with prednisone.
lung | F4 N1 | PE was excluded by CT.
lung | F6 F7 | She received ceftriaxone 1 g IV q24h plus azithromycin 500 mg daily.
lung | F8 N1 | She continues prednisone 40 mg daily for 5 days.
lung | F9 F10 | Inhalers: tiotropium 18 mcg daily and albuterol 2 puffs every 4 hours as needed.
lung | F11 F12 | WBC 15.8 (elevated) with a normal lactate of 1.9 mmol/L.
lung | F13 F14 | Flu A negative; blood cultures without growth at 48 hours.
lung | F15 F16 | On arrival she was febrile at 38.9 °C and her oxygen saturation was 88%.
lung | F16 | Temp 38.9°C (high).
lung | N1 | By 3/2 she no longer needed oxygen.
lung | N1 | She did not require intubation.
lung | N2 | Quit smoking in 2005 after 40 pack-years.
lung | N2 | No alcohol use.
lung | PV1[1] N1 | The patient was hospitalized from 2/27/2026 to 3/3/2026 and went home.
lung | F5 | Osteoporosis remains active.
surgery | F1 F2 | Intolerances: codeine causes vomiting, latex causes dermatitis.
surgery | F3 N1 | Non-perforated acute appendicitis was found.
surgery | F5 N1 | She underwent an uncomplicated laparoscopic appendectomy.
surgery | F6 F7 | Pain control with ibuprofen 600 mg every 6 hours and acetaminophen 650 mg every 6 hours as needed.
surgery | F8 | For nausea: ondansetron 4 mg every 8 hours as needed.
surgery | F9 | The patient refused oxycodone.
surgery | F10 | Hgb 12.1 g/dL, within normal limits.
surgery | F11 | Pregnancy was ruled out before surgery.
surgery | F12 | Return to surgery clinic on 1/22/2026 at 10:30.
surgery | N1 | Blood loss was about 20 mL.
surgery | N1 | She received a dose of cefazolin (2 g) preoperatively.
surgery | N2 | Avoid lifting over 10 pounds for 4 weeks.
surgery | N2 | Seek care for a temperature above 101.5 F.
surgery | F4 | Asthma (inactive).
kidney | F1 F12 | CKD stage 3 with an eGFR of 36.
kidney | F5 | Do not give sulfamethoxazole-trimethoprim: severe rash.
kidney | F6 | No shellfish allergy.
kidney | F7 F2 | Gout is treated with allopurinol 100 mg daily.
kidney | F8 F16 | On amlodipine 10 mg; systolic BP 152 mmHg.
kidney | F9 F10 | Colchicine is on hold and naproxen was stopped.
kidney | F11 N1 | Creatinine 2.1 mg/dL, up from 1.6.
kidney | F13 | Hyperuricemia at 9.4 mg/dL.
kidney | F14 | HBsAg is non-reactive.
kidney | F14 | Hepatitis B surface antigen testing was negative.
kidney | F15 | Proteinuria, with a protein/creatinine ratio above 3.0 g/g.
kidney | F3 | He passed a kidney stone in 2021.
kidney | N1 | NSAIDs are to be avoided.
kidney | N1 | A renal ultrasound with duplex is planned to look for renal artery stenosis.
kidney | N1 | Follow up with nephrology in one month.
newborn | F1 F3 | Birth weight 3250 g; hepatitis B vaccine given on 3/10/2026.
newborn | F2 F4 | Jaundice with a bilirubin of 11.4 mg/dL (high).
newborn | N1 | Delivered by cesarean at 39 weeks for breech position.
newborn | N1 | Apgars were 8 and 9.
newborn | N1 | The mother tested GBS negative.
newborn | N1 | Hearing screen passed on both sides.
mind | F1 F4 | Recurrent major depressive disorder treated with sertraline 100 mg every morning.
mind | F3 | Seizure disorder: denied.
mind | F5 | Trazodone 50 mg at bedtime.
mind | F6 | Bupropion has been discontinued.
mind | F7 | Unconfirmed amoxicillin allergy (rash as a child).
mind | F8 | PHQ-9: 14.
mind | F9 | Nonsmoker.
mind | F10 | Thyroid function is normal (TSH 2.35).
mind | N1 | No suicidal ideation.
mind | N1 | Alcohol: about two glasses of wine weekly.
mind | N1 F8 | Depression is improving: PHQ-9 was 18 and is now 14.
stroke | F1 N1 | Left MCA ischemic stroke with right-sided weakness and aphasia.
stroke | F2 F4 | Apixaban for atrial fibrillation is being held.
stroke | F5 F6 | Discharge on aspirin 81 mg daily and atorvastatin 80 mg nightly.
stroke | F7 | He did not receive alteplase.
stroke | F8 | Contrast allergy with anaphylaxis.
stroke | F9 F10 | A1c 6.1% and LDL 142 mg/dL, both above target.
stroke | F13 | DNR order in place.
stroke | N1 | Head CT negative for hemorrhage.
stroke | N1 | No dysphagia on bedside swallow.
stroke | N1 | Thrombectomy was not done.
lab | F1 F2 | Worsening anemia: hemoglobin 9.1 g/dL on 2/20 and 6.8 g/dL on 3/14.
lab | F3 F12 | Iron deficiency (ferritin <5 ng/mL), on ferrous sulfate 325 mg every other day.
lab | F5 F7 | E. coli urinary tract infection, sensitive to nitrofurantoin.
lab | F8 | SARS-CoV-2 RNA was detected.
lab | F10 | Troponin is still pending.
lab | F11 | Two units of red blood cells are to be transfused.
lab | N1 | Right knee MRI: medial meniscal tear, no fracture.
lab | N1 | CT in 6 months is advised for the 8 mm left upper lobe nodule.
"""

WRONG = """
negation | heart | F1 | Penicillin is well tolerated.
negation | heart | F3 | No heart failure.
negation | heart | F16 | Influenza vaccination is up to date; vaccine given.
negation | heart | N1 | Positive for chest pain and syncope.
negation | heart | N1 | He is febrile with a cough.
negation | heart | N1 | No dyspnea was reported.
negation | heart | N3 | No crackles and no edema.
negation | lung | F4 | Imaging confirmed PE.
negation | lung | F1 | She is known to have drug allergies.
negation | lung | F2 | Pneumonia was ruled out.
negation | lung | F13 | Flu A positive.
negation | lung | N1 | She was intubated.
negation | lung | F3 | She denies COPD.
negation | surgery | F9 | Oxycodone was administered.
negation | surgery | F11 | She is pregnant.
negation | surgery | F2 | There is no allergy to latex.
negation | surgery | F5 | The appendectomy was not performed.
negation | surgery | N1 | The appendix was perforated, with complications.
negation | kidney | F6 | Shellfish allergy confirmed.
negation | kidney | F14 | HBsAg is reactive.
negation | kidney | F5 | No allergy to trimethoprim-sulfamethoxazole.
negation | kidney | F2 | Gout was ruled out.
negation | mind | F3 | Seizure disorder, active.
negation | mind | N1 | She endorses suicidal ideation.
negation | mind | F2 | She denies anxiety.
negation | stroke | F3 | Intracranial hemorrhage is present.
negation | stroke | F7 | He was treated with alteplase.
negation | stroke | F2 | Without atrial fibrillation.
negation | stroke | F8 | No contrast allergy.
negation | stroke | N1 | He had a seizure.
negation | lab | N1 | There is a fracture.
negation | newborn | F4 | She has no jaundice.
number | heart | F11 F12 | Labs showed potassium 3.2 mmol/L and creatinine 1.48 mg/dL.
number | heart | F14 F15 | Vitals: BP 184/92 mmHg, weight 94.5 kg.
number | heart | N2 | He will receive furosemide 8 mg IV BID.
number | lung | F11 F12 | WBC 15.8 with a lactate of 9.1 mmol/L.
number | lung | F9 F10 | Tiotropium 80 mcg daily.
number | kidney | F1 F12 | CKD stage 3 with an eGFR of 39.
number | kidney | F8 F16 | Amlodipine 100 mg.
number | mind | F5 | Trazodone 500 mg at bedtime.
number | stroke | F9 F10 | A1c 6.1% and LDL 124 mg/dL.
number | lab | F1 F2 | Hemoglobin fell from 9.1 to 6.3 g/dL.
number | surgery | N1 | Cefazolin 20 g was given.
number | newborn | F1 F3 | Birth weight 325 g.
drug | heart | F7 F8 F10 | Home medications: furosemide, metoprolol, and glipizide.
drug | heart | F8 | Propranolol 50 mg daily.
drug | lung | F6 F7 | She received cefepime plus azithromycin.
drug | lung | F8 | She continues dexamethasone daily for 5 days.
drug | surgery | F6 F7 | Pain control with ibuprofen and tramadol.
drug | kidney | F9 F10 | Colchicine is on hold and meloxicam was stopped.
drug | kidney | F7 F2 | Gout is treated with azathioprine.
drug | mind | F1 F4 | Depression treated with fluoxetine.
drug | stroke | F5 F6 | Discharge on aspirin and simvastatin.
drug | stroke | F2 F4 | Dabigatran is being held.
drug | lab | F5 F7 | Sensitive to fosfomycin.
drug | newborn | F3 | Hepatitis B immunoglobulin and ampicillin were given.
"""


SECOND = Round("second", PATIENTS, RIGHT, WRONG)
