"""What is taken back at the end is not done; what is corrected or spared is."""

import pytest
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.plan import Role
from langdesign_reference.reading import read
from langdesign_reference.retractions import takes_all_back

WITHDRAWN = [
    ("en", "Remove the bed, actually don't"),
    ("en", "Remove the bed... nah dont"),
    ("en", "Remove the pictures, no, keep them"),
    ("en", "Paint the wall blue. Never mind."),
    ("en", "make the sofa red, hmm, no, leave it as it is"),
    ("en", "Replace the rug with a jute one. On second thoughts, don't."),
    ("en", "Add a plant by the window - I changed my mind, thanks"),
    ("en", "Cancel"),
    ("en", "Make the sofa blue. Oh, forget it, it's fine like that."),
    ("de", "Mach das Sofa grün. Ach nee, lass mal, ist gut so."),
    ("de", "Bitte den Spiegel entfernen. Obwohl, nein, vergessen Sie's."),
    ("en", "No wait, scrap that!"),
    ("de", "Entferne den Teppich, ach nein, lass ihn liegen"),
    ("de", "Streich die Wand blau, doch nicht"),
    ("de", "Mach das Sofa grün. Vergiss es, danke"),
    ("ro", "Scoate patul, ba nu, lasă-l"),
    ("ro", "Vopsește peretele în albastru. M-am răzgândit."),
]
ASKED = [
    ("en", "Make the sofa red, no, green", 1),
    ("en", "Paint the walls white, never mind the ceiling", 1),
    ("en", "No carpet please", 1),
    ("en", "Remove the bed, not the lamp", 1),
    ("en", "You can remove the bed, no?", 1),
    ("en", "Paint the wall blue and leave the pictures", 1),
    ("en", "Keep the bed, remove the rug", 1),
    ("de", "Die Lampe weg, der Teppich bleibt", 1),
    ("de", "Entferne das Bett, nicht die Lampe", 1),
    ("ro", "Scoate patul, nu lampa", 1),
]


@pytest.mark.parametrize(("language", "instruction"), WITHDRAWN)
def test_what_is_taken_back_asks_for_nothing(language, instruction):
    reading = read(instruction, load_lexicon(language))
    assert reading is not None
    assert (reading.edits, reading.confidence > 0.5) == ((), True)


@pytest.mark.parametrize(("language", "instruction", "edits"), ASKED)
def test_what_is_corrected_or_spared_is_not_taken_back(language, instruction, edits):
    lexicon = load_lexicon(language)
    assert not takes_all_back(lexicon.split(instruction), lexicon)
    reading = read(instruction, lexicon)
    assert reading is not None
    assert len(reading.edits) == edits


@pytest.mark.parametrize(
    ("language", "instruction"),
    [
        ("en", "Please do not take the sofa away."),
        ("en", "I never asked you to remove the plant."),
        ("en", "Removing the bed is out of the question."),
        ("en", "Removing the rug would be a mistake"),
        ("en", "Stop removing the pictures"),
        ("en", "No way are we getting rid of the bookshelf"),
        ("en", "I can't let you change the floor, we only had it laid in March."),
        ("en", "It would be a shame to lose the fireplace."),
        ("en", "How long does it usually take to remove a carpet?"),
        ("de", "Untersteh dich, den Tisch blau zu machen"),
        ("de", "Wehe, du machst den Tisch blau!"),
        ("de", "Auf keinen Fall das Sofa weglassen"),
        ("de", "Nimm das Bild nicht von der Wand."),
        ("de", "Bitte nicht das Sofa entfernen"),
        ("de", "Streich die Wand nicht blau"),
        ("de", "Mach das Bett bloß nicht rot"),
        ("ro", "Îmi place patul"),
        ("en", "My boyfriend wants the desk gone but I want to keep it."),
        ("en", "My wife wants the walls yellow but I don't."),
        ("de", "Mein Freund will das Sofa loswerden, ich aber nicht."),
        ("ro", "Soțul meu vrea să dispară biroul, dar eu vreau să-l păstrez."),
        ("en", "the landlord won't let me paint the walls"),
        ("en", "we're not allowed to remove the carpet"),
        ("de", "Der Vermieter lässt uns nicht die Wände streichen"),
        ("ro", "Proprietarul nu mă lasă să vopsesc pereții"),
        ("en", "My daughter wants the walls pink, but I'd rather they stayed white."),
        ("de", "Meine Frau wünscht sich ein rotes Sofa, aber mir wäre blau lieber."),
        ("en", "Buyers keep asking whether the fireplace could be removed."),
        ("de", "Kunden fragen, ob das Sofa blau sein könnte"),
        ("ro", "Clienții întreabă dacă canapeaua poate fi albastră"),
        ("en", "I never said you could get rid of the piano!"),
        ("ro", "N-am spus niciodată să scoți pianul!"),
        ("ro", "N-aș scoate covorul"),
        ("ro", "N-aș vopsi pereții în verde"),
        ("en", "The kids would love a bunk bed, but there's simply no room for one."),
        ("en", "Would a grandfather clock fit beside the window, do you think?"),
        ("en", "Would a second desk even fit in there?"),
        ("de", "Würde ein zweiter Schrank hier überhaupt reinpassen?"),
        ("ro", "Oare ar încăpea un fotoliu în colțul ăla?"),
    ],
)
def test_what_is_refused_or_only_liked_asks_for_nothing(language, instruction):
    reading = read(instruction, load_lexicon(language))
    assert reading is not None
    assert (reading.edits, reading.confidence > 0.5) == ((), True)


