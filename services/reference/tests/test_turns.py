"""Turns of everyday speech, each kind with sentences that no set has."""

import pytest
from langdesign_reference.conjugation import conjugated
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import parse


@pytest.mark.parametrize(
    ("instruction", "plan"),
    [
        # Thrown away, or thrown somewhere.
        ("Chuck the old telly", "remove target=the old telly"),
        ("Chuck a throw over the armchair", "add anchor=the armchair"),
        ("Drop a rug under the table", "add anchor=the table"),
        ("Drop the blinds", "remove target=the blinds"),
        ("Toss the papers in the bin", "remove target=the papers"),
        # A verb alone, or a word for it, after what it is about.
        ("bin bags by the door, gone", "remove target=bin bags by the door"),
        ("radiator cover, remove", "remove target=radiator cover"),
        ("That kettle? Gone.", "remove target=That kettle"),
        ("the pipes edited out please", "remove target=the pipes"),
        # A value before its thing.
        ("white paint on the shelves", "recolour target=the shelves"),
        ("a coat of blue paint for the door", "recolour target=the door"),
        ("new upholstery in green velvet for the stools", "restyle target=the stools"),
        ("linen for the headboard, pale blue", "restyle target=the headboard"),
        ("a rug in grey wool on the floor", "add anchor=the floor"),
        ("two stools at the island, oak", "add anchor=the island"),
        ("I'd like three pictures in black frames on the wall", "add anchor=the wall"),
        # What is told in the present.
        ("The walls become sage green", "recolour target=The walls"),
        (
            "Paint the door red, and a mirror hangs above the bed",
            "recolour target=the door; add anchor=the bed",
        ),
        # What comes last says more of what is asked.
        ("We need a rug. Put it in front of the sofa", "add anchor=the sofa"),
        ("nobody wants to see that lamp, chuck it", "remove target=that lamp"),
        ("The chair must not be plastic, wood would be better", "restyle target=The chair"),
        ("No more grey, the walls should be a warm white", "recolour target=the walls"),
        ("no curtains, just blinds", "replace target=curtains"),
        # A thing in front of who asks.
        ("Paint the chairs white; the old one I'd keep", "recolour target=the chairs keep=the old one"),
        ("The rug I'd rather get rid of", "remove target=The rug"),
        ("the curtains I want in linen", "restyle target=the curtains"),
        ("where the piano is put a bench", "replace target=the piano"),
        # What is not as was said before.
        ("The lamp stays, the stool doesn't", "remove keep=The lamp target=the stool"),
        ("The chairs should be white, the stool shouldn't", "recolour target=The chairs keep=the stool"),
        ("Nothing leaves the room except the bicycle", "remove target=the bicycle"),
        ("It's not the lamp, it's the shade: make that blue", "recolour keep=the lamp target=the shade"),
        ("no extra furniture, only paint the door red", "recolour target=the door"),
        # What should not be or be done.
        ("This shelf shouldn't lean like that", "other target=This shelf"),
        ("The hall mustn't look so bare", "other*"),
        ("The kitchen isn't supposed to have a fan", "remove target=a fan"),
        ("I wish this room didn't feel like a cellar", "restyle*"),
        ("This place always looks so messy, any ideas", "other*"),
        # Questions.
        ("How would a mirror look above the fireplace?", "add anchor=the fireplace"),
        ("How would brass look on the taps?", "restyle target=the taps"),
        ("Is there a stain on the rug, and if so can you remove it?", "remove target=a stain on the rug"),
        ("Sorry to bother you, could you paint the door red?", "recolour target=the door"),
        ("Isn't it about time we replaced the lamp?", "replace target=the lamp"),
        ("Do you think the sofa is too big?", ""),
        ("Where did you put the lamp?", ""),
        # Who did something to what is spoken of; reasons; what lies about.
        ("Our dog chewed the sofa leg, please repair it", "other target=the sofa leg"),
        ("Put the chair by the window where it's warm", "move target=the chair anchor=the window"),
        ("I left the towels lying about, remove them", "remove target=the towels"),
        ("the photo is blurry, make it sharper", "other*"),
        ("The photo on the wall is crooked, straighten it", "other target=The photo on the wall"),
        # Conditions, and what is to face something.
        ("Paint everything grey as long as the oven stays", "recolour* keep=the oven"),
        ("I'd change nothing except the lamp", "other target=the lamp"),
        ("If you remove the cabinet, put a plant there", "replace target=the cabinet"),
        (
            "Once the bed is moved to the wall, add a lamp beside it",
            "move target=the bed anchor=the wall; add anchor=the bed",
        ),
        ("The chairs should face the fire", "move target=The chairs anchor=the fire"),
        ("The cushions should match the rug", "restyle target=The cushions"),
        (
            "First the blinds come down, then the walls get a coat of mint",
            "remove target=the blinds; recolour target=the walls",
        ),
        ("The rug is too busy, something calmer would be nice", "restyle target=The rug"),
        ("Don't paint the door, strip it", "restyle target=the door"),
        ("None of the chairs match, make them all black", "recolour target=the chairs"),
        ("wall art: remove, wallpaper: botanical", "remove target=wall art; restyle target=wallpaper"),
        (
            "Do the walls in white and the beams in grey, would you?",
            "recolour target=the walls; recolour target=the beams",
        ),
        # Whatever modal verb says it.
        ("the smallest picture can come down", "remove target=the smallest picture"),
        ("The empty wall is crying out for a painting", "add anchor=The empty wall"),
        ("The clock really needs to hang above the door", "move target=The clock anchor=the door"),
        ("The desk had better be black", "recolour target=The desk"),
        ("So the thing is, the oven is too big. Can we have a smaller one?", "replace target=the oven"),
        ("sofa nearer the door", "move target=sofa anchor=the door"),
        ("buy a plant and stand it next to the bed", "add anchor=the bed"),
        ("its too dark in this kitchen", "other*"),
    ],
)
def test_english(plan_line, instruction, plan):
    assert plan_line(instruction) == plan


