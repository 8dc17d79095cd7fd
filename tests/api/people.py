"""The people who knock, and what they usually say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin_backend.db.people import find_standing
from plugin_backend.domain.callers import Role, Scope
from plugin_backend.domain.quota import day_of
from plugin_backend.services import accounts, credits
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House
from plugin_backend.services.people import api_keys
from plugin_backend.services.people.api_keys import NewKey

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token, and the door they knock at; answers are `TestResponse`s, JSON unchecked."""

    id: str
    workspace_id: str
    token: str
    client: FlaskClient

    def get(self, path: str, **options: Any) -> Any:
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.send("POST", path, **({} if json is None else {"json": json}), **options)

    def patch(self, path: str, json: Any, **options: Any) -> Any:
        return self.send("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.send("DELETE", path, **options)

    def send(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **options)

    def at_another_door(self) -> "Person":
        """The same person with a client of their own, for another thread."""
        return replace(self, client=self.client.application.test_client())


@dataclass(frozen=True, slots=True)
class Town:
    """Makes people."""

    house: House
    client: FlaskClient

    def settle(
        self,
        email: str,
        *,
        role: Role = Role.EDITOR,
        plan: str = "pro",
        scopes: frozenset[Scope] = frozenset((Scope.READ, Scope.GENERATE)),
        workspace_id: str | None = None,
        is_operator: bool = False,
        credit: int = 0,
    ) -> Person:
        user = NewUser(email=email, role=role, plan=plan, workspace_id=workspace_id, is_operator=is_operator)
        made = accounts.create_user(self.house, actor=None, user=user)
        if credit:
            credits.change(self.house, actor=None, user_id=made.id, amount=credit, reason="A start")
        key = NewKey(name="test", scopes=scopes, user_id=made.id)
        token = api_keys.create(self.house, actor=None, key=key).token
        return Person(made.id, made.workspace_id, token, self.client)

    def credits_of(self, person: Person) -> tuple[int, int]:
        """What a person has available and held, as the database says."""
        with self.house.begin() as work:
            standing = find_standing(work.connection, person.id, day=day_of(work.now))
        assert standing is not None
        return standing.available, standing.held


def draft(takes: int = 1, **brief: Any) -> dict[str, Any]:
    """A small request."""
    return {"kind": "draft", "brief": {"prompt": "a misty forest", **brief}, "takes": takes}


def master(**brief: Any) -> dict[str, Any]:
    """A request that costs credits: 2 a second."""
    return {"kind": "master", "brief": {"prompt": "a misty forest", "resolution": "1080p", **brief}}


def problem(answer: TestResponse) -> str:
    """The slug of a refusal."""
    assert answer.content_type == "application/problem+json", answer.text
    kind: str = told(answer)["type"]
    return kind.rpartition("/")[2]


def told(answer: TestResponse) -> dict[str, Any]:
    """An answer's JSON object."""
    assert isinstance(answer.json, dict), answer.text
    return answer.json


def at_once(number: int, action: Callable[[int], T]) -> list[T]:
    """The same thing so many times in parallel."""
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(action, range(number)))
