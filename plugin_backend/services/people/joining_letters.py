"""The letters of invitations, joining and forgotten passwords. `home` is where this service is for people."""

from urllib.parse import urlencode

from plugin_backend.domain.people.letters import Letter, write

_NOT_YOU = "If it was not you, do nothing: without this letter nobody gets any further."


def invited(email: str, *, workspace: str, role: str, link: str) -> Letter:
    """To somebody whom a workspace wants."""
    return write(
        to=email,
        subject=f"Join {workspace}",
        paragraphs=[
            f"You are invited to the workspace {workspace}, as {role}.",
            "The link is good once, for a week. If you expected no such letter, leave it be.",
        ],
        link=link,
        label="Join the workspace",
    )


def confirm(email: str, *, home: str, token: str) -> Letter:
    """To somebody new."""
    return write(
        to=email,
        subject="Your e-mail address, please",
        paragraphs=[
            f"Somebody, perhaps you, wants to join {home} with this address.",
            f"The link is good once and for a day. {_NOT_YOU}",
        ],
        link=f"{home}/join/confirm?{urlencode({'token': token})}",
        label="Make the account",
    )


def here_already(email: str, *, home: str) -> Letter:
    """To somebody who has an account."""
    return write(
        to=email,
        subject="You have an account",
        paragraphs=[
            f"Somebody, perhaps you, wanted to join {home} with this address. It has an account already.",
            "Perhaps it is spelt otherwise there, without the dots or what follows a plus.",
            "Sign in with it; if you forgot the password, the sign-in page has a way to another one.",
        ],
        link=f"{home}/login",
        label="Sign in",
    )


def another_password(email: str, *, home: str, token: str) -> Letter:
    """To somebody who forgot theirs."""
    return write(
        to=email,
        subject="Another password",
        paragraphs=[
            f"Somebody, perhaps you, asked for another password at {home}.",
            f"The link is good once and for an hour. {_NOT_YOU}",
        ],
        link=f"{home}/forgot/choose?{urlencode({'token': token})}",
        label="Choose a password",
    )


def nobody_here(email: str, *, home: str) -> Letter:
    """To somebody who forgot with which address."""
    return write(
        to=email,
        subject="No account has this address",
        paragraphs=[
            f"Somebody, perhaps you, asked for another password at {home}.",
            "No account that can be signed in to has this address. Perhaps yours has another one.",
        ],
    )