@pytest.mark.parametrize(
    ("instruction", "language", "plan"),
    [
        (
            "Stell eine Vase auf den Tisch und leg eine Karte daneben",
            "de",
            "add anchor=den Tisch; add anchor=den Tisch",
        ),
        ("Lass die Uhr bloß hängen, der Rest kann weg", "de", "remove keep=die Uhr target=der Rest"),
        ("Stühle raus, Bilder von der Wand", "de", "remove target=Stühle; remove target=Bilder"),
        ("Die Bilder sollen alle weg", "de", "remove target=Die Bilder"),
        ("Warum steht da eine Leiter? Weg damit!", "de", "remove target=eine Leiter"),
        ("Bis auf die Uhr sollen alle Bilder verschwinden", "de", "remove keep=die Uhr target=alle Bilder"),
        ("Ich möchte auf dem Bett eine Decke haben", "de", "add anchor=dem Bett"),
        ("Wo jetzt der Ofen steht, hätte ich gern ein Bild", "de", "replace target=der Ofen"),
        (
            "Die Griffe bleiben, wie sie sind, die Tür in Weiß",
            "de",
            "recolour keep=Die Griffe target=die Tür",
        ),
        ("Häng die Uhr 30 cm höher", "de", "move target=die Uhr"),
        ("Der Boden gefällt mir nicht, lieber Beton", "de", "restyle target=Der Boden"),
        ("Keine Vorhänge, nur Rollos", "de", "replace target=Vorhänge"),
        ("Mehr Licht würde dem Raum gut tun", "de", "other*"),
        ("Die Wand in Grün und darüber zwei Bilder", "de", "recolour target=Die Wand; add anchor=Die Wand"),
        ("Der Teppich ist zu bunt, was Ruhigeres wäre schön", "de", "restyle target=Der Teppich"),
        ("Unde e dulapul acum, aș vrea o bancă", "ro", "replace target=dulapul"),
        ("Schimbă-i rama cu una aurie", "ro", "replace target=rama"),
        ("jos tapetul", "ro", "remove target=tapetul"),
        ("să dăm afară dulapul", "ro", "remove target=dulapul"),
        ("Ia scaunul de acolo, că mă împiedic", "ro", "remove target=scaunul"),
        (
            "Apropie masa de perete și aruncă pe ea o cuvertură",
            "ro",
            "move target=masa anchor=perete; add anchor=masa",
        ),
        ("patul la stânga", "ro", "move target=patul"),
        ("Fă bucătăria mai luminoasă, dar fără galben", "ro", "other*"),
        ("Vopsește ușa, restul ușilor lasă-le albe", "ro", "recolour target=ușa keep=restul ușilor"),
        ("Pereții verzi, tavanul la fel", "ro", "recolour target=Pereții target=tavanul"),
        ("Fără draperii, doar jaluzele", "ro", "replace target=draperii"),
        ("Se vede un cablu. Poți să-l scoți?", "ro", "remove target=un cablu"),
    ],
)
def test_german_and_romanian(plan_line, instruction, language, plan):
    assert plan_line(instruction, language) == plan


def test_a_value_goes_with_what_is_said_of_it():
    (edit,) = parse("linen for the headboard, pale blue", load_lexicon("en")).edits
    assert edit.instruction == "make the headboard pale blue linen"


@pytest.mark.parametrize(
    ("phrase", "language", "form"),
    [
        ("mută", "ro", "mutam"),
        ("vopsește", "ro", "vopsesc"),
        ("închide", "ro", "inchizi"),
        ("dă afară", "ro", "dam afară"),
        ("decorează", "ro", "decorati"),
        ("streichen", "de", "streicht"),
        ("arbeiten", "de", "arbeitet"),
    ],
)
def test_verbs_have_the_forms_of_their_language(phrase, language, form):
    assert form in set(conjugated(phrase, language))


