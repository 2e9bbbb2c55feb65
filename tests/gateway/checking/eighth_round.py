"""Allergens, organisms, things that stand elsewhere than where the statement says; after what a small model wrote.

`NINTH` was written together with `EIGHTH`, before either was judged, and is not learned from.
"""

from tests.gateway.backends.extractive.making import K, S, fact
from tests.gateway.checking.fifth_round import PATIENTS as FIFTH
from tests.gateway.checking.fourth_round import PATIENTS as FOURTH
from tests.gateway.checking.patients import PATIENTS, C, patient
from tests.gateway.checking.rounds import Round
from tests.gateway.checking.seventh_round import PATIENTS as SEVENTH
from tests.gateway.checking.third_round import MORE_PATIENTS

NEW = {
    "registry": patient(
        "male",
        "2011-06-10",
        [
            fact(K.IMMUNIZATION, "Hepatitis B vaccine", status=S.COMPLETED, time="2011-08-01", lot="MK442"),
            fact(K.IMMUNIZATION, "DTaP vaccine", status=S.COMPLETED, time="2011-08-01"),
            fact(K.RESULT, "Vaccine funding program eligibility", value="Medicaid"),
            fact(K.CONDITION, "Asthma", status=S.ACTIVE),
        ],
        {},
    ),
    "atopy": patient(
        "female",
        "1988-02-11",
        [
            fact(K.ALLERGY, "Penicillin", status=S.ACTIVE, reaction="Hives"),
            fact(K.ALLERGY, "Walnut", status=S.ACTIVE, reaction="Throat swelling", severity="Severe"),
            fact(K.ALLERGY, "Latex", negated=True, certainty=C.REFUTED),
            fact(K.MEDICATION, "Cetirizine", status=S.ACTIVE, dose="10 mg", frequency="daily"),
            fact(K.MEDICATION, "Azithromycin", status=S.COMPLETED, dose="500 mg"),
            fact(K.RESULT, "Specific IgE to cat dander", value="12.4", unit="kU/L", flag="H"),
            fact(K.CONDITION, "Allergic rhinitis", status=S.ACTIVE),
            fact(K.RESULT, "Potassium", value="4.1", unit="mmol/L", flag="N"),
        ],
        {
            "History": (
                "Reports hives after strawberries as a child. Treated with azithromycin for sinusitis, tolerated. No"
                " known allergy to eggs. Allergic to bee stings (wheezing). Lives with two cats."
            ),
            "Allergies": "Penicillin\nWalnut\nIodinated contrast",
            "Visit": "Here for refill. NKDA per triage. Takes ibuprofen for knee pain.",
        },
    ),
    "micro": patient(
        "male",
        "1950-10-03",
        [
            fact(K.RESULT, "Wound culture", value="Staphylococcus aureus", flag="A", time="2026-03-10"),
            fact(K.RESULT, "Ampicillin", value="<=2", unit="ug/mL", flag="S", group="Susceptibility panel"),
            fact(K.RESULT, "Vancomycin", value="1", unit="ug/mL", flag="S", group="Susceptibility panel"),
            fact(K.RESULT, "Blood culture", value="No growth", time="2026-03-11"),
            fact(K.RESULT, "Urine culture", value="Proteus mirabilis", flag="A"),
            fact(K.CONDITION, "Cellulitis of left foot", status=S.ACTIVE),
            fact(K.CONDITION, "Peripheral neuropathy", status=S.ACTIVE),
            fact(K.ALLERGY, "Shrimp", status=S.ACTIVE, reaction="Swelling of lips"),
            fact(K.PROCEDURE, "Incision and drainage of left foot", status=S.COMPLETED),
        ],
        {
            "Consult": "Wound grew Staph aureus; earlier swab had Acinetobacter baumannii. No osteomyelitis on MRI."
        },
    ),
}

