"""Right and wrong statements by hand, a third of which was held out while the rules were made."""

from tests.gateway.checking.patients import PATIENTS
from tests.gateway.checking.rounds import Round

RIGHT = """
heart | F1 | The patient is allergic to penicillin, which causes hives.
heart | F2 | Lisinopril caused angioedema in April 2019 and should be avoided.
heart | F1 F2 | Two drug allergies are documented: penicillin (hives) and lisinopril (angioedema).
heart | F3 | He has chronic systolic heart failure, diagnosed on March 12, 2018.
heart | F3 N1 | Known CHF with reduced ejection fraction of 30%.
heart | F4 F5 | Comorbidities include hypertension and type 2 diabetes.
heart | F5 | Diabetes mellitus type II since 2009.
heart | F6 | History of left leg DVT in 2015, resolved by January 2016.
heart | F6 | A prior deep vein thrombosis of the left lower extremity resolved in 2016.
heart | F7 | Furosemide 40 mg by mouth twice daily.
heart | F7 | Takes Lasix 40mg BID.
heart | F8 | Metoprolol succinate 50 mg daily is continued.
heart | F8 | He is on a beta blocker (metoprolol succinate ER 50 mg once daily).
heart | F9 | Warfarin was stopped on January 20, 2016.
heart | F9 | He previously took warfarin 5 mg, which was discontinued in January 2016.
heart | F10 | Metformin 1000 mg is taken two times a day.
heart | F11 | Potassium was low at 3.2 mmol/L on 2026-03-12.
heart | F11 | Hypokalemia: K 3.2 (reference 3.5 to 5.1).
heart | F12 | Creatinine is elevated at 1.84 mg/dL.
heart | F12 | Serum creatinine of 1.84 mg/dL was above the reference range of 0.7-1.3 on 12 March 2026.
heart | F13 | BNP was critically high at 1,250 pg/mL on 03/11/2026.
heart | F13 | Natriuretic peptide B 1250 pg/mL, well above the limit of 100.
heart | F14 | Blood pressure was 148/92 mmHg at 08:00.
heart | F14 | BP 148/92 on March 12.
heart | F15 | Weight 94.5 kg on admission day 2 (March 12, 2026).
heart | F16 | The influenza vaccine was not given in October 2025 because the patient refused it.
heart | F16 | He declined the flu shot on October 15, 2025.
heart | N1 | He presented with five days of worsening shortness of breath on exertion and an 8-pound weight gain.
heart | N1 | He denies chest pain, palpitations, and syncope, and has had no fever or cough.
heart | N1 | No chest pain or fainting.
heart | N1 | He smokes one pack of cigarettes per day.
heart | N1 | He had run out of furosemide the week before.
heart | N2 | Plan: IV furosemide 80 mg twice daily, with daily weights.
heart | N2 | Metformin is on hold while the creatinine remains elevated.
heart | N2 | Potassium chloride 40 mEq by mouth once for repletion.
heart | N2 | Repeat basic metabolic panel on March 14, 2026, and cardiology follow-up in two weeks.
heart | N3 | Exam showed crackles at both bases and 2+ pitting edema in both legs, without a murmur or wheezing.
heart | N3 | There was no tenderness of the left calf.
heart | PV1[1] | Admitted to 4 West on March 11, 2026 for shortness of breath.
heart | F3 N1 PV1[1] | A 67-year-old man with heart failure was admitted with worsening dyspnea.
heart | F7 N2 | Furosemide was increased from 40 mg orally to 80 mg intravenously twice a day.
lung | F1 | No known allergies.
lung | F1 | The patient has no known drug allergies.
lung | F1 | NKDA.
lung | F2 | Admitted on February 27, 2026 with community-acquired pneumonia.
lung | F3 | She also has COPD.
lung | F3 F5 | Other active problems are COPD and osteoporosis.
lung | F4 | Pulmonary embolism was ruled out.
lung | F4 N1 | CT angiography showed no evidence of PE.
lung | F6 | She completed ceftriaxone 1 g IV every 24 hours.
lung | F6 | Received IV ceftriaxone 1 gram once daily.
lung | F7 | Azithromycin 500 mg daily for five days.
lung | F6 F7 | Antibiotics were ceftriaxone and azithromycin.
lung | F8 | Prednisone 40 mg daily for 5 days.
lung | F8 | Oral steroids: prednisone 40 mg once a day.
lung | F9 | Tiotropium 18 micrograms, one inhalation every day.
lung | F10 | Albuterol inhaler, 2 puffs every four hours as needed for wheezing.
lung | F10 | Uses albuterol (90 µg per actuation) two puffs q4h prn.
lung | F11 | White blood cell count was 15.8 K/uL (high).
lung | F11 | Leukocytosis of 15.8 x10^3/µL on 2/27/2026.
lung | F12 | Lactate was normal at 1.9 mmol/L.
lung | F13 | Influenza A was not detected.
lung | F13 | Testing for influenza A was negative on February 27.
lung | F14 | Blood cultures have shown no growth at 48 hours (preliminary).
lung | F15 | Oxygen saturation on arrival was 88%.
lung | F15 | She was hypoxic, with an O2 saturation of 88 percent.
lung | F16 | She had a fever of 38.9 °C.
lung | F16 | Temperature 38.9 C at 9:10 pm.
lung | F17 | A CT angiogram of the chest was done on February 28, 2026.
lung | N1 | She needed 3 liters of oxygen and was weaned to room air by March 2, 2026.
lung | N1 | Imaging showed consolidation in the right lower lobe.
lung | N1 | Intubation was not required.
lung | N1 | She was discharged home on a prednisone taper.
lung | N2 | She is a former smoker with a 40 pack-year history who quit in 2005.
lung | N2 | She does not drink alcohol and lives with her daughter.
lung | PV1[1] | Hospital stay from 27 February to 3 March 2026.
lung | PV1[1] | She was discharged on March 3 after a 4-day stay.
lung | N1 F2 F3 | This 76-year-old woman was treated for right lower lobe pneumonia and a COPD exacerbation.
surgery | F1 | Codeine causes nausea and vomiting.
surgery | F1 F2 | Allergies: codeine (nausea, vomiting) and latex (mild contact dermatitis).
surgery | F2 | She has a mild latex allergy with contact dermatitis.
surgery | F3 | Acute appendicitis, now resolved.
surgery | F3 F5 | She was treated for acute appendicitis with a laparoscopic appendectomy on January 8, 2026.
surgery | F4 | Asthma is listed as inactive in her past history.
surgery | F4 | History of asthma.
surgery | F5 | Laparoscopic appendectomy was performed at 23:15 on 2026-01-08.
surgery | F5 | Her appendix was removed laparoscopically on 8 January 2026.
surgery | F6 | Ibuprofen 600 mg every 6 hours with food.
surgery | F6 | Take Advil 600 mg four times a day with food.
surgery | F7 | Acetaminophen 650 mg every six hours as needed for pain.
surgery | F7 | Tylenol 650 mg q6h PRN for pain.
surgery | F8 | Ondansetron 4 mg may be taken every 8 hours as needed for nausea.
surgery | F8 | Zofran 4 mg q8h prn nausea.
surgery | F9 | Oxycodone was not given because the patient declined it.
surgery | F9 | She declined oxycodone.
surgery | F10 | Hemoglobin was normal after surgery at 12.1 g/dL.
surgery | F11 | The pregnancy test was negative.
surgery | F11 | She was not pregnant (negative test on January 8).
surgery | F12 | Follow-up in the surgical clinic is scheduled for January 22, 2026 at 10:30 AM.
surgery | N1 | The appendix was not perforated, and there were no complications.
surgery | N1 | Estimated blood loss was 20 mL.
surgery | N1 | Cefazolin 2 g was given before the incision.
surgery | N1 | Three ports were used, and the specimen was sent to pathology.
surgery | N2 | She should not lift more than 10 lb for four weeks.
surgery | N2 | Pathology results are still pending.
surgery | N2 | Return for a fever over 101.5 °F, vomiting, or redness around the wound.
surgery | N2 | She was told not to drive while taking narcotics.
kidney | F1 | Stage 3 chronic kidney disease.
kidney | F1 N1 | He has CKD stage 3b.
kidney | F2 F13 | Gout with a uric acid level of 9.4 mg/dL.
kidney | F3 | Past history of a kidney stone in 2021.
kidney | F4 | Renal artery stenosis is suspected but not confirmed.
kidney | F4 N1 | Possible renal artery stenosis is being evaluated with a duplex ultrasound.
kidney | F5 | Severe rash with trimethoprim-sulfamethoxazole.
kidney | F5 | Allergic to Bactrim (severe rash).
kidney | F6 | A shellfish allergy was ruled out.
kidney | F6 | He is not allergic to shellfish.
kidney | F7 | Allopurinol 100 mg once daily.
kidney | F8 | Amlodipine 10 mg every day for blood pressure.
kidney | F8 | Norvasc 10 mg daily.
kidney | F9 | Colchicine 0.6 mg is on hold because of reduced kidney function.
kidney | F9 | Colchicine has been held.
kidney | F10 | Naproxen was discontinued because of kidney disease.
kidney | F10 | He no longer takes naproxen.
kidney | F11 | Creatinine rose to 2.1 mg/dL on March 2, 2026.
kidney | F11 N1 | Creatinine has increased from a baseline of 1.6 to 2.1.
kidney | F12 | eGFR was reduced at 36 mL/min/1.73 m2.
kidney | F12 | GFR 36 mL/min/1.73m², below the normal of more than 60.
kidney | F13 | Urate is high at 9.4 mg/dL.
kidney | F14 | Hepatitis B surface antigen was non-reactive.
kidney | F15 | The urine protein/creatinine ratio was greater than 3.0 g/g.
kidney | F16 F17 | Blood pressure 152/88 mmHg.
kidney | F16 | Systolic pressure was 152.
kidney | N1 | The decline is thought to be related to NSAIDs, which should be avoided.
kidney | N1 | He has no uremic symptoms.
kidney | N1 | Labs will be repeated in one week, with nephrology follow-up in 1 month.
newborn | F1 | Birth weight was 3,250 grams.
newborn | F2 | Total bilirubin was 11.4 mg/dL at 5 AM on March 12.
newborn | F3 | The hepatitis B vaccine was given on March 10, 2026.
newborn | F4 | She developed neonatal jaundice.
newborn | F5 | The mother has sickle cell trait.
newborn | N1 | Born at 39 weeks by C-section because of breech presentation, with Apgar scores of 8 and 9.
newborn | N1 | She is bottle fed every three hours.
newborn | N1 | Phototherapy was started on March 12.
newborn | N1 | There were no risk factors for sepsis, and she passed the hearing screen in both ears.
newborn | N1 F4 | The baby's jaundice is being treated with phototherapy.
mind | F1 F2 | Diagnoses are recurrent major depression and generalized anxiety disorder.
mind | F3 | She does not have a seizure disorder.
mind | F3 | No history of seizures.
mind | F4 | Sertraline 100 mg each morning.
mind | F4 | She takes Zoloft 100 mg daily.
mind | F4 N1 | Her sertraline dose was raised from 50 mg to 100 mg.
mind | F5 | Trazodone 50 mg at bedtime as needed for sleep.
mind | F6 | Bupropion was stopped at the end of November 2025.
mind | F6 | She took bupropion from February 2024 until November 30, 2025.
mind | F7 | A childhood rash with amoxicillin is reported, but the allergy is unconfirmed.
mind | F7 | Possible allergy to amoxicillin.
mind | F8 | PHQ-9 score was 14 on March 5, 2026.
mind | F8 N1 | The PHQ-9 score improved from 18 in January to 14 in March.
mind | F9 | She has never smoked.
mind | F10 | TSH was within normal limits at 2.35 mIU/L.
mind | N1 | She reports low mood and poor sleep for three months.
mind | N1 | She denies any suicidal or homicidal thoughts.
mind | N1 | There are no hallucinations.
mind | N1 | She drinks two glasses of wine a week.
mind | N1 | She will be seen again in four weeks.
stroke | F1 | Acute ischemic stroke in the left MCA territory on March 8, 2026.
stroke | F1 N1 | He had a left middle cerebral artery stroke with right arm weakness and aphasia.
stroke | F2 | He has atrial fibrillation.
stroke | F2 F4 | He has AF; his apixaban is on hold.
stroke | F3 N1 | CT of the head showed no bleeding.
stroke | F3 | Intracranial hemorrhage was excluded.
stroke | F4 | Apixaban 5 mg twice daily has been held.
stroke | F4 N1 | The anticoagulant apixaban is held and is to be restarted on day 7.
stroke | F5 | High-intensity statin: atorvastatin 80 mg nightly.
stroke | F5 | Atorvastatin 80 mg at bedtime.
stroke | F6 | Aspirin 81 mg daily.
stroke | F7 | Alteplase was not given because he was outside the time window.
stroke | F7 | tPA was not administered.
stroke | F8 | He has a severe allergy to iodinated contrast, with anaphylaxis.
stroke | F9 | HbA1c was 6.1%, slightly above the normal range.
stroke | F10 | LDL cholesterol was 142 mg/dL (goal below 100).
stroke | F11 | INR 1.1 at 08:10.
stroke | F12 | Platelet count was normal at 212 K/µL.
stroke | F12 | Platelets 212 x 10^9/L.
stroke | F13 | Code status is DNR.
stroke | N1 | NIHSS score was 9 and there was a right facial droop.
stroke | N1 | Thrombectomy was not performed.
stroke | N1 | No seizures were seen, and he passed a bedside swallow test.
stroke | F1 N1 PV1[1] | An 82-year-old man was admitted on March 8 with an acute stroke.
lab | F1 | Hemoglobin is critically low at 6.8 g/dL.
lab | F1 F2 | Hemoglobin fell from 9.1 g/dL on February 20 to 6.8 g/dL on March 14, 2026.
lab | F1 F3 | Severe anemia with a ferritin below 5 ng/mL.
lab | F3 | Ferritin <5 ng/mL.
lab | F4 | Sodium was normal at 139 mmol/L.
lab | F5 | Urine culture grew E. coli, more than 100,000 CFU/mL.
lab | F5 F6 F7 | The E. coli is resistant to ciprofloxacin and susceptible to nitrofurantoin.
lab | F6 | Resistant to ciprofloxacin.
lab | F8 | The COVID-19 test was positive on March 13, 2026.
lab | F9 | ANA titer was 1:160.
lab | F10 | The troponin result is pending.
lab | F11 | A transfusion of 2 units of packed red blood cells is planned.
lab | F12 | Iron: ferrous sulfate 325 mg every other day.
lab | N1 | MRI of the right knee showed a tear of the medial meniscus and a small joint effusion, without fracture.
lab | N1 | An 8 mm nodule was seen in the left upper lobe; a follow-up CT is recommended in six months.
lab | N1 | The chest radiograph showed no acute disease.
"""

