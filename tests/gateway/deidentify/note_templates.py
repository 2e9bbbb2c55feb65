"""Notes as clinicians write them, with places for identifiers; and sentences that only look as if they held some.

`TUNED` was looked at while the engine was made. `HELD_OUT` was written before the first measurement and only its
figures were looked at.
"""

TUNED: tuple[str, ...] = (
    "{name} was brought to {facility} on {date} after two days of vomiting. {birth}, {mrn}. No fever, no rigors."
    " {names} abdomen was soft and not distended. Discussed with {staff}, who advised intravenous fluids and no antibiotics.",
    "HISTORY OF PRESENT ILLNESS\n{name} ({mrn}, {birth}) lives with {relative} at {street} in {town}. Denies chest pain."
    " The dyspnea began on {date} and has not improved. Reachable by phone at {phone}.",
    "Progress note, hospital day 3. {name} slept poorly. Pain 4/10 at rest, 7/10 on movement. Wound clean, no drainage."
    " {stranger} from surgery saw the incision and agrees. Next dressing change on {date}.",
    "Telephone encounter. {kin} called from {phone} because {name} had not taken furosemide since {date}. No syncope."
    " Weight up 2 kg. Advised to come to {facility}. Insurance: {plan}, {account}.",
    "Social work: {name} moved from {town} last year. Rent is paid by {kin}; contact {relative} for any decision."
    " Benefits letter shows {ssn} and {account}. Mail goes to {street}, {email}.",
    "PROCEDURE NOTE\nOperator: {staff}. Patient: {name}, {mrn}. A dual-chamber pacemaker was implanted on {date}, {device}."
    " No pneumothorax. Thresholds 0.5 V at 0.4 ms. Follow-up at {facility}.",
    "Emergency department note. {age} {sexnoun} with a fall, and {name}'s neighbor saw it happen on {date}. GCS 15."
    " No loss of consciousness. The car involved had {vehicle}. Police reference kept by social work.",
    "Radiology call-back: {stranger} reviewed the CT of {name} from {date}; {othernumber}. No pulmonary embolism."
    " Images at {url}, workstation {ip}. Findings told to {staff} by {otherphone}.",
    "Consultation requested by {staff} on {date} for {name}. The hemoglobin fell from 12.4 to 9.1 g/dL without visible"
    " bleeding. {names} stool was negative for blood. {relative} reports no use of NSAIDs. {mrn}.",
    "Discharge summary. {name} was admitted on {date} and leaves on {date}. Home is {street}, {town}. Pharmacy told by"
    " {otherphone}. Follow-up with {stranger} in 2 weeks, earlier if the INR is above 3.5.",
    "Home health visit {date}. {name} walks 50 feet with a walker. {relative} prepares the pill box. Blood pressure 128/76,"
    " pulse 72. Questions may go to {email} or {phone}.",
    'Psychiatry: {name} is oriented, mood "fine", no suicidal ideation. {kin} died in a crash; {kin} remains supportive.'
    " Seen with {stranger}. Next visit {date} at {facility}.",
    "Transfer note to {facility}: {name}, {birth}, {mrn}, {plan}. Accepting physician {stranger}, {otherphone}. Last dose"
    " of enoxaparin 40 mg given on {date}. No known drug allergies.",
    "Nursing: {relative} at the bedside, states that {name} cannot swallow pills. Speech therapy saw {name} on {date}."
    " Diet: nectar-thick liquids. Call light in reach. Please call {phone} with any change.",
    "Dialysis unit, run of {date}. {name} arrived from {town}, pre-weight 71.4 kg, post-weight 68.9 kg, no cramps."
    " Fistula patent with a good thrill. Catheter {device} was removed. {staff} informed.",
    "Letter to {stranger}, {license}. Thank you for sending {name}, {birth}, whom we saw on {date}. {names} neuropathy is"
    " most likely due to diabetes; B12 was 412 pg/mL. We did not change metformin.",
    "Prescription question. {stranger} ({license}) asks whether {name}, {mrn}, may restart warfarin. INR 2.3 on {date}."
    " No bleeding since {date}. Answer sent to {email}; portal {url}.",
    "Pediatric style intake: {name}'s mother works at {facility}. Vaccines given on {date}, {device}. No reaction."
    " Address checked: {street}, {town}. Phone {phone}.",
    "Oncology: {name}, T2N1M0, ER 8/8, HER2 negative, began cycle 3 on {date}. ANC 1.8, platelets 145. {relative} drives."
    " Trial documents at {url}; remote monitor {ip}; {othernumber}.",
    "Case management. {name}, {ssn}, {plan}. Family meeting {date} with {relative} and {kin}. Goal: home to {town} with"
    " oxygen 2 L/min. Equipment {device}. Vehicle registered, {vehicle}.",
    "Cardiology clinic. {name} has had no angina since {date}. EF 55-60%, LVEDP 14. {staff} reviewed the angiogram with"
    " {name}. {names} lipids are at goal: LDL 68. Return in 6 months.",
    "Death note. {name}, {age}, was found without pulse at 04:10 on {date}. {relative} was told by {staff} and {kin} was"
    " on the way from {town}. No autopsy. Certificate by {stranger}, {license}.",
    "Billing correction for {name}: {account}, {plan}, {othernumber}. Service of {date} was entered twice. Statement goes"
    " to {street}, {town}, or by {otherphone}.",
    "Night cover: asked to see {name} for SVT at 180/min, which ended with 6 mg adenosine. K 3.4, Mg 1.6, both replaced."
    " Spoke with {stranger}. {names} ECG after it: sinus rhythm, QTc 431. Troponin not elevated. {date}.",
)

