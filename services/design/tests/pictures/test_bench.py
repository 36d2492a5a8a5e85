"""The benchmark's own check; its times are not a test's business."""

from langdesign_design.bench.composing import Case, measure


async def test_the_benchmark_measures_each_depth_and_finds_untouched_pixels_unchanged():
    case = Case(name="tiny", width=50, height=40, jpeg=True)

    figures = await measure(case, depth=9, pairs=2, seed=0)

    assert set(figures.deep) == set(figures.ratios) == {8, 9}
    assert 0 < figures.untouched < 1
    assert figures.keyframe_bytes > figures.patch_bytes > 0
