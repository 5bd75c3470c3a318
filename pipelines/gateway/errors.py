"""What platforms refuse, in one vocabulary: a client turns its platform's codes into these."""

from __future__ import annotations

from pipelines.errors import KoujingError


class PlatformError(KoujingError):
    """A platform refused a call.

    Attributes:
        code: The platform's own code.
        words: The platform's own words.
    """

    hint = "See what is wrong with: koujing shop check"

    def __init__(self, words: str, code: str = "", hint: str = "") -> None:
        said = f"{words} ({code})" if code else words
        super().__init__(said, hint or type(self).hint)
        self.code = code
        self.words = words


class TokenExpired(PlatformError):  # noqa: N818 - named by what happened, as platforms do
    """The access token is dead: refresh once, then call again."""


class AuthorisationGone(PlatformError):  # noqa: N818
    """No token can be had any more: the owner has to authorise again."""

    hint = (
        "The shop's owner has to authorise the app again on the platform; then: koujing shop check"
    )


class SignatureRefused(PlatformError):  # noqa: N818
    """The app's key or secret is wrong."""

    hint = "Hand over the right one: koujing shop set SHOP --credential app_secret=…"


class Throttled(PlatformError):  # noqa: N818
    """Too many calls; ``after`` seconds if the platform said so."""

    def __init__(self, words: str, code: str = "", after: float = 0) -> None:
        super().__init__(words, code)
        self.after = after


class PlatformBusy(PlatformError):  # noqa: N818
    """The platform failed by itself; the same call may work in a moment."""


class ParameterRefused(PlatformError):  # noqa: N818
    """The platform does not take what was asked."""


class PermissionMissing(PlatformError):  # noqa: N818
    """The app may not call this."""

    hint = "Ask for the permission package of this API in the platform's console."


class EndlessPaging(PlatformError):  # noqa: N818
    """Pages went on without end or without anything new."""

    hint = (
        "Nothing of this window was kept, the next run asks again; tell the platform if it stays."
    )


class MalformedAnswer(PlatformError):  # noqa: N818
    """The answer is not what the documentation says: no JSON, half of it, another kind."""


class ShapeChanged(PlatformError):  # noqa: N818
    """A table or column of a database is gone, or of another type than declared."""

    hint = "Ask who looks after the database, or follow it in the connector's schemas.py."


class Unreachable(PlatformError):  # noqa: N818
    """No answer came: network, address, or a connection that broke."""

    hint = "Check the network and the base URL: koujing shop list, KOUJING_<CHANNEL>_BASE_URL"


PASSING = (Throttled, PlatformBusy, MalformedAnswer, Unreachable)