HELD_OUT: tuple[str, ...] = (
    "Thank you for asking us to see {name}, who came in through {facility} on {date}. {birth}; {mrn}. There is no history"
    " of stroke. {relative} gave most of the story. We discussed {names} options with {staff}.",
    "OPERATIVE REPORT\nSurgeon {staff}; assistant {stranger}. {name} ({mrn}) underwent laparoscopic cholecystectomy on"
    " {date}. Estimated blood loss 30 mL. Mesh {device}. No complications.",
    "{name} phoned at 9:40 from {phone}: since {date} no appetite, no vomiting. {kin} cooks. I asked {name} to weigh in"
    " daily. If worse, go to {facility}. Message copied to {email}.",
    "Intake: lives at {street}, {town}. Emergency contact is {relative}, {phone}. Coverage {plan}; {ssn}; {account}."
    " {name} prefers mornings. Last physical {date}.",
    "Neurology follow-up of {date}. {name} reports two seizures, both on {date}; none with incontinence. Levetiracetam"
    " level 18. {stranger} read the EEG. {names} driving licence was discussed: {license}.",
    "Wound clinic. The ulcer of {name} measures 3 x 2 cm, was 4 x 3 cm on {date}. No odor. Supplies from {facility},"
    " {othernumber}, {otherphone}. Dressing lot recorded: {device}.",
    "Hospice visit {date}. {name}, {age}, is comfortable, not in pain. {relative} and {kin} take turns at night. They"
    " live in {town}. Our nurse line is {otherphone}. {staff} signed the orders.",
    "Trauma: {name} was the driver; other car {vehicle}. FAST negative. No midline tenderness. C-spine cleared by"
    " {stranger} on {date}. {kin} was in the waiting room with {relative}.",
    "Lab addendum for {name}, {mrn}: specimen of {date} was hemolyzed, potassium 5.9 not reliable. {othernumber}."
    " Called to {stranger} at {otherphone}. Repeat 4.3.",
    "Telehealth through {url} from {ip} on {date}. {name} sat at home, {street}. Two identifiers were checked, {birth} and"
    " {phone}. {names} cough has gone; lungs not examined.",
    "Pharmacy: {name} cannot afford apixaban. {plan}, {othernumber}. Prescriber {stranger}, {license}. Sent a form to"
    " {email} on {date}; will phone {phone}.",
    "Rehabilitation, week 2. {name} climbs 12 steps. {staff} wants no lifting above 5 kg. {relative} trained in transfers on"
    " {date}. Discharge to {street}, {town}, or to {facility}.",
    "Obstetric triage. {name}, G3P2, 38+4, contractions every 4 min since {date}. No bleeding. Membranes intact. {staff}"
    " on call. {relative} present. {birth}. Group B strep negative.",
    "Infection control asks where {name} stayed before {date}: with {kin} in {town}, then {facility}. MRSA swab negative."
    " {names} roommate had C. difficile. Registry entry {othernumber}; web {url}.",
    "Records request: {name}, {birth}, {mrn}, {ssn}. Send to {stranger}, {street}, {town}; fax confirmed. Images from"
    " {date} on disc. Account {account} is clear; plate on file: {vehicle}.",
    "Endocrinology. {age} {sexnoun} seen with {name}'s chart by mistake; corrected on {date}. {name} takes levothyroxine"
    " 75 mcg. TSH 2.1. {stranger} to recheck. Device {device}, server {ip}. Signed {staff}.",
)

