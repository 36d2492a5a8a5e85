"""What one client offers, the other does too, by the same names, arguments and words."""

import inspect

import pytest
from langdesign_client import AsyncClient, Client

METHODS = sorted(name for name in vars(Client) if not name.startswith("_"))


def test_both_clients_have_the_same_methods():
    assert sorted(name for name in vars(AsyncClient) if not name.startswith("_")) == METHODS


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_both_takes_the_same_and_is_told_in_the_same_words(name):
    blocking, awaited = (getattr(client, name) for client in (Client, AsyncClient))
    taken, also = (list(map(str, inspect.signature(one).parameters.values())) for one in (blocking, awaited))
    assert taken == also
    assert blocking.__doc__ == awaited.__doc__
