import inspect

import langdesign_media


def test_the_public_names_are_sorted_and_each_says_what_it_is():
    assert langdesign_media.__all__ == sorted(langdesign_media.__all__)
    for name in langdesign_media.__all__:
        assert inspect.getdoc(getattr(langdesign_media, name))


def test_every_error_is_of_one_family_and_exported():
    kinds, waiting = set(), [langdesign_media.MediaError]
    while waiting:
        kind = waiting.pop()
        kinds.add(kind.__name__)
        waiting += kind.__subclasses__()
    assert kinds <= set(langdesign_media.__all__)
