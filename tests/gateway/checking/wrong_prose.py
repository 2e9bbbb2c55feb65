"""Wrong statements by hand: category, patient, evidence, text. Each says something that its evidence does not."""

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

TARGETED = ("number", "unit", "date", "frequency", "drug", "negation")


def wrong() -> list[tuple[str, str, tuple[str, ...], str]]:
    rows = (line.split(" | ") for line in WRONG.strip().splitlines())
    return [(category, patient, tuple(evidence.split()), text) for category, patient, evidence, text in rows]
