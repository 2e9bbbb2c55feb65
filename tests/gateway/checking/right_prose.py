"""Right statements as a model would write them: patient, evidence, text."""

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


def right() -> list[tuple[str, tuple[str, ...], str]]:
    rows = (line.split(" | ") for line in RIGHT.strip().splitlines())
    return [(patient, tuple(evidence.split()), text) for patient, evidence, text in rows]
