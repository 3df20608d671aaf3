"""Cookies of a login: for this server alone, for no script, and encrypted on their way where that can be."""

from fastapi import Request, Response

from cratewise.web.desk import desk_of


def keep_cookie(request: Request, response: Response, name: str, value: str, life_s: int, path: str = "/") -> None:
    """Has the browser keep it.

    Args:
        request: What is answered.
        response: The answer.
        name: The cookie.
        value: What it holds.
        life_s: For how many seconds.
        path: The addresses that need it.
    """
    # lax: a strict cookie would not come along when Spotify sends the browser back
    response.set_cookie(
        name, value, max_age=life_s, path=path, httponly=True, samesite="lax", secure=is_encrypted(request)
    )


def drop_cookie(request: Request, response: Response, name: str, path: str = "/") -> None:
    """Has the browser forget it."""
    response.delete_cookie(name, path=path, httponly=True, samesite="lax", secure=is_encrypted(request))


def is_encrypted(request: Request) -> bool:
    """Whether people come here by an encrypted connection, whatever a proxy before the pages says of this one."""
    return request.url.scheme == "https" or desk_of(request).settings.public_url.startswith("https://")