WRONG = """
negation | heart | F1 | The patient is not allergic to penicillin.
negation | heart | F1 F2 | No known drug allergies.
negation | heart | F1 | NKDA.
negation | heart | F2 | He tolerates lisinopril well.
negation | heart | F3 | There is no history of heart failure.
negation | heart | F4 | He denies hypertension.
negation | heart | F5 | The patient does not have diabetes.
negation | heart | F7 | He is not taking furosemide.
negation | heart | F16 | The influenza vaccine was given on October 15, 2025.
negation | heart | F16 | He received his flu shot in October 2025.
negation | heart | N1 | He reports chest pain and palpitations.
negation | heart | N1 | He presented with dyspnea, fever and cough.
negation | heart | N1 | He had chest pain.
negation | heart | N1 | He denies dyspnea on exertion.
negation | heart | N3 | A heart murmur was heard.
negation | heart | N3 | There was no edema of the legs.
negation | heart | N3 | Lungs with wheezing on both sides.
negation | lung | F1 | The patient has known allergies.
negation | lung | F2 | She has no pneumonia.
negation | lung | F4 | Pulmonary embolism was confirmed.
negation | lung | F4 | She has a pulmonary embolism.
negation | lung | N1 | CT angiogram was positive for PE.
negation | lung | F13 | Influenza A was detected.
negation | lung | F13 | She tested positive for influenza A.
negation | lung | F5 | She does not have osteoporosis.
negation | lung | N1 | She required intubation.
negation | lung | N2 | She drinks alcohol.
negation | surgery | F1 | She has no reaction to codeine.
negation | surgery | F2 | She denies any latex allergy.
negation | surgery | F9 | Oxycodone was given for pain.
negation | surgery | F9 | She takes oxycodone.
negation | surgery | F11 | The pregnancy test was positive.
negation | surgery | N1 | There were complications during the operation.
negation | surgery | F6 | Ibuprofen was not prescribed.
negation | kidney | F6 | He is allergic to shellfish.
negation | kidney | F5 | He is not allergic to Bactrim.
negation | kidney | F1 | He does not have chronic kidney disease.
negation | kidney | F14 | Hepatitis B surface antigen was positive.
negation | kidney | N1 | He has uremic symptoms.
negation | kidney | F2 | No gout.
negation | newborn | F3 | The hepatitis B vaccine was not given.
negation | newborn | F4 | No jaundice.
negation | newborn | N1 | There are sepsis risk factors.
negation | mind | F3 | She has a seizure disorder.
negation | mind | N1 | She reports suicidal ideation.
negation | mind | N1 | She has hallucinations.
negation | mind | F1 | She does not have depression.
negation | mind | F4 | She is not on sertraline.
negation | stroke | F3 | He has an intracranial hemorrhage.
negation | stroke | F7 | Alteplase was given.
negation | stroke | F7 | He received tPA.
negation | stroke | F2 | No atrial fibrillation was found.
negation | stroke | F8 | He is not allergic to iodinated contrast.
negation | stroke | N1 | He has dysphagia.
negation | stroke | N1 | CT of the head showed hemorrhage.
negation | stroke | N1 | Seizure activity was noted.
negation | lab | N1 | MRI showed a fracture of the knee.
negation | lab | N1 | There is no nodule.
negation | lab | F8 | SARS-CoV-2 was negative.
status | heart | F9 | He is currently taking warfarin 5 mg.
status | heart | F6 | He has an active deep vein thrombosis of the left leg.
status | heart | F8 | Metoprolol was stopped.
status | lung | F3 | COPD has resolved.
status | kidney | F10 | He takes naproxen 500 mg.
status | kidney | F9 | He takes colchicine 0.6 mg.
status | kidney | F7 | Allopurinol was discontinued.
status | mind | F6 | She takes bupropion.
status | mind | F4 | Sertraline was stopped.
status | stroke | F4 | He takes apixaban 5 mg twice daily.
status | stroke | F6 | Aspirin is on hold.
status | surgery | F3 | She has acute appendicitis.
number | heart | F11 | Potassium was low at 2.3 mmol/L.
number | heart | F11 | Potassium was 32 mmol/L.
number | heart | F12 | Creatinine is elevated at 18.4 mg/dL.
number | heart | F13 | BNP was 125 pg/mL.
number | heart | F14 | Blood pressure was 184/92 mmHg.
number | heart | F14 | Blood pressure was 148/82.
number | heart | F15 | Weight 49.5 kg.
number | heart | F7 | Furosemide 400 mg by mouth twice daily.
number | heart | F8 | Metoprolol succinate 5 mg daily.
number | heart | F10 | Metformin 10,000 mg twice daily.
number | heart | N1 | His ejection fraction is 60%.
number | heart | N1 | He gained 18 pounds.
number | heart | N2 | Potassium chloride 20 mEq by mouth once.
number | heart | N1 | Five packs of cigarettes per day over 5 days of dyspnea, for 12 years.
number | lung | F11 | White blood cell count was 158 K/uL.
number | lung | F6 | Ceftriaxone 2 g IV every 24 hours.
number | lung | F8 | Prednisone 4 mg daily.
number | lung | F15 | Oxygen saturation was 98%.
number | lung | F16 | Temperature was 39.8 °C.
number | lung | F10 | Albuterol, four puffs every four hours as needed.
number | lung | N2 | She has a 14 pack-year history.
number | surgery | F7 | Acetaminophen 1650 mg every six hours as needed.
number | surgery | F10 | Hemoglobin was 21.1 g/dL.
number | surgery | N1 | Estimated blood loss was 200 mL.
number | kidney | F11 | Creatinine was 1.2 mg/dL.
number | kidney | F12 | eGFR was 63 mL/min/1.73 m2.
number | kidney | F15 | The protein/creatinine ratio was 3.0 g/g.
number | kidney | F1 | Chronic kidney disease stage 4.
number | newborn | F1 | Birth weight was 2,350 grams.
number | newborn | N1 | Apgar scores were 6 and 9.
number | mind | F8 | PHQ-9 score was 4.
number | mind | F10 | TSH was 23.5 mIU/L.
number | stroke | F9 | HbA1c was 7.1%.
number | stroke | F12 | Platelets were 21 K/uL.
number | stroke | N1 | NIHSS score was 19.
number | lab | F1 | Hemoglobin is 8.6 g/dL.
number | lab | F3 | Ferritin is 5 ng/mL.
number | lab | F9 | ANA titer was 1:640.
number | lab | N1 | An 18 mm nodule was seen in the left upper lobe.
number | lab | F11 | Transfusion of 4 units of packed red blood cells is planned.
unit | heart | F11 | Potassium was 3.2 mg/dL.
unit | heart | F12 | Creatinine is 1.84 mmol/L.
unit | heart | F8 | Metoprolol succinate 50 mcg daily.
unit | heart | F15 | Weight 94.5 pounds.
unit | lung | F9 | Tiotropium 18 mg inhaled daily.
unit | lung | F6 | Ceftriaxone 1 mg IV every 24 hours.
unit | lung | F16 | Temperature was 38.9 °F.
unit | surgery | F8 | Ondansetron 4 g every 8 hours as needed.
unit | surgery | N1 | Estimated blood loss was 20 L.
unit | newborn | F1 | Birth weight was 3250 kg.
unit | stroke | F6 | Aspirin 81 mcg daily.
unit | lab | F1 | Hemoglobin is 6.8 g/L.
date | heart | F3 | Heart failure was diagnosed in 2008.
date | heart | F9 | Warfarin was stopped on January 20, 2018.
date | heart | F16 | He refused the influenza vaccine on November 15, 2025.
date | lung | F2 | Admitted on February 17, 2026 with pneumonia.
date | lung | N1 | She was weaned to room air by March 12, 2026.
date | surgery | F5 | The appendectomy took place on 2026-01-18.
date | surgery | F12 | Follow-up is scheduled for January 22, 2026 at 2:30 PM.
date | kidney | F3 | He had a kidney stone in 2012.
date | newborn | F3 | The hepatitis B vaccine was given on March 1, 2026.
date | mind | F6 | Bupropion was stopped in November 2024.
date | stroke | F1 | The stroke occurred on March 18, 2026.
date | lab | F8 | The COVID-19 test was positive on April 13, 2026.
frequency | heart | F7 | Furosemide 40 mg once daily.
frequency | heart | F8 | Metoprolol succinate 50 mg twice daily.
frequency | heart | F10 | Metformin 1000 mg four times a day.
frequency | lung | F10 | Albuterol two puffs every hour as needed.
frequency | surgery | F6 | Ibuprofen 600 mg every 12 hours with food.
frequency | surgery | F8 | Ondansetron 4 mg once weekly.
frequency | mind | F4 | Sertraline 100 mg every evening.
frequency | stroke | F6 | Aspirin 81 mg three times a day.
frequency | lab | F12 | Ferrous sulfate 325 mg twice daily.
drug | heart | F7 | Torsemide 40 mg by mouth twice daily.
drug | heart | F8 | Misoprostol 50 mg once daily.
drug | heart | F8 | Metoprolol tartrate 50 mg daily.
drug | heart | F10 | Metronidazole 1000 mg twice a day.
drug | heart | F1 | The patient is allergic to amoxicillin.
drug | heart | F2 | Losartan caused angioedema.
drug | heart | F9 | Heparin was stopped in January 2016.
drug | lung | F7 | Erythromycin 500 mg daily for five days.
drug | lung | F8 | Prednisolone 40 mg daily for five days.
drug | lung | F6 | Cefazolin 1 g IV every 24 hours.
drug | lung | F9 | Ipratropium 18 mcg, one inhalation daily.
drug | lung | F6 F7 | She was treated with ceftriaxone, azithromycin and vancomycin.
drug | surgery | F7 | Acetazolamide 650 mg every six hours as needed for pain.
drug | surgery | F9 | She declined OxyContin and hydrocodone.
drug | surgery | F6 | Ibuprofen 600 mg and ketorolac every 6 hours.
drug | surgery | F1 | Morphine causes nausea and vomiting.
drug | kidney | F7 | Febuxostat 100 mg once daily.
drug | kidney | F8 | Amiodarone 10 mg every day.
drug | kidney | F9 | Clonidine 0.6 mg is on hold.
drug | kidney | F5 | Severe rash with sulfasalazine.
drug | kidney | F8 | He takes an ACE inhibitor.
drug | mind | F4 | Seroquel 100 mg every morning.
drug | mind | F5 | Tramadol 50 mg at bedtime as needed.
drug | mind | F6 | Buspirone was stopped in November 2025.
drug | mind | F4 | Celexa 100 mg daily.
drug | stroke | F4 | Rivaroxaban 5 mg twice daily has been held.
drug | stroke | F5 | Rosuvastatin 80 mg nightly.
drug | stroke | F6 | Clopidogrel 81 mg daily.
drug | stroke | F7 | Tenecteplase was not given.
drug | lab | F6 | Resistant to levofloxacin.
drug | lab | F12 | Folic acid 325 mg every other day.
drug | newborn | F3 | She received vitamin K and erythromycin ointment.
invented | heart | F3 F4 | He has heart failure, hypertension and chronic kidney disease.
invented | heart | N1 | He presented with worsening dyspnea and abdominal pain.
invented | heart | F5 | Type 2 diabetes complicated by retinopathy.
invented | heart | PV1[1] | Admitted for pneumonia.
invented | heart | F12 | Creatinine elevated, consistent with hepatorenal syndrome and cirrhosis.
invented | lung | F3 | COPD and lung cancer.
invented | lung | F5 | Osteoporosis with a hip fracture.
invented | lung | N1 | Her stay was complicated by septic shock.
invented | surgery | F3 | Acute appendicitis with peritonitis.
invented | surgery | F4 | History of asthma and hypothyroidism.
invented | surgery | F5 | Laparoscopic appendectomy and cholecystectomy.
invented | kidney | F2 | Gout and rheumatoid arthritis.
invented | kidney | N1 | He has chronic kidney disease from diabetes.
invented | newborn | F4 | Neonatal jaundice due to hepatitis.
invented | newborn | N1 | She was treated for respiratory distress.
invented | mind | F1 | Major depression and bipolar disorder.
invented | mind | N1 | She reports low mood and panic attacks.
invented | stroke | F2 | Atrial fibrillation and coronary artery disease.
invented | stroke | N1 | The stroke was followed by a seizure and pneumonia.
invented | lab | F1 | Hemoglobin of 6.8 g/dL due to gastrointestinal bleeding.
invented | lab | F5 | Urine culture grew Klebsiella.
invented | lab | N1 | The nodule is suspicious for lymphoma.
side | heart | F6 | History of deep vein thrombosis of the right leg.
side | heart | N3 | No tenderness of the right calf.
side | lung | N1 | Consolidation in the left lower lobe.
side | lung | N1 | Consolidation in the right upper lobe.
side | stroke | F1 | Acute stroke of the right middle cerebral artery.
side | stroke | N1 | Left arm weakness.
side | stroke | N1 | There was a left facial droop.
side | lab | N1 | MRI of the left knee showed a meniscus tear.
side | lab | N1 | An 8 mm nodule in the right upper lobe.
side | lab | N1 | There is a lateral meniscus tear.
direction | heart | F11 | Potassium was high at 3.2 mmol/L.
direction | heart | F12 | Creatinine is low at 1.84 mg/dL.
direction | heart | F12 | Creatinine was normal at 1.84 mg/dL.
direction | heart | N1 | He presented with improving dyspnea.
direction | lung | F11 | White cells were low at 15.8.
direction | kidney | F13 | Urate was within normal range at 9.4 mg/dL.
direction | mind | N1 | Sertraline was decreased to 100 mg daily.
direction | lab | F1 | Hemoglobin is elevated at 6.8 g/dL.
direction | lab | F6 | Susceptible to ciprofloxacin.
sex | heart | F3 N1 | A 67-year-old woman with heart failure.
sex | lung | F2 | A 76-year-old man with pneumonia.
"""

FIRST = Round("first", PATIENTS, RIGHT, WRONG)
