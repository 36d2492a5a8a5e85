"""`langdesign bench photo`: photos as phones take them, edited in turns with the same at the working size."""

import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
from google.protobuf.duration_pb2 import Duration
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.media.v1 import media_pb2
from langdesign_evaluation.phone import as_displayed, display_p3, take
from langdesign_evaluation.photo import main
from PIL import Image, ImageCms, ImageOps


@pytest.fixture
def photo(cases):
    return take(cases[0].before(), cases[0].region(), megapixels=0.12, seed=0)


def test_a_photo_is_stored_turned_and_shown_upright_in_a_phones_aspect(photo):
    with Image.open(io.BytesIO(photo.data)) as stored:
        assert stored.size == (300, 400)
        assert ImageOps.exif_transpose(stored).size == (400, 300)
    assert photo.size == "400x300"
    assert photo.pixels.shape == (300, 400, 3)
    assert photo.region.shape == (300, 400)
    assert photo.region.any()


def test_the_region_is_still_on_the_thing(photo, cases):
    red = cases[0].before()[cases[0].region()].mean(axis=0)
    assert np.abs(photo.pixels[photo.region].mean(axis=0) - red).max() < 10
    small = photo.scaled(48, 64)
    assert np.abs(small.pixels[small.region].mean(axis=0) - red).max() < 30


def test_its_profile_is_display_p3(photo):
    _, profile = as_displayed(photo.data)
    assert profile == display_p3()
    red = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.red_primary[1]
    assert red[:2] == pytest.approx((0.68, 0.32), abs=0.005)


class Painter(editing_pb2_grpc.EditingServiceServicer):
    """Paints the region black in 0.25 s of an engine's time, and loses the profile where told to."""

    keeps_profile = True

    def Edit(self, request, context):
        pixels, profile = as_displayed(request.image.data)
        painted = pixels.copy()
        painted[np.asarray(Image.open(io.BytesIO(request.region.mask.png)).convert("L")) > 127] = 0
        target = io.BytesIO()
        Image.fromarray(painted).save(target, "PNG", icc_profile=profile if self.keeps_profile else None)
        height, width = pixels.shape[:2]
        focus = editing_pb2.Focus(box=media_pb2.Box(width=width, height=height), height=height, width=width)
        timings = editing_pb2.EditTimings(engine=Duration(nanos=250_000_000))
        result = editing_pb2.ResultEvent(
            image=media_pb2.Image(data=target.getvalue()), focus=focus, timings=timings
        )
        event = editing_pb2.EditEvent(sequence=1, result=result)
        yield editing_pb2.EditResponse(operation_id="op-1", event=event)


@pytest.fixture
def painter():
    servicer, server = Painter(), grpc.server(ThreadPoolExecutor(2))
    editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)
    servicer.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield servicer
    server.stop(None).wait(5)


@pytest.fixture
def arguments(set_folder, models, tmp_path):
    shutil.copytree(models / "edit", tmp_path / "edit")
    (tmp_path / "edit" / "sampling.json").write_text('{"working_size": 64, "size_multiple": 8}')
    size = ["--megapixels", "0.3", "--repeats", "1", "--steps", "2"]
    return ["--data", str(set_folder), "--models", str(tmp_path), *size]


@pytest.mark.parametrize(("keeps", "word"), [(True, "kept"), (False, "lost")])
def test_services_are_measured_in_plain_columns(painter, arguments, capsys, keeps, word):
    painter.keeps_profile = keeps
    assert main([*arguments, "--address", painter.address, "--pid", str(os.getpid())]) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 100
    _, photo, ratio = (line.split() for line in said.splitlines()[-3:])
    assert photo[:2] == ["photo", "632x474"]
    assert (photo[3], photo[5], photo[6]) == ("0.250", "0", word)
    assert float(photo[7]) > 10
    assert ratio[:2] == ["ratio", "1.00"]


def test_the_engine_in_this_process_is_measured_too(arguments, capsys):
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["photo"]["picture"] == "632x474"
    assert found["photo"]["outside"] == found["working_size"]["outside"] == 0
    assert 0 < found["photo"]["engine"] < found["photo"]["total"]
    assert found["photo"]["memory"] is None


def test_what_cannot_be_measured_is_told_in_a_line(arguments, tmp_path, capsys):
    assert main([*arguments, "--address", "nowhere"]) == 2
    assert "is no address" in capsys.readouterr().err
    assert main([*arguments, "--data", str(tmp_path)]) == 2
    assert "holds no rendered set" in capsys.readouterr().err
