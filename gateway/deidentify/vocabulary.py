"""Words with a capital in notes that are nobody's name, and first names that are hardly anything else."""

from gateway.deidentify.words import NEVER_NAMES, RELATIONS, TITLES

GIVEN_NAMES = frozenset(
    "aaron abigail adam agnes alan albert alexander alexandra alice alison allison amanda amber amy ana"
    " andrea andrew angela anita ann anna anne annie anthony antonio arthur ashley audrey barbara beatrice"
    " benjamin bernard bernice beth betty beverly bonnie bradley brandon brenda brian bruce bryan carl carla"
    " carlos carmen carol caroline carolyn catherine cecilia charles charlotte cheryl christian christina"
    " christine christopher clara clarence claudia colleen connie craig crystal curtis cynthia daniel"
    " danielle darlene david dawn deborah debra denise dennis derek diana diane dolores donald donna doris"
    " dorothy douglas edith edna edward eileen elaine eleanor elena elizabeth ellen emily emma eric erica"
    " ernest esther ethel eugene eva evelyn fatima florence frances francis frederick gabriel gail gary"
    " george gerald geraldine gladys gloria gordon gregory gustavo hannah harold harriet harry hazel heather"
    " helen henry herbert howard hugh ingrid irene isabel isabella jacob jacqueline james jamie jane janet"
    " janice jason jean jeanne jeffrey jennifer jeremy jerome jerry jesse jessica jesus jill jimmy joan"
    " joann joanne joel john johnny jonathan jorge jose josé joseph joshua joyce juan juanita judith judy"
    " julia julie justin karen karl katherine kathleen kathryn kathy katie keith kelly kenneth kevin"
    " kimberly kristen kristin kyle larry laura lauren lawrence leonard leslie lillian linda lisa lois"
    " loretta lori lorraine louis louise lucille lucy luis lynn manuel marcia marcus margaret maria marian"
    " marie marilyn marion marjorie marlene martha martin marvin mary matthew maureen megan melanie melissa"
    " melvin michael michele michelle miguel mildred miriam mohamed mohammed monica nancy naomi natalie"
    " nathan nicholas nicole nora norma norman olga oscar pablo pamela patricia patrick paul paula pauline"
    " pedro peggy peter philip phillip phyllis priya rachel ralph ramon randall raymond rebecca regina renee"
    " rhonda ricardo richard rita robert roberta roger ronald rosa rosemary roy russell ruth ryan sally"
    " samantha samuel sandra sara sarah scott sean sergio sharon sheila shelly sherry shirley simon sofia"
    " sophia sophie stanley stella stephanie stephen steven sue susan suzanne sylvia tamara tammy teresa"
    " terri terry theodore theresa thomas tiffany timothy tina todd tracy tyler valerie vanessa veronica"
    " vera vernon victor victoria vincent virginia vivian walter wanda wayne wendy william willie yolanda"
    " yvonne zachary".split()
)

SERVICES = frozenset(
    "anesthesia anesthesiology cardiology cardiothoracic dermatology dialysis emergency endocrine"
    " endocrinology ent family gastroenterology general geriatrics gi gynecology hematology hepatology"
    " hospice hospital hospitalist icu infectious internal medicine medical neonatology nephrology neurology"
    " neurosurgery nursing nutrition ob obgyn obstetrics occupational oncology ophthalmology optometry"
    " orthopedic orthopedics orthopaedics orthopaedic otolaryngology outpatient palliative pathology"
    " pediatric pediatrics pharmacy physical plastic podiatry primary psychiatry psychology pulmonary"
    " pulmonology radiation radiology rehab rehabilitation renal respiratory rheumatology social speech"
    " surgery surgical therapy transplant trauma urology vascular wound inpatient".split()
)