LOOK_ALIKES_TUNED: tuple[str, ...] = (
    "Parkinson's disease was considered and excluded.",
    "Graves disease in remission; no Graves ophthalmopathy.",
    "Bell's palsy on the left, House-Brackmann 3/6.",
    "A Foley catheter drains clear urine.",
    "Long QT was not seen; QTc 440.",
    "White blood cells 11.2, hemoglobin 13.1.",
    "Young onset diabetes, type 1.",
    "MS Contin 15 mg twice a day, not changed.",
    "BP 120/80, pulse 72, SpO2 97 %, T 36.8.",
    "Potassium 4.1 mmol/L (3.5-5.1), sodium 139 (135-145).",
    "Strength 4/5 in the left arm, 5/5 elsewhere.",
    "May take acetaminophen 500 mg, 1-2 tablets every 6 hours.",
    "Murmur 2/6 at the apex; pulses 2+.",
    "Allegra 180 mg daily for hay fever.",
    "Wolff-Parkinson-White was ruled out.",
    "Software version 4.2.11 of the pump was confirmed.",
    "APACHE II 14, SOFA 3, CURB-65 2/5.",
    "Hepatitis B surface antigen negative, titer 1:128.",
    "L4-L5 disc protrusion, 5 mm; no stenosis at L5-S1.",
    "Drew blood twice; will march through the protocol.",
    "Grant the patient's wish for no resuscitation.",
    "Warfarin 2.5 mg alternating with 5 mg; INR goal 2-3.",
    "Ate 2/3 of lunch and 1/2 of dinner.",
    "Urine output 1500 mL over 24 hours, pH 7.38, HCO3 24.",
    "Hope for discharge remains; mark the site before surgery.",
    "Metoprolol 25 mg at 08:00 and 20:00.",
    "NYHA class II-III, ASA 3, ECOG 1.",
    "Baker cyst behind the right knee; negative Homans sign.",
    "Ringer lactate 1000 mL at 125 mL/h, then saline lock.",
    "Will recheck TSH 2.45 in 6-8 weeks.",
)