def test_no_forms_are_made_of_english_verbs():
    assert list(conjugated("paint", "en")) == []


@pytest.mark.parametrize(
    ("instruction", "expression"), [("mută planta la geam", "planta"), ("scoate mobila", "mobila")]
)
def test_a_noun_that_is_also_a_form_of_a_verb_stays_a_noun(instruction, expression):
    (edit,) = parse(instruction, load_lexicon("ro")).edits
    assert edit.references[0].expression == expression


def _english(instruction, language="en"):
    reading = parse(instruction, load_lexicon(language))
    assert reading is not None
    return [edit.instruction for edit in reading.edits]


@pytest.mark.parametrize(
    ("instruction", "said"),
    [
        ("Stop the bed from being red", ["give the bed another colour"]),
        ("Could you keep the stool from being plastic?", ["give the stool another look"]),
        ("Stop the walls looking so dark", ["make the walls less dark"]),
        ("Nothing should change except the wall, which should be blue", ["make the wall blue"]),
        ("Make the bed red unless it is already red", ["make the bed red"]),
        (
            "Paint the door green if it isn't already, the shelf white",
            ["make the door green", "make the shelf white"],
        ),
    ],
)
def test_what_should_not_be_is_never_what_is_made(instruction, said):
    assert _english(instruction) == said


@pytest.mark.parametrize(
    ("instruction", "language"),
    [
        ("Undo", "en"),
        ("undo that, please", "en"),
        ("revert", "en"),
        ("go back", "en"),
        ("Mach das rückgängig", "de"),
        ("Anulează asta", "ro"),
        ("Make neither the bed nor the wall red", "en"),
        ("Don't make the stool or the rug blue", "en"),
        ("Ändere das Bett nicht", "de"),
        ("Streichen Sie die Wand nicht", "de"),
        ("Lass das Bett, wie es ist", "de"),
    ],
)
def test_nothing_is_asked_of_the_picture(instruction, language):
    assert _english(instruction, language) == []


def test_a_thing_may_be_undone_and_a_request_may_follow(plan_line):
    assert plan_line("Undo the curtains") == "other target=the curtains"
    assert _english("Undo that and paint the bed red") == ["make the bed red"]


@pytest.mark.parametrize(
    ("instruction", "language", "said"),
    [
        (
            "Replace the sofa with a bench, with wooden legs",
            "en",
            "replace the sofa with a bench with wooden legs",
        ),
        (
            "Replace the stool with a bench, with a red blanket on it",
            "en",
            "replace the stool with a bench with a red blanket on it",
        ),
        ("Replace the sofa, with a bench", "en", "replace the sofa with a bench"),
        ("Add a bench, with wooden legs", "en", "add a bench with wooden legs"),
        (
            "Ersetze das Sofa durch eine Bank, mit Holzbeinen",
            "de",
            "replace the sofa with a bench with wooden legs",
        ),
        (
            "Make the bed red, with soft light and a calm mood, with soft light and a calm mood",
            "en",
            "make the bed red, with soft light",
        ),
    ],
)
def test_what_goes_along_belongs_to_what_is_before(instruction, language, said):
    assert _english(instruction, language) == [said]


@pytest.mark.parametrize(
    "instruction", ["Remove with", "Paint in", "Remove in the corner", "Make with flowers blue", "with red"]
)
def test_a_preposition_is_no_target(instruction):
    assert parse(instruction, load_lexicon("en")) is None


def test_what_has_no_target_leaves_the_rest_read():
    assert _english("Make the bed red. With soft light blue") == ["make the bed red"]


def test_the_right_one_is_the_right_picture():
    said = _english("Paint the left picture red, the right one blue")
    assert said == ["make the left picture red", "make the right picture blue"]


@pytest.mark.parametrize(
    ("instruction", "language", "said"),
    [
        ("Paint the wall in the colour #00FF00", "en", ["make the wall #00FF00"]),
        ("Paint the wall in the colour green", "en", ["make the wall green"]),
        ("Streiche die Wand in #00FF00", "de", ["make the wall #00FF00"]),
        ("Vopsește peretele în #00FF00", "ro", ["make the wall #00FF00"]),
        ("Streiche die Wand in RAL 9010", "de", ["make the wall RAL 9010"]),
        (
            "Paint the wall rgb(0, 255, 0) and the bed hsl(0, 80%, 50%)",
            "en",
            ["make the wall rgb(0, 255, 0)", "make the bed hsl(0, 80%, 50%)"],
        ),
    ],
)
def test_a_colour_may_be_told_by_its_numbers(instruction, language, said):
    assert _english(instruction, language) == said
