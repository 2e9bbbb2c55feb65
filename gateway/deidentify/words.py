"""Words that are names as well as words, and the other way round. One home for all who look for names."""

DENYING = frozenset(
    "no not none nil non neg negative never without neither nor deny denies denied refused refuses declined"
    " declines absent cannot".split()
)
"""Taken for a name, one of these would turn a sentence round."""

NEVER_NAMES = DENYING | frozenset(
    "positive pos mr mrs ms miss mx dr md do rn np pa phd jr sr ii iii iv van von de la el del der den of the"
    " and or in on at is was has had to by with for from his her she he it unknown baby boy girl male female"
    " newborn infant patient".split()
)
"""Whoever is called so: taken out, the word would take a denial or the grammar with it."""

TITLES = frozenset(
    "mr mrs ms miss mx mister master madam sir dr drs doctor prof professor nurse sister rev fr father pt"
    " patient messrs".split()
)

TWO_LETTER_WORDS = frozenset(
    "ad ah am an as at be by do eg ex go he hi id if in is it me my no of on or pa so to up us we".split()
)

ORDINARY = frozenset(
    "test data sample demo normal angel april art august baker bell best bird black bond book brown bush"
    " carter case chance church cook cross day dean diamond drew faith field fields fish foot ford forest"
    " fox frank free french friday glass good grace grant gray green grey hall hand hart head heart hill"
    " hood hope hunt ice iris ivory jack joy july june kidd king knight lane law light little long love low"
    " major mark marsh may miles moon moore moss nail new noble north null park parks patience pain peak"
    " penny pope powers price ray reed rich rose salt savage sharp short silver small snow south spring star"
    " starr stern stone storm strong summer sunday sun swift tall teeth thin tooth vale violet wade walker"
    " wall ward waters weeks wells west white wild will wise wood woods young blood bone burns cole colon"
    " gut ham hurt legg lung mild rash shock sick sore stool stroke temple thrush vein weaver wells winter"
    " worth ball banks berry bloom branch bridge brook cane chase child christian clay coffin cotton crisp"
    " dale drain east eye fairly fair fall flowers frost gold goodman hardy hay heath hills hunter key lamb"
    " lake leaf light lord marshall mason merry mills mount noon page paine parish pearl pierce pike plant"
    " plum pool port post potter proctor quick rain rivers roads rock root rush sage sands seal shade shell"
    " shields singer sparks speed stack steel street tanner thorn tray trout tucker turner vine water welch"
    " wolf ye".split()
)
"""In small letters they are the word, not the name."""

EPONYMS = frozenset(
    "addison addisons alport alzheimer alzheimers apgar asperger babinski baker barr barrett barré bartholin"
    " basedow becker beckwith behcet behçet bell bells bence berger bowen braden brown brudzinski budd"
    " buerger burkitt chagas charcot chiari chvostek colles conn cooley crohn crohns cushing cushings"
    " duchenne dupuytren ehlers epstein fabry fallot fanconi felty foley fournier friedreich gaucher gilbert"
    " glasgow goodpasture graves guillain hansen hashimoto hashimotos henoch hodgkin hodgkins horner"
    " huntington huntingtons jones kaposi kawasaki kernig kiesselbach klinefelter koch korsakoff kussmaul"
    " lewy lou lyme lynch mallory marfan mcburney meckel meniere ménière murphy murphys noonan osgood osler"
    " paget pagets parkinson parkinsons peyronie pick picks pott prader raynaud raynauds reiter reye"
    " reynolds romberg rett schlatter sjogren sjögren stevens still stokes tinel todd tourette trousseau"
    " turner virchow waterhouse wegener weber wernicke whipple wilms wilson wilsons wolff zenker zollinger"
    "".split()
)
"""Of these the possessive alone names the disease: "has Parkinson's"."""