@pytest.mark.parametrize(
    ("language", "instruction", "english"),
    [
        ("en", "Make the chair red, or better green", "make the chair green"),
        ("en", "Black curtains, actually white ones.", "make the curtains white"),
        ("en", "Please paint the front door red, or rather burgundy", "make the front door burgundy"),
        ("en", "I love the red rug, actually, so make the wall red", "make the wall red"),
        ("en", "Swap the chair for a stool, on second thought a bench.", "replace the chair with a bench"),
        ("de", "Mach das Sofa rot, nein, grün", "make the sofa green"),
        ("de", "Streich die Wand nicht blau, sondern grün", "make the wall green"),
        ("de", "Mach die Wand nicht so dunkel", "make the wall less dark"),
    ],
)
def test_what_is_put_right_is_done_as_it_is_meant(language, instruction, english):
    reading = read(instruction, load_lexicon(language))
    assert reading is not None
    assert [edit.instruction for edit in reading.edits] == [english]


@pytest.mark.parametrize(
    ("language", "instruction", "english"),
    [
        ("en", "The sofa looks really comfy but could the cushions be mustard yellow?", "mustard yellow"),
        ("en", "Can we try the walls in sage green, or would that clash with the floor?", "sage green"),
        ("ro", "Canapeaua arată bine, dar pernele ar putea fi galbene?", "yellow"),
    ],
)
def test_a_thing_that_is_only_remarked_on_stays(language, instruction, english):
    reading = read(instruction, load_lexicon(language))
    assert reading is not None
    (edit,) = reading.edits
    assert len(edit.references) == 1
    assert edit.instruction.endswith(english)


@pytest.mark.parametrize(
    ("language", "instruction", "operation"),
    [
        ("en", "Could you make the sofa fit in the corner?", "move"),
        ("en", "Would it be too much to ask for a new carpet?", "add"),
        ("en", "I was wondering if you could remove the rug", "remove"),
        ("en", "The client wants the wall blue, but keep the pictures", "recolour"),
        ("en", "I would like the wall pink but I'd rather keep the rug", "recolour"),
        ("en", "Would you remove the rug, it does not fit?", "remove"),
        ("de", "Der Teppich passt nicht, nimm ihn raus", "remove"),
        ("de", "Räum den Esstisch ab", "other"),  # the table stays, what lies on it goes
        ("en", "The neighbours aren't allowed to paint, so paint my wall red", "recolour"),
    ],
)
def test_what_is_asked_beside_what_does_not_fit_or_is_forbidden_is_done(language, instruction, operation):
    reading = read(instruction, load_lexicon(language))
    assert reading is not None
    assert [edit.operation.value for edit in reading.edits] == [operation]


@pytest.mark.parametrize(
    ("language", "instruction"),
    [("en", "Fewer cushions, please."), ("de", "Weniger Kissen bitte"), ("ro", "Mai puține perne")],
)
def test_fewer_things_are_some_of_them(language, instruction):
    reading = read(instruction, load_lexicon(language))
    assert reading is not None
    assert [edit.instruction for edit in reading.edits] == ["remove some of the cushions"]


def test_a_place_is_not_what_a_thing_becomes():
    reading = read("Don't remove the toys, just put them in a basket.", load_lexicon("en"))
    assert reading is not None
    assert [edit.operation.value for edit in reading.edits] == ["move"]


def test_what_is_put_right_is_not_done_where_the_new_thing_is_not_known():
    assert read("Put a mirror over the sideboard, or rather a round clock.", load_lexicon("en")) is None


def test_a_value_that_is_said_again_is_not_of_the_room():
    assert read("I said blue, not turquoise!", load_lexicon("en")) is None


@pytest.mark.parametrize(
    "instruction",
    [
        "Everything stays except the curtain, which goes",
        "Clear everything off the table",
        "Clear everything off the desk apart from the lamp.",
    ],
)
def test_nobody_empties_a_room_of_which_less_was_said(instruction):
    reading = read(instruction, load_lexicon("en"))
    for edit in reading.edits if reading else ():
        targets = [one.expression for one in edit.references if one.role is Role.TARGET]
        assert targets
        assert "everything" not in targets


def test_what_is_to_change_and_to_stay_is_not_done():
    assert read("Swap the rug for a round one. Actually leave the rug.", load_lexicon("en")) is None


def test_a_room_is_emptied_where_that_is_said():
    reading = read("Remove everything except the sofa", load_lexicon("en"))
    assert reading is not None
    assert [edit.operation.value for edit in reading.edits] == ["remove"]
