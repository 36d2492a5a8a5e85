"""Promise 23: absence is certified of what the network was taught, and in languages that are read, alone."""

import io
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from langdesign_command import samples
from langdesign_editing.events import NoOpReason
from langdesign_edits import Verdict
from langdesign_media import View
from langdesign_rela import Predictor
from langdesign_segmentation.network import Answer
from langdesign_segmentation.segmenter import Segmenter
from langdesign_segmentation.thresholds import read_thresholds
from PIL import Image

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one reference service for all

FAMILY = Path(__file__).parents[2] / "deploy/models/mini/segment"
# None of these is in the checkpoint's list of taught words.
UNKNOWN = """accordion anvil arcade armillary barometer bassinet bidet birdcage bongo bonsai bookend breadbox
bust candelabra canoe cauldron cello chalkboard cloche clavichord coatrack colander credenza crucifix decanter
dollhouse doorbell dreamcatcher drum easel escritoire etagere eiderdown fern figurine fishbowl gong
gramophone hamper harp hatstand hookah humidor hutch jukebox kayak kettle kiln lectern loom mannequin manger
marimba menorah metronome mousetrap obelisk orrery parasol pegboard pergola pinball quilt quagga radiator
rolltop samovar saxophone scarecrow sconce sideboard skateboard sled snowglobe soapdish spittoon
surfboard tapestry telescope terrarium thermostat toboggan totem trampoline tricycle trombone typewriter
ukulele urn valance vanity vitrine wallaby weathervane whiteboard wigwam wok xylophone yurt zither"""
SPOKEN = [
    "Mach den Samowar rot",
    "Entferne das Xylophon",
    "Streich den Webstuhl blau",
    "Fă samovarul roșu",
    "Elimină xilofonul",
    "Vopsește războiul de țesut în albastru",
    "make the samovar red",
    "remove the quagga by the window",
]
FOREIGN = [
    "Rends la chaise verte",
    "Enlève le canapé",
    "Haz que la silla sea verde",
    "Quita el sofá",
    "Rendi verde la sedia",
    "Remova o sofá",
    "Maak de stoel groen",
    "Gör stolen grön",
    "Tee tuolista vihreä",
    "Pomaluj krzesło na zielono",
    "Udělej židli zelenou",
    "Sandalyeyi yeşil yap",
    "Сделай стул зелёным",
    "Κάνε την καρέκλα πράσινη",
    "椅子を消してください",
    "把椅子变成绿色",
    "의자를 초록색으로 바꿔",
    "اجعل الكرسي أخضر",
]


class Rela:
    """The embedded family's network, without a server."""

    def __init__(self):
        self._predictor = Predictor.from_folder(FAMILY)

    async def segment(self, pixels, expressions):
        told = self._predictor.predict(pixels, list(expressions))
        return Answer(told.probability, told.no_target, told.truncated, told.unknown)


class Finder:
    """Finds things in the demo's room, as the segmentation service does."""

    def __init__(self, view):
        self._segmenter = Segmenter(Rela(), 128, max_side=128, batch_bytes=2**26)
        self._view, self._thresholds = view, read_thresholds(FAMILY / "thresholds.json")

    async def segment(self, image, expressions, *, width, height):
        found = {
            one.expression: one
            async for one in self._segmenter.segment(self._view, expressions, self._thresholds)
        }
        return [found[expression] for expression in expressions]


@pytest.fixture(scope="module")
def finder():
    pixels = np.asarray(Image.open(io.BytesIO(samples.bedroom())).convert("RGB"))
    return Finder(View(pixels, pixels.shape[1], pixels.shape[0]))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reason(judging, finder):
    """Returns the no-op reason that an instruction alone gets."""
    async with judging(finder, 128) as judge:
        yield judge


async def test_none_of_the_words_was_taught():
    taught = set((FAMILY / "words.txt").read_text("utf-8").split())
    assert taught & set(UNKNOWN.split()) == set()


async def test_no_absence_is_certified_of_a_word_that_nobody_taught(finder, reason, figure):
    things = [f"the {word}" for word in UNKNOWN.split()]
    found = await finder.segment(None, things, width=128, height=128)
    certified = [one.expression for one in found if one.verdict is Verdict.NO_TARGET]
    certified += [spoken for spoken in SPOKEN if await reason(spoken) is NoOpReason.NO_TARGET]
    figure(
        f"promise 23: {len(certified)} of {len(things) + len(SPOKEN)} unknown words, English, German and "
        "Romanian, were certified absent",
        unknown=len(certified),
    )
    assert certified == []


async def test_what_was_taught_and_is_not_there_is_certified(finder, reason):
    assert await reason("remove the piano") is NoOpReason.NO_TARGET
    assert await reason("Entferne das Klavier") is NoOpReason.NO_TARGET


async def test_no_absence_is_certified_in_a_language_that_nobody_reads(reason, figure):
    certified = [spoken for spoken in FOREIGN if await reason(spoken) is NoOpReason.NO_TARGET]
    figure(
        f"promise 23: {len(certified)} of {len(FOREIGN)} instructions in other languages brought a "
        "certificate",
        foreign=len(certified),
    )
    assert certified == []
