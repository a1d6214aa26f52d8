"""Words by which names are known: given names, titles and roles, what organisations and places end in, and what is no name."""

from __future__ import annotations

GIVEN_NAMES = frozenset(
    """
    aaron abdi abdul adam adele agnes agneta ahmed aino aisha alan albert alex alexander alfred ali alice alison amanda amina amir amy
    anders andrea andreas andrew angela anita anja ann anna anne anneli annette annika anton antti arne arthur arvid asif asta astrid aud
    barbara ben benjamin bent berit bertil beth birgit birgitta björn bjørn bo boris brenda brian bridget britta bruno camilla carina carl
    carol caroline catherine cathy cecilia charles charlotte chris christian christina christine christopher ciara claire clara colin conor
    craig dag daniel darren dave david dawn deborah deepa denise dennis derek diana dimitri dominic donna doris dorothy dylan ebba edith
    edward einar eino eirik elaine eleanor eleni elin elina elisabeth elizabeth ella ellen elliot elsa elsie emil emily emma eric erica
    erik erika erkki ernst esther eva evelyn faisal farah fatima felix fiona frances francis fredrik gareth gavin george georgia gerard
    gerda gillian giulia glenn gloria gordon grace graham greg greta gudrun gunilla gunnar gustav göran hamid hanna hannah hannele hans
    harald harriet harry hasan hassan heather heidi heikki helen helena helga helge helle henning henrik henry hilda hilde hugh hussein
    ian ibrahim ida iman imran inga inge ingeborg ingegerd inger ingrid ioana irene iris irma isaac isabel isak ivan ivar jack jacob jakob
    james jamila jan jane janet janice jari jasmine jason jean jeff jenna jennifer jenny jens jeremy jessica jette jill jim joan joanna joe
    johan johanna john jon jonas jonathan jonna jorma josef joseph josephine joshua joyce juan judith juha juhani julia julie jussi jørgen
    kaarina kaisa kalle karen kari karin karl karolina katarina kate katherine kathleen katie katja kaye keith kelly ken kenneth kerstin
    kevin khalid kim kirsi kirsten kirsty kjell knut krishna kristian kristiina kristin kurt kwame kyle lars lasse laura lauri lee leena
    leif leila lena lennart leo leonard lewis liam lily linda linnea linus lisa lise liv lone lorraine lotta louis louise lucy ludvig luke
    lynn maeve magda magnus mahmoud maja malcolm malin manuel marcus margaret margareta margit maria marianne marie marja markku markus
    martha martin mary matilda matthew matti maureen maya megan mehmet melanie merja merete mette mia michael mika mikael mike mikko miles
    minna miriam mira mohamed mohammad mohammed moira molly mona monica morten mustafa nadia nancy naomi natalie natasha neil nicholas
    nicola nicole niels nigel niklas nils nina nisha noah nora ola olav ole oliver olivia olle omar oscar oskar ove owen pamela pat patricia
    patrick patrik paul paula pauline peder pekka per pernille perttu peter petra petri philip pia pirjo poul priya rachel ragnar ragnhild
    rahul raija rajesh ralph ravi raymond rebecca reeta reijo richard riitta rita robert roger rohan roland rolf ronald rosie roy rune
    ruth ryan saara saga sally samantha samir samuel sandeep sandra sanna sara sarah sari saskia satu scott sean selma seppo sharon sheila
    shirley signe sigrid silje simon siobhan siri sofia sofie solveig sonia sophie stefan steinar stella stephanie stephen steve steven
    stina stuart sue sunita susan susanna susanne suzanne sven svetlana sylvia søren tanja tapio tariq tatiana teresa terje terry theo
    thomas thor tiina tim timo tina tobias tom tomas tommy tone tony tor tore torsten tove tracy trine trond tuula tuomas ulf ulla ulrika
    ursula usha valerie vanessa vera veronica vibeke victor victoria viggo viktor vilma vincent virpi vivian wanda wei wendy wilhelm william
    winston yasmin yusuf yvonne zahra zainab zara zoe åke åsa älva örjan øyvind
    """.split()
)
"""Common given names in Britain and the Nordic countries, and of people who came there; those that are plain words too are left out."""

ROLES = {
    role: role_words.split()
    for role, role_words in {
        "nurse": "nurse sister matron sjuksköterska sjuksköterskan syster sygeplejerske sygeplejersken sykepleier sykepleieren "
        "sairaanhoitaja hoitaja",
        "doctor": "dr doctor doktor doktorn dokter läkare läkaren lege legen læge lægen lääkäri tohtori consultant surgeon gp psychiatrist",
        "teacher": "teacher headteacher tutor lärare läraren rektor lærer læreren opettaja professor prof",
        "social worker": "socialsekreterare socialsekreteraren socionom kurator kuratorn socialrådgiver socialrådgiveren sosionom "
        "sosiaalityöntekijä",
        "case worker": "caseworker handläggare handläggaren sagsbehandler sagsbehandleren saksbehandler saksbehandleren adviser advisor",
        "midwife": "midwife barnmorska barnmorskan jordemoder jordmor kätilö",
        "therapist": "therapist counsellor psychologist physio physiotherapist psykolog psykologen terapeut terapeuten fysioterapeut "
        "psykologi terapeutti",
        "manager": "manager supervisor boss chef chefen leder lederen esimies",
        "coach": "coach mentor coachen mentorn",
        "carer": "carer vårdare hjemmehjælper hjemmehjelper",
        "police officer": "constable sergeant inspector pc",
        "clergy": "vicar reverend rev father pastor prästen imam rabbi",
    }.items()
}
"""Role to the words that stand before a name; "social worker" and "case worker" in two words are known, too."""

