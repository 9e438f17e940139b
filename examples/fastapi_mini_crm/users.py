"""Who asks: the seam for the host's own log-in.

Here a bearer token is the id of a user, so whoever knows an id is that user: enough to try the service on one's own machine,
and for nothing else. A real `current_user` checks the token it is given; it returns an id or refuses, and nothing else changes.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from crm.ids import UserId

bearer = HTTPBearer(auto_error=False)


class Unknown(HTTPException):
    """Nobody knows who asks."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(401, detail, {"WWW-Authenticate": "Bearer"})
        self.code = code


async def current_user(token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> UserId:
    """The user whose token came with the request."""
    if token is None:
        raise Unknown("AUTHENTICATION_FAILED", "a bearer token is required")
    try:
        return UserId(UUID(token.credentials))
    except ValueError:
        raise Unknown("INVALID_TOKEN", "the token is not valid") from None
