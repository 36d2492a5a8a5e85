"""A service's own enums have the contract's values of the same names."""

from enum import Enum

import pytest
from langdesign.editing.v1 import editing_pb2
from langdesign_chassis.enums import contract_values


class Preserve(Enum):
    STRICT = "as it was"
    NONE = 7


def test_members_have_the_contracts_values_of_their_names_in_their_order():
    assert contract_values(Preserve, editing_pb2.Preserve) == {
        Preserve.STRICT: editing_pb2.PRESERVE_STRICT,
        Preserve.NONE: editing_pb2.PRESERVE_NONE,
    }


def test_a_member_that_the_contract_lacks_is_refused_by_its_name():
    with pytest.raises(ValueError, match="EDIT_STATE_STRICT"):
        contract_values(Preserve, editing_pb2.EditState)
