import asyncio

import numpy as np
from langdesign_media import ImageGuard
from PIL import Image


async def test_one_decoder_is_started_and_others_come_when_pictures_meet(encoded, room, decoders):
    async with ImageGuard(workers=3) as guard:
        [first] = decoders()
        await guard.decode(encoded(room))
        assert decoders() == [first]
        await asyncio.gather(*(guard.decode(encoded(room)) for _ in range(3)))
        assert first in decoders()
        assert len(decoders()) == 3
    assert decoders() == []


async def test_decoders_without_work_end_and_the_next_picture_starts_one(encoded, room, decoders):
    async with ImageGuard(workers=2, rest=0.05) as guard:
        await guard.decode(encoded(room))
        async with asyncio.timeout(5):
            while decoders():  # noqa: ASYNC110 - another process's end is no event here
                await asyncio.sleep(0.01)
        picture = await guard.decode(encoded(room))
    np.testing.assert_array_equal(picture.pixels, np.asarray(room))


async def test_a_decoder_that_works_is_not_ended_for_want_of_work(encoded, decoders):
    large = encoded(Image.new("RGB", (6000, 4000)))
    async with ImageGuard(workers=2, rest=0.001) as guard:
        pictures = await asyncio.gather(*(guard.decode(large) for _ in range(2)))
    assert [picture.width for picture in pictures] == [6000, 6000]
    assert decoders() == []
