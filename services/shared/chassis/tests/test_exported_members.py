import langdesign_chassis


def test_the_public_surface_is_what_all_says_and_sorted():
    assert langdesign_chassis.__all__ == sorted(langdesign_chassis.__all__)
    for name in langdesign_chassis.__all__:
        assert getattr(langdesign_chassis, name).__doc__


def test_the_error_tree_in_the_docstring_is_the_one_in_the_code():
    errors = langdesign_chassis.errors

    def family(kind):
        return {kind.__name__}.union(
            *(family(sub) for sub in kind.__subclasses__() if sub.__module__ == kind.__module__)
        )

    drawn = {
        word for word in errors.__doc__.replace("├", " ").replace("└", " ").split() if word.isidentifier()
    }
    assert family(errors.Error) <= drawn