ROLE_OF = {word: role for role, words in ROLES.items() for word in words}

NOT_IN_LOWER_CASE = frozenset(
    "reading cork hull derby turkey stoke exeter bolton pat sue jack joe tone even iman pia tor ove lise".split()
)
"""Names and towns that are plain words once they are written without a capital, as a machine's transcript may write all of them."""

TITLES = frozenset(
    "mr mrs ms miss mx sir lady lord dame madam herr fru fröken frøken hr rouva herra mister aunt auntie uncle granny grandma cousin "
    "farbror moster faster onkel tante".split()
)
"""Titles that tell that a person follows, and nothing of her work."""

ORGANISATION_WORDS = frozenset(
    """
    hospital clinic surgery hospice university college school academy nursery council trust association foundation society ltd limited plc
    inc llp gmbh ab aps as oy oyj charity union party bank church mosque library museum institute agency authority board department
    ministry committee group partnership company services service centre center club fc housing practice pharmacy hotel
    theatre kommun kommune kommunen region regionen
    """.split()
)
"""Words that close the name of an organisation: "Elm Park Surgery"."""

ORGANISATION_ENDINGS = (
    *(
        "kommun",
        "kommune",
        "kassan",
        "sjukhuset",
        "sjukhus",
        "sygehus",
        "sykehus",
        "skolan",
        "skole",
        "förmedlingen",
        "verket",
        "styrelsen",
    ),
    *(
        "förbundet",
        "forbundet",
        "centralen",
        "sairaala",
        "koulu",
        "yliopisto",
        "opisto",
        "hospitalet",
        "universitet",
        "föreningen",
    ),
)

PLACES = frozenset(
    """
    aalborg aarhus aberdeen albania amsterdam århus belfast bergen berlin birmingham bolton bosnia bradford brighton bristol brussels
    burnley cambridge cardiff copenhagen cork coventry croydon denmark derby dublin dundee edinburgh england eritrea espoo ethiopia exeter
    finland france gävle germany ghana glasgow göteborg gothenburg greece hackney hamburg helsingborg helsingfors helsinki huddersfield hull
    iceland india iran iraq ireland italy jönköping jyväskylä karlstad kenya kristiansand københavn kuopio lahti leeds leicester linköping
    liverpool london luleå luton malmö manchester morocco netherlands newcastle nigeria norrköping norway norwich nottingham odense örebro
    oslo oulu oxford pakistan paris plymouth poland portsmouth reading rochdale romania roskilde rovaniemi salford scotland sheffield
    skåne skövde somalia southampton spain stavanger stockholm stoke sudan sunderland sundsvall swansea sweden syria tampere tromsø
    trondheim turkey turku ukraine umeå uppsala vaasa vantaa västerås växjö wakefield wales warsaw wolverhampton york östersund
    """.split()
)
"""Larger towns of these countries, and countries that people there come from."""

NO_NAMES = frozenset(
    """
    a an the this that these those my your his her its our their me you he she it we they us them who whom whose which what when where why
    how in on at by to from of for with without about into onto over under after before since until during between through down up out off
    and or nor yet if because although though while as than like not never always only just also too very still already again here there
    is are was were be been being am do does did done have has had would can could shall should might must let lets let's
    all any both each every few many more most much none one two three some several such same other another nobody somebody everybody
    something nothing anything everything someone everyone anyone first second third last next well right sure fine good great sorry thanks
    thank please hello hi bye yes yeah nope maybe perhaps alright honestly actually really anyway anyhow today tomorrow yesterday tonight
    jag du han hon vi ni de den det en ett och eller men om att som på av till från med för hur vad var när är har hade kan ska skulle
    jeg hun dere og eller men hvis at af til fra med for hvordan hvad hva hvor når er har havde hadde kan skal skulle ja nej nei
    minä sinä hän me te he se ja tai mutta jos että kun niin ei on oli
    money people work
    i i'm i'd i'll i've god jesus christ lord okay ok yeah yes no mm mhm hmm oh ah well so and but then now
    monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays
    january february march april may june july august september october november december christmas easter ramadan eid diwali halloween
    english swedish danish norwegian finnish british scottish welsh irish american european african asian polish german french spanish
    italian arabic somali turkish russian chinese indian pakistani syrian muslim christian catholic jewish black white nordic
    facebook google whatsapp zoom teams netflix youtube instagram internet wifi tv dvd covid corona coronavirus brexit ptsd adhd hiv aids
    nhs gp gps pip dwp dla esa cv hr it pc uk eu usa us bbc a&e mri ct icu cbt sos msc ba phd q a p
    interviewer participant moderator respondent facilitator speaker interviewee researcher observer interpreter
    mum mom dad mam mummy daddy nan nana gran granny grandma grandad papa mama mamma pappa mor far
    dr mr mrs ms miss prof professor nurse doctor sister ward universal credit
    """.split()
)
"""Written with a capital in the middle of a sentence, and nobody's name."""
