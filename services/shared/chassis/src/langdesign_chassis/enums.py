"""A service's own enums, and the contract's that say the same by the same names."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from google.protobuf.internal.enum_type_wrapper import _EnumTypeWrapper

Own = TypeVar("Own", bound=Enum)
Value = TypeVar("Value", bound=int)


def contract_values(own: type[Own], contract: _EnumTypeWrapper[Value]) -> dict[Own, Value]:
    """Return the contract's value of each member of a service's own enum, which has its name.

    Called as a module loads, so that a member without a value fails at once, and not in the call that first
    has it.

    Args:
        own: The service's enum: `Operation.ADD` is `OPERATION_ADD`.
        contract: The contract's, such as `reference_pb2.Operation`.

    Raises:
        ValueError: The contract has no value of a member's name.

    """
    prefix = contract.keys()[0].removesuffix("UNSPECIFIED")  # the linter of contracts holds them to that form
    return {member: contract.Value(prefix + member.name) for member in own}