RIGHT = """
heart allergies | F1 | Allergic to penicillin.
heart allergies | F1 | Penicillin: hives (moderate).
heart allergies | F2 | Lisinopril caused angioedema.
heart allergies | F1 F2 | Allergies: penicillin (hives), lisinopril (angioedema).
lung allergies | F1 | No known allergies.
surgery allergies | F2 | Latex allergy, mild, with contact dermatitis.
surgery allergies | F1 | Codeine intolerance with nausea and vomiting.
kidney allergies | F5 | Reaction to Bactrim: severe rash.
kidney allergies | F6 | No allergy to shellfish (refuted).
kidney allergies | F6 | Shellfish allergy refuted.
mind allergies | F7 | Unconfirmed allergy to amoxicillin.
stroke allergies | F8 | Allergic to contrast dye: anaphylaxis.
child allergies | F1 | Peanuts (anaphylaxis).
child | F1 | Allergic to peanuts.
bleed allergies | F4 F5 | Morphine allergy (itching); no known food allergies.
bleed allergies | F5 | No food allergies known.
cancer allergies | F4 | Hypersensitivity to paclitaxel with flushing and dyspnea.
trauma allergies | F4 | NKDA
sepsis allergies | F6 | Vancomycin allergy: red man syndrome.
hip allergies | F6 | Allergic to sulfa antibiotics.
infant allergies | F6 | Allergic to cow's milk protein (bloody stools).
infant allergies | F6 | Milk allergy.
infant allergies | F5 | Amoxicillin allergy was refuted.
graft allergies | F6 | No known latex allergy.
obs allergies | F7 | Bee venom allergy, resolved.
hiv allergies | F5 | Severe hypersensitivity reaction to abacavir.
atopy allergies | F2 | Severe walnut allergy with throat swelling.
atopy allergies | F2 | Tree nut allergy (walnut).
atopy allergies | F3 | Latex allergy refuted.
atopy allergies | N1 | Allergic to bee stings (wheezing).
atopy allergies | N2 | Penicillin, walnut, and iodinated contrast.
atopy allergies | N2 | Allergic to contrast.
atopy | N1 | She has no known egg allergy.
atopy | F7 | Allergic rhinitis.
atopy | N1 | Hives after strawberries as a child.
atopy | F1 N1 | Because of her penicillin allergy she was treated with azithromycin.
registry | F4 | Asthma.
registry immunizations | F1 | Hepatitis B vaccine given 2011-08-01, lot MK442.
micro results | F1 | Wound culture grew Staphylococcus aureus.
micro results | F1 | Wound culture: Staph aureus.
micro results | F5 | Urine culture positive for Proteus mirabilis.
micro results | N1 | Acinetobacter baumannii in an earlier swab.
micro results | F2 | Ampicillin <=2 ug/mL, susceptible.
micro problems | F6 | Left foot cellulitis.
micro allergies | F8 | Shellfish allergy (shrimp).
micro | F9 | Incision and drainage of the left foot.
micro | F6 F1 | Left foot cellulitis from Staphylococcus aureus.
sepsis results | F14 | Blood culture: Klebsiella pneumoniae.
lab results | F5 | E. coli in urine culture.
lung problems | F3 | Chronic obstructive pulmonary disease.
"""

WRONG = """
allergen | heart allergies | F1 | Allergic to peanuts.
allergen | heart | F3 | Allergic to penicillin.
allergen | heart | F7 | Penicillin allergy.
allergen | lung | F2 | Allergic to peanuts.
allergen | lung allergies | F7 | No allergy to latex (refuted)
allergen | surgery | F1 | No allergy to peanuts.
allergen | surgery allergies | F6 | Latex allergy.
allergen | surgery allergies | F2 | Allergic to eggs.
allergen | kidney | F6 | No allergy to latex (refuted)
allergen | kidney allergies | F5 | Shellfish allergy.
allergen | child allergies | F1 | Allergic to eggs and peanuts.
allergen | child | F1 | Severe egg allergy with anaphylaxis.
allergen | child allergies | F1 | Milk (anaphylaxis).
allergen | bleed | F4 | Intolerance to soy.
allergen | cancer | F4 | Hypersensitivity to latex.
allergen | stroke | F8 | No allergy to bee stings.
allergen | infant | F6 | Allergic to soy protein.
allergen | obs | F7 | Wasp allergy.
allergen | obs | F1 | Reaction to bee venom.
allergen | registry | F1 | Allergic to peanuts.
allergen | registry allergies | F1 | NKDA
allergen | registry allergies | F3 | No known allergies.
allergen | registry allergies | F4 | Asthma.
allergen | registry | F2 | No allergy to latex (refuted)
allergen | atopy | N1 | Allergic to azithromycin.
allergen | atopy | N1 | She is allergic to eggs.
allergen | atopy | F4 | Cetirizine allergy.
allergen | atopy allergies | F3 | Allergic to latex.
allergen | atopy allergies | F2 | Allergic to cashews.
allergen | atopy | N3 | Ibuprofen allergy.
allergen | atopy allergies | F8 | No known drug allergies.
allergen | atopy | F1 | Strawberry allergy.
allergen | micro allergies | F8 | Allergic to lobster.
allergen | lung | N1 | Allergic to ceftriaxone.
organism | micro results | F2 | Bacillus Camidicus
organism | micro results | F3 | Bacillus camidicus, vancomycin 1 ug/mL.
organism | micro results | F1 | Wound culture grew Staphylococcus epidermidis.
organism | micro results | F2 | Staphylococcus aureus
organism | micro results | F5 | Urine culture grew Proteus vulgaris.
organism | micro results | F5 | Urine culture grew Morganella morganii.
organism | sepsis results | F14 | Blood culture grew Enterobacter cloacae.
organism | micro results | F1 | Wound culture grew Enterococcus.
organism | lab results | F7 | Escherichia coli
wrong source | lung problems | F2 | Osteoporosis.
wrong source | heart problems | F11 | Hypertension.
wrong source | kidney problems | F8 | Gout.
wrong source | micro problems | F2 | Cellulitis.
wrong source | micro problems | F8 | Peripheral neuropathy.
wrong source | registry problems | F1 | Asthma.
wrong source | child problems | F7 | Atopic dermatitis.
wrong source | sepsis | F8 | Acute pyelonephritis.
wrong source | birth | F7 | Cesarean section on March 6, 2026.
wrong source | graft | F12 | Cytomegalovirus infection resolved.
placeholder | kidney allergies | F6 | No allergy to <substance> (refuted)
placeholder | heart problems | F3 | Provisional: <problem>
placeholder | heart medications | F9 | Stopped: <drug>, because of <why> (<date>)
placeholder | heart plan | N2 | <what is to be done>
"""