LOOK_ALIKES_HELD_OUT: tuple[str, ...] = (
    "Addison's disease is treated with hydrocortisone 20 mg.",
    "Hodgkin lymphoma, stage IIA, no B symptoms.",
    "Murphy's sign is negative.",
    "Turner syndrome was diagnosed in childhood.",
    "Wilson's disease excluded: ceruloplasmin 28.",
    "Sharp pain on inspiration, strong cough.",
    "Chase with 240 mL of water; art therapy helps.",
    "Rose bengal stain shows no ulcer.",
    "FEV1/FVC 0.68, DLCO 74 %, 6-minute walk 410 m.",
    "Creatinine 1.1 (0.6-1.2), eGFR 68, BUN 18.",
    "Reflexes 2/4 throughout, sensation intact.",
    "Winter depression in the past, none now.",
    "Yasmin 28 tablets, one daily, no missed pills.",
    "Pain went from 8/10 to 3/10 with 5 mg oxycodone.",
    "Guillain-Barré was thought unlikely.",
    "Firmware 3.1.12 was installed on the insulin pump.",
    "Bishop score 6/13, station -2, 80 % effaced.",
    "HLA-B27 positive, ANA 1:160, CRP 12.",
    "C5-C6 fusion, 7 mm graft; rod 5.5 mm.",
    "Ray amputation of the second toe healed well.",
    "Insulin glargine 10-12 units at bedtime.",
    "Took 3/4 of the dose; 2 of 3 cultures grew nothing.",
    "Vancomycin 1.25 g every 12 hours, trough 15-20.",
    "Apgar 8/9, cord pH 7.29, base excess -4.",
    "Swan-Ganz catheter: PCWP 18, CI 2.4.",
    "Dean of students was not informed, at the request of the family.",
    "Pearl-like papule on the eyelid, 2 mm.",
    "T3N0M0, Gleason 3+4, PSA 6.1.",
    "Colles fracture, closed; Jackson-Pratt drain out.",
    "May resume driving; must not lift more than 5 kg.",
)


HASTY_TUNED: tuple[str, ...] = (
    "{name} here w/ {relative}, c/o sob x3d, no cp. last seen {date}. {mrn} {birth}. d/w {staff}, ok to go home",
    "CALL BACK: {relative} says {name} fell {date}, no loc. {phone}. told to come in. {staff} aware",
    "cc: rash\nhpi: {age}, h/o copd, from {facility}. {kin} w pt. rash since {date}, no fever, no sob. {stranger} saw pt",
    "PT {name} NOT IN ROOM X2. CALLED {phone}, NO ANSWER. {relative} CALLED {otherphone}. WILL RETRY",
    "s/p fall {date}, xr neg. {names} wrist splinted. f/u {stranger} {date}. lives {street}, {town}",
    "rec'd from {facility} {date}. {name}, {mrn}. abx day 4/7. bp 110/60. no bm x2d. {staff}",
    "social: {kin} drives, {relative} cooks. {ssn}, {plan}. mail to {street} {town}",
    "pump {device} alarmed {date}, ok now. {name} denies pain. {stranger} notified {otherphone}",
    "{name} refused am labs. np {stranger} told. will try {date}. k 3.9 yesterday, not hemolyzed",
    "f/u visit. {name} feels better since {date}, wt down 3 lb, no edema. {names} inr 2.4. cont same dose. {staff}",
)

HASTY_HELD_OUT: tuple[str, ...] = (
    "{name} no show {date}. left msg {phone}. {relative} to r/s. {staff}",
    "ED: {age}, weak x2d, no focal deficit. {kin} @ bedside. pcp {stranger}. {mrn}, {birth}",
    "post op check {name}: pain 3/10, no n/v, voided. dsg dry. drain 20 ml. {staff} saw {date}",
    "{names} ride is {relative}, {phone}. d/c to {facility} {date}. meds reviewed, no changes",
    "CONSULT DONE {date}. {stranger}. IMP: NO DVT. {name} MAY AMBULATE. {otherphone} IF QUESTIONS",
    "insurance: {plan}, {ssn}. {name}, {street}, {town}. {kin} is poa",
    "tele: {name} afib 90s, no pauses. device {device}. {stranger} read strip {date}",
    "wound ck. {name} says no drainage since {date}. {relative} does dsg. {facility} to deliver supplies",
)
