"""The accounts of one server, and which of them a call or a page is for.

A call says it by its token. A page says it by its address: where there are several accounts, the pages of each stand
below `/person/` and the person's id, and `/` shows who there is; where there is one, its pages stand below `/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from cratewise.spotify.sandbox.accounts import Accounts
from cratewise.spotify.sandbox.authorisation import Parts, bearer_of
from cratewise.spotify.sandbox.faults import Faults
from cratewise.spotify.sandbox.values import Account

_PERSON = "/person/"


@dataclass(frozen=True, slots=True)
class Crowd:
    """All accounts of a server.

    Attributes:
        parts: What calls work with, for each account.
        places: Where each person's account stands in `parts`, by the person's id.
    """

    parts: tuple[Parts, ...]
    places: Mapping[str, int]

    @property
    def alone(self) -> Parts | None:
        """The only account there is; `None` where there are several."""
        return self.parts[0] if len(self.parts) == 1 else None

    @property
    def logins(self) -> Accounts:
        """Who may do what, in every account."""
        return self.parts[0].accounts

    @property
    def faults(self) -> Faults:
        """What shall go wrong, whoever calls."""
        return self.parts[0].faults

    @property
    def everyone(self) -> list[Account]:
        """Every account as it is now."""
        return [parts.store.account for parts in self.parts]

    def of_person(self, person_id: str) -> Parts | None:
        """The account of the person with that id; `None` where nobody has it."""
        place = self.places.get(person_id)
        return None if place is None else self.parts[place]

    def found(self, path: str, authorization: str) -> tuple[Parts | None, str]:
        """The account that a request is for, and the path it then has; `None` where it is for none alone."""
        if self.alone is not None:
            return self.alone, path
        if path.startswith("/v1/"):
            return self.parts[self.logins.number_of(bearer_of(authorization)) - 1], path
        if not path.startswith(_PERSON):
            return None, "/people" if path == "/" else path
        person_id, _, rest = path.removeprefix(_PERSON).partition("/")
        return self.of_person(person_id), f"/{rest}"


def root_of(person_id: str) -> str:
    """Where the pages of one of several accounts stand."""
    return f"{_PERSON}{person_id}"


def crowd_of(request: Request) -> Crowd:
    """The accounts that the application gave a request."""
    crowd = request.state.crowd
    assert isinstance(crowd, Crowd)  # noqa: S101 - no request comes without them
    return crowd


Everyone = Annotated[Crowd, Depends(crowd_of)]