NOT_SOMEBODY = (
    NEVER_NAMES
    | SERVICES
    | frozenset(
        "will who whom reports states says stated reported at he they this that home deceased alive present"
        " bedside dose daily po iv history contin tablets tablet brain spine knee hip chest abdomen pelvis"
        " service team clinic department group office ward unit please aware notified informed agrees agreed"
        " requests on-call oncall from are were all any both another other some hepatic cardiac disease care"
        " visit plan note notes pt ot case management work resident fellow attending id or er ed review exam"
        " assessment when while after before if then also there today yesterday tomorrow tonight monday"
        " tuesday wednesday thursday friday saturday sunday january february march april june july august"
        " september october november december mri ct xr cxr ekg ecg echo labs lab cbc bmp cmp day week"
        " discharge admission admit follow follow-up call called see seen per once twice but as so such high"
        " low new old our your their my its normal abnormal critical value values result results phone"
        " number name names post rating practice provider physician nurse doctor primary manual ordered"
        " order referred referral right left upper lower ray view views test data active inactive final"
        " preliminary known unknown details status type date time code reason comment comments medication"
        " medications allergy allergies problem problems diagnosis procedure procedures encounter treatment"
        " supply application support appointment appointments instructions education transcribed dictated"
        " capsules capsule caplets sprinkles suspension solution signed electronically reviewed stent"
        " placement syndrome acute chronic blood urine culture consent screening laboratory directors"
        " director center centre health healthcare hospitals system consultation patient's her his him me us"
        " them mother father contact address".split()
    )
)
"""A capital letter does not make a name of what begins a sentence, tells a service or denies."""

BEFORE_NAMES = (
    TITLES
    | frozenset(RELATIONS)
    | frozenset("nurse practitioner physician attending resident fellow surgeon".split())
)
"""What a name may follow within what a pattern took for one."""

GENERIC_PLACES = SERVICES | frozenset(
    "the a an our this that local community outside regional primary care cardiac pain heart failure"
    " diabetes diabetic urgent walk-in sleep memory anticoagulation coumadin warfarin dental eye women's"
    " children's id hiv lipid travel methadone skilled acute subacute long-term day specialty home health"
    " clinic center at in to from via for infusion cancer and of follow-up pre-op preop post-op fall stroke"
    " pacemaker device gyn prenatal ob/gyn chest high-risk tb sti std hand foot spine breast genetics"
    " allergy asthma copd bariatric burn critical access teaching rural va veterans nearby private state"
    " county public her his their my retail mail order compounding senior assisted living elementary high"
    " middle school university college church homeless shelter memorial general birth still attention"
    " delivery referring referral current previous prior last new known no not none without active inactive"
    " final details another other any each every same next is was on with by as hosp snf alf ctr med"
    " patient's patients regular usual inpatient admitting receiving transferring".split()
)
"""Words that name a kind of place; a name of one place has another."""

STOPS_IN_PLACES = frozenset(
    "active inactive final known unknown no not none without details admission diagnosis encounter visit is"
    " was on with by as the at in to from a an our via local this that resolved completed provider attention"
    " still".split()
)
"""The name of a place begins behind them."""

_CLINICAL_ENDINGS = tuple(
    "itis osis emia aemia pathy ology ectomy otomy ostomy plasty scopy graphy gram tion sion"
    " uria algia rrhea rrhage penia plegia paresis trophy sclerosis cillin statin pril"
    " olol azole mycin ine ide ism ness ical sis oma ing ency ated ular".split()
)
_NAMES_WITH_SUCH_ENDINGS = frozenset(
    "catherine christine katherine maxine nadine josephine pauline jacqueline elaine geraldine francine"
    " lorraine madeline valentine levine irvine devine sterling browning harding manning fleming channing"
    " golding keating downing king ring ming pershing thelma norma roma selma wilma paloma adelaide gide"
    " stallings cushing".split()
)


def reads_clinical(word: str) -> bool:
    """`Pneumonitis`, `Infarction`, `Metoprolol`: by its ending no name of a person."""
    folded = word.casefold().strip(".,:;()")
    return folded.endswith(_CLINICAL_ENDINGS) and len(folded) > 4 and folded not in _NAMES_WITH_SUCH_ENDINGS
