"""Pages of lists."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from langdesign_chassis import errors
from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, tuple_

_LONGEST_ID = 64


def page(
    connection: Connection,
    query: Select[Any],
    place: Sequence[ColumnElement[Any]],
    size: int,
    token: str,
    scope: str,
    *,
    newest_first: bool,
) -> tuple[Sequence[Row[Any]], str]:
    """Return so many rows after a token's, and the token of the page after; "" on the last.

    Args:
        connection: Within a transaction.
        query: What is listed, in no order.
        place: Columns that tell the rows' places, no two rows alike.
        size: Rows of a page.
        token: Of the page before; "" for the first.
        scope: What the list is of; a token of another list is none here.
        newest_first: Whether places descend.

    Raises:
        errors.InvalidArgument: the token is none of this list.

    """
    if token:
        last = tuple_(*_read(token, scope, place))
        query = query.where(tuple_(*place) < last if newest_first else tuple_(*place) > last)
    order = [column.desc() if newest_first else column.asc() for column in place]
    rows = connection.execute(query.order_by(*order).limit(size + 1)).all()
    if len(rows) <= size:
        return rows, ""
    kept = rows[:size]
    values = [getattr(kept[-1], column.key or "") for column in place]
    return kept, base64.urlsafe_b64encode(json.dumps([scope, *values]).encode()).decode()


def _read(token: str, scope: str, place: Sequence[ColumnElement[Any]]) -> list[Any]:
    try:
        found, *values = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError, TypeError) as error:
        raise _no_token() from error
    if found != scope or len(values) != len(place):
        raise _no_token()
    if not all(_fits(value, column) for value, column in zip(values, place, strict=True)):
        raise _no_token()
    return list(values)


def _fits(value: object, column: ColumnElement[Any]) -> bool:
    if isinstance(column.type, Integer):  # BigInteger too
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return isinstance(value, str) and len(value) <= _LONGEST_ID and "\0" not in value


def _no_token() -> errors.InvalidArgument:
    return errors.InvalidArgument(
        "page_token is none of this list", field="page_token", hint="give next_page_token of the page before"
    )
