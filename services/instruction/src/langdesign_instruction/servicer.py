"""Converts, calls, converts: `langdesign.instruction.v1`."""

import base64
import binascii
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc
from langdesign.instruction.v1 import instruction_pb2, instruction_pb2_grpc
from langdesign_chassis import current_tenant, errors
from langdesign_triples import (
    Budget,
    Change,
    Context,
    InvalidContext,
    SubjectKind,
    Triple,
    TriplesError,
    VocabularyExhausted,
)

from langdesign_instruction.desk import Desk, Written
from langdesign_instruction.errors import InstructionError, NoLanguageModel, StrangeToken, UnknownContext
from langdesign_instruction.orders import Order, read_token, resume_token
from langdesign_instruction.statuses import language_model_error

_log = logging.getLogger(__name__)
_PAGE = 100
_CHANGES = {
    Change.ALTER: instruction_pb2.CHANGE_ALTER,
    Change.ADD: instruction_pb2.CHANGE_ADD,
    Change.REMOVE: instruction_pb2.CHANGE_REMOVE,
    Change.REPLACE: instruction_pb2.CHANGE_REPLACE,
    Change.NONE: instruction_pb2.CHANGE_NONE,
}
_KINDS = {
    SubjectKind.OBJECT: instruction_pb2.SUBJECT_KIND_OBJECT,
    SubjectKind.ROOM: instruction_pb2.SUBJECT_KIND_ROOM,
}