EPONYM_NOUNS = frozenset(
    "disease diseases syndrome palsy lymphoma sign signs thyroiditis phenomenon esophagus oesophagus cyst"
    " cysts fracture fractures test tetralogy anemia anaemia chorea dementia body bodies contracture"
    " contractures sarcoma tumor tumour triad scale score reflex criteria node nodes aphasia encephalopathy"
    " psychosis arteritis granulomatosis ataxia dystrophy hernia diverticulum gangrene protein respirations"
    " breathing virus parkinson white danlos johnson schoenlein barre barré willi maneuver manoeuvre"
    " catheter drain tube clamp retractor incision anastomosis stain nails class classification staging"
    " hypertrophy pouch procedure orbitopathy ophthalmopathy nephropathy malformation needle forceps wires"
    " suture operation bandage hip ulcer coma law point position view splint boot frame filter rule index"
    " exponent".split()
)
"""What makes an eponym of the name before it."""

NAMED_DRUGS = frozenset(
    "allegra alli yasmin yaz heather nora camila errin estelle ella portia apri kariva syeda zarah alyacen"
    " jolivette lyza amethia camrese lessina sronyx victoza levora aviane abraxane taclonex zoe lily mona"
    " contin carmen brevital grace armour".split()
)
"""Drugs and devices that are called as people are: with a dose, they are the drug."""

ABBREVIATIONS = frozenset(
    "ali ana art asa bea cal cam cat dan dee dot ed eli eva flo ian ida ira jan lea les mac mae mia nan pam"
    " pat pia ray sal sid sue tia tim van vic wes may mar amy kim gus lou max ted".split()
)
"""In capitals rather something else than somebody: lung injury, aspirin, a transient attack."""

RELATIONS = (
    "wife husband spouse partner fiance fiancé fiancee fiancée daughter son mother father mom dad mum sister"
    " brother aunt uncle niece nephew cousin grandmother grandfather grandson granddaughter stepson"
    " stepdaughter stepmother stepfather neighbor neighbour friend caregiver guardian girlfriend boyfriend"
    " roommate landlord employer twin in-law son-in-law daughter-in-law sister-in-law brother-in-law"
    " sis bro dtr gf bf hubby grandma grandpa gma gpa granny stepmom stepdad"
).split()

NICKNAMES = {
    "alexander": "alex sandy", "andrew": "andy drew", "anthony": "tony", "barbara": "barb", "benjamin": "ben",
    "catherine": "cathy kate katie", "charles": "charlie chuck", "christine": "chris tina",
    "christopher": "chris", "daniel": "dan danny", "david": "dave", "deborah": "deb debbie",
    "donald": "don", "dorothy": "dot dottie", "edward": "ed eddie ted", "elizabeth": "liz beth betty eliza",
    "frances": "fran", "frederick": "fred", "gerald": "jerry", "gregory": "greg", "harold": "harry hal",
    "jacob": "jake", "james": "jim jimmy", "jennifer": "jen jenny", "jeffrey": "jeff", "john": "jack johnny",
    "jonathan": "jon", "joseph": "joe joey", "joshua": "josh", "katherine": "kate kathy katie",
    "kathleen": "kathy", "kenneth": "ken", "kimberly": "kim", "lawrence": "larry", "leonard": "len lenny",
    "margaret": "maggie meg peggy", "matthew": "matt", "michael": "mike mikey", "nathaniel": "nate",
    "nicholas": "nick", "pamela": "pam", "patricia": "pat patty tricia", "patrick": "pat paddy",
    "peter": "pete", "philip": "phil", "rebecca": "becky", "richard": "rick dick richie",
    "robert": "bob bobby rob",
    "ronald": "ron", "samuel": "sam", "sandra": "sandy", "stephanie": "steph", "stephen": "steve",
    "steven": "steve", "susan": "sue susie", "teresa": "terry", "theodore": "ted", "thomas": "tom tommy",
    "timothy": "tim", "tobias": "toby", "victoria": "vicky", "vincent": "vince", "walter": "walt",
    "wilhelmina": "mina billie", "william": "will bill billy willy", "zachary": "zach",
}  # fmt: skip
