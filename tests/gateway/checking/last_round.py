"""The last round: for clinicians and for patients, written after all rules, judged once and not learned from."""

from tests.gateway.checking.fifth_round import PATIENTS as FIFTH
from tests.gateway.checking.fourth_round import PATIENTS as FOURTH
from tests.gateway.checking.patients import PATIENTS
from tests.gateway.checking.rounds import Round
from tests.gateway.checking.seventh_round import PATIENTS as SEVENTH
from tests.gateway.checking.third_round import MORE_PATIENTS

RIGHT = """
heart | F3 F4 F5 | You have heart failure, high blood pressure, and diabetes.
heart | F7 | Take furosemide (Lasix) 40 mg twice a day.
heart | F16 | You chose not to have the flu vaccine in October 2025.
heart | N1 | You came in because of shortness of breath that had been getting worse for 5 days.
heart | F11 | Your potassium was a little low (3.2).
heart | F9 | You no longer take warfarin.
lung | F2 | You were treated for pneumonia.
lung | F7 | Azithromycin 500 mg once daily x 5 days.
lung | F13 | The flu test was negative.
lung | F9 F10 | Your inhalers are tiotropium once a day and albuterol when needed.
lung | PV1[1] | Length of stay was 4 days.
surgery | F5 | Your appendix was taken out on January 8, 2026.
surgery | N2 | Call if you have a fever above 101.5 F, vomiting, or a red wound.
surgery | F1 F2 | You are allergic to codeine and latex.
surgery | F7 | For pain you can take 650 mg of acetaminophen every 6 hours.
kidney | F10 N1 | Avoid naproxen and other NSAIDs, which can harm your kidneys.
kidney | F1 F12 | Your kidneys are working at a reduced level (eGFR 36).
kidney | F16 F17 | Your blood pressure was 152 over 88.
newborn | F1 N1 | Term baby girl, birth weight 3250 g.
newborn | N1 | The baby feeds from a bottle every 3 hours.
mind | F4 | The dose of sertraline is 100 mg every morning.
mind | N1 | She has felt low and slept badly for three months.
stroke | F1 | You had a stroke on the left side of your brain.
stroke | F6 F5 | Take aspirin 81 mg every day and atorvastatin 80 mg every night.
stroke | F8 | Tell every doctor that you had anaphylaxis with iodinated contrast.
lab | F1 | Your hemoglobin is very low at 6.8.
lab | F8 | You tested positive for COVID-19.
lab | N1 | The X-ray showed a small spot (8 mm nodule) in the upper part of the left lung.
child | F1 | Severe allergy to peanuts; carries epinephrine.
child | F9 | He stopped montelukast because of changes in behavior.
child | F4 | Atopic dermatitis.
bleed | F9 N1 | You were bleeding from enlarged veins (varices) in your esophagus, and ibuprofen was stopped.
bleed | F17 | You decided against a colonoscopy.
bleed | F11 F12 F13 | Labs: Hgb 7.4, INR 1.9, platelets 68.
cancer | F1 F9 | You have cancer of the right breast and will have surgery on April 2.
cancer | F5 F3 | Levothyroxine 88 mcg daily for an underactive thyroid.
trauma | F1 | You broke a bone in your left wrist.
trauma | N1 | Your stitches should be removed in 10 days.
sepsis | F12 | Lactate cleared to 1.4 mmol/L.
sepsis | F4 | There was no heart attack.
birth | F9 | You had a C-section on March 6, 2026.
birth | N1 | You did not need a blood transfusion.
hip | N1 | He walks 15 feet with a walker and the help of one person.
hip | F10 | Alendronate once a week is to be started.
clinic | F9 | Your A1c was 7.9%.
clinic | F13 | You did not want the COVID-19 vaccine.
bypass | F12 | You had a triple bypass on February 16, 2026.
bypass | F8 | Keep taking amiodarone 200 mg twice a day for 4 weeks.
hiv | F12 | The virus could not be detected in your blood.
hiv | F3 | She tested negative for hepatitis C.
infant | F7 | Give 3 mL of cephalexin every 8 hours for 10 days.
infant | F13 | He had a high fever of 39.8 °C.
graft | F7 N1 | Your tacrolimus dose was lowered to 2 mg twice a day.
graft | F14 | Your potassium is too high at 5.7.
obs | F2 | You have anemia because of low iron from heavy periods.
obs | F12 F16 | Your heart tests were normal.
"""

WRONG = """
negation | heart | F1 | You are not allergic to penicillin.
negation | heart | F16 | You had your flu vaccine in October 2025.
negation | heart | N1 | You came in because of chest pain.
negation | lung | F13 | The flu test was positive.
negation | surgery | F11 | Your pregnancy test was positive.
negation | surgery | F9 | You were given oxycodone.
negation | kidney | F14 | You have hepatitis B.
negation | mind | F3 | You have a seizure disorder.
negation | stroke | F3 | You had bleeding in the brain.
negation | child | F1 | He can eat peanuts; he has no peanut allergy.
negation | bleed | F3 | You have liver cancer.
negation | bleed | F17 | You had a colonoscopy.
negation | trauma | F3 | You are pregnant.
negation | sepsis | F4 | You had a heart attack.
negation | birth | F2 | You have gestational diabetes.
negation | clinic | F3 | You have celiac disease.
negation | hiv | F3 | You have hepatitis C.
negation | graft | F3 | Your transplant is being rejected: acute rejection.
negation | obs | F4 | You had an aortic dissection.
negation | infant | F5 | He is allergic to amoxicillin.
number | heart | F7 | Take furosemide (Lasix) 80 mg twice a day.
number | lung | F7 | Azithromycin 500 mg once daily x 10 days.
number | surgery | F7 | For pain you can take 1,650 mg of acetaminophen every 6 hours.
number | kidney | F16 F17 | Your blood pressure was 125 over 88.
number | newborn | F1 | Birth weight 3.25 g.
number | stroke | F6 F5 | Take aspirin 325 mg every day.
number | lab | N1 | The X-ray showed a small spot (18 mm nodule).
number | bypass | F8 | Keep taking amiodarone 200 mg twice a day for 4 months.
number | infant | F7 | Give 3 mL of cephalexin every 4 hours.
number | graft | F14 | Your potassium is too high at 7.5.
drug | heart | F7 | Take bumetanide (Bumex) 40 mg twice a day.
drug | lung | F9 | Your inhaler is umeclidinium once a day.
drug | surgery | F7 | For pain you can take 650 mg of ibuprofen.
drug | mind | F4 | The dose of paroxetine is 100 mg every morning.
drug | stroke | F5 | Take pravastatin 80 mg every night.
drug | cancer | F5 | Liothyronine 88 mcg daily.
drug | hip | F10 | Risedronate once a week is to be started.
drug | infant | F7 | Give 3 mL of amoxicillin every 8 hours.
"""

LAST = Round("last", PATIENTS | MORE_PATIENTS | FOURTH | FIFTH | SEVENTH, RIGHT, WRONG)