UNSEEN_RIGHT = """
heart allergies | F2 | Intolerant of lisinopril because of angioedema in April 2019.
heart allergies | F1 F2 | Documented allergies include penicillin and lisinopril.
lung allergies | F1 | Patient has no allergies on file.
surgery allergies | F1 F2 | Codeine causes nausea and vomiting; latex causes contact dermatitis.
kidney allergies | F5 F6 | Allergic to sulfamethoxazole/trimethoprim; not allergic to shellfish.
mind allergies | F7 | Questionable amoxicillin allergy: rash in childhood.
stroke allergies | F8 | High-risk allergy to iodinated contrast media.
child allergies | F1 | Anaphylaxis to peanut.
child allergies | F2 | Past reaction to cefdinir: diarrhea, inactive.
bleed allergies | F4 | Mild itching with morphine.
trauma allergies | F4 | No drug allergies.
infant allergies | F6 | Bloody stools from cow's milk.
infant allergies | F5 F6 | Amoxicillin allergy ruled out; cow's milk protein allergy active.
graft allergies | F5 | Azathioprine: pancreatitis.
obs allergies | F6 | Chest tightness after sumatriptan.
hip allergies | F6 | Sulfonamide antibiotic allergy, unknown reaction.
atopy allergies | F1 F2 | You are allergic to penicillin and walnuts.
atopy allergies | N1 | Wheezing with bee stings; no egg allergy.
atopy allergies | N2 | Allergy list: penicillin, walnut, iodinated contrast.
atopy results | F6 | IgE to cat dander is high at 12.4 kU/L.
micro results | F1 F3 | Staphylococcus aureus, susceptible to vancomycin.
micro results | F5 | Proteus in the urine.
micro | N1 | Wound swab grew Staphylococcus aureus, previously Acinetobacter.
micro allergies | F8 | Shrimp causes swelling of the lips.
registry immunizations | F2 | DTaP given August 1, 2011.
"""

UNSEEN_WRONG = """
allergen | heart allergies | F2 | Anaphylaxis to shellfish.
allergen | heart allergies | F4 | Lisinopril allergy with angioedema.
allergen | lung | F9 | Latex intolerance.
allergen | surgery allergies | F2 | Adhesive tape allergy with contact dermatitis.
allergen | kidney | F1 | The patient is not allergic to shellfish.
allergen | kidney allergies | F6 | No egg allergy.
allergen | child allergies | F1 | Documented allergies include peanuts, milk and eggs.
allergen | stroke allergies | F6 | Allergic to contrast media.
allergen | infant | F6 | No allergy to wheat.
allergen | registry | F3 | History of anaphylaxis to bee stings.
allergen | registry allergies | F1 | Hepatitis B vaccine.
allergen | atopy | F5 | Azithromycin allergy, completed.
allergen | atopy | N1 | Allergy to strawberries denied.
allergen | atopy allergies | N2 | Allergic to eggs.
allergen | micro | F8 | Allergic to fish.
organism | micro results | F2 | Clostridium perfringens
organism | micro results | F5 | Urine grew Citrobacter freundii.
organism | micro results | F4 | Candida albicans
organism | sepsis results | F14 | Blood culture grew Serratia marcescens.
organism | micro results | F3 | Proteus mirabilis susceptible to vancomycin.
wrong source | lung problems | F13 | Pneumonia.
wrong source | heart problems | F13 | Diabetes.
wrong source | kidney problems | F7 | Kidney stone, resolved.
wrong source | bleed problems | F8 | Cirrhosis.
placeholder | registry immunizations | F1 | Not given: <vaccine>, <why not>
"""

_ALL = PATIENTS | MORE_PATIENTS | FOURTH | FIFTH | SEVENTH | NEW
EIGHTH = Round("eighth", _ALL, RIGHT, WRONG)
NINTH = Round("ninth", _ALL, UNSEEN_RIGHT, UNSEEN_WRONG)
