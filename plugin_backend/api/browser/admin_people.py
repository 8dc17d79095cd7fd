"""/admin/users: people, and what is changed about one of them."""

from typing import Any, Final

from flask import Blueprint, Response, request

from plugin_backend.api.asked import house, request_id
from plugin_backend.api.browser.admin import ROWS, cursor, next_cursor
from plugin_backend.api.browser.administrators import (
    Change,
    admin_page,
    confirmed,
    done,
    for_administrators,
    number,
    number_or_plan,
    reason,
)
from plugin_backend.api.browser.rendering import field_errors, refusing_in_pages
from plugin_backend.auth import changes
from plugin_backend.db.people import Standing
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.services import accounts, credits, quotas
from plugin_backend.services.accounts import UserChanges
from plugin_backend.services.money import freezing, plans

admin_people = refusing_in_pages(Blueprint("admin_people", __name__))

_MOST_DRAFTS: Final = 10**6
_MOST_AT_ONCE: Final = 1_000
_MOST_CREDITS: Final = 10**12


@admin_people.get("/admin/users")
@for_administrators
def show_people(caller: Caller) -> Response:
    """People whose address has a text in it, newest first."""
    asked = request.args.get("q", "").strip()[:200].replace("\0", "")
    found = accounts.list_users(house(), caller, email=asked or None, before=cursor(), limit=ROWS)
    return admin_page(
        "people", caller, people=found, asked=asked, onward=next_cursor([each.id for each in found])
    )


@admin_people.get("/admin/users/<user_id>")
@for_administrators
def show_person(caller: Caller, *, user_id: str) -> Response:
    """One person: what they have, what they did, and everything that can be changed."""
    return _shown(caller, user_id)


@admin_people.post("/admin/users/<user_id>/quota")
@for_administrators
def change_quota(caller: Caller, *, user_id: str) -> Response:
    """Limits that differ from the plan's; an empty field goes back to it."""
    try:
        limits = {
            "draft_limit_per_day": number_or_plan("draft_limit_per_day", least=0, most=_MOST_DRAFTS),
            "max_concurrent": number_or_plan("max_concurrent", least=1, most=_MOST_AT_ONCE),
        }
        why = reason()
    except ValidationFailedError as error:
        return _shown(caller, user_id, errors=field_errors(error))
    person, _, effect = quotas.preview(house(), caller, user_id, limits)
    before, after = effect.before, effect.after
    said = [
        f"Drafts a day: {before.drafts_per_day:,} now, {after.drafts_per_day:,} then.",
        f"Running at once: {before.concurrent:,} now, {after.concurrent:,} then.",
        *effect.sentences,
    ]
    values = {name: "" if limit is None else str(limit) for name, limit in limits.items()}
    asked = confirmed(caller, _change(person, "quota", f"Change the limits of {person.email}", said, values))
    if asked is not None:
        return asked
    quotas.override(
        house(), actor=caller, user_id=user_id, limits=limits, reason=why, request_id=request_id()
    )
    return done(f"/admin/users/{user_id}", "quota")


@admin_people.post("/admin/users/<user_id>/credits")
@for_administrators
def change_credits(caller: Caller, *, user_id: str) -> Response:
    """Grant credits, or take some away."""
    try:
        amount, why = number("amount", least=-_MOST_CREDITS, most=_MOST_CREDITS), reason()
    except ValidationFailedError as error:
        return _shown(caller, user_id, errors=field_errors(error))
    person = accounts.find_user(house(), caller, user_id)
    if amount == 0 or person.available + amount < 0:
        short = f"{person.available:,} credits are available: take away no more than that."
        return _shown(caller, user_id, errors={"amount": short})
    verb = "Grant" if amount > 0 else "Take away"
    said = [
        f"{verb} {abs(amount):,} credits.",
        f"Available: {person.available:,} now, {person.available + amount:,} then.",
        f"The {person.held:,} credits that are held stay held.",
    ]
    change = _change(
        person, "credits", f"Change the credits of {person.email}", said, {"amount": str(amount)}
    )
    asked = confirmed(caller, change)
    if asked is not None:
        return asked
    credits.change(house(), actor=caller, user_id=user_id, amount=amount, reason=why, request_id=request_id())
    return done(f"/admin/users/{user_id}", "credits")


@admin_people.post("/admin/users/<user_id>/account")
@for_administrators
def change_account(caller: Caller, *, user_id: str) -> Response:
    """Another role, another plan, or no access."""
    try:
        why = reason()
    except ValidationFailedError as error:
        return _shown(caller, user_id, errors=field_errors(error))
    person = accounts.find_user(house(), caller, user_id)
    wanted = _wanted(caller, person)
    said = _said(caller, person, wanted)
    if not said:
        return _shown(caller, user_id, errors={"role": "Nothing is changed: choose another role or plan."})
    values = {name: request.form.get(name, "") for name in ("role", "plan", "access")}
    asked = confirmed(caller, _change(person, "account", f"Change {person.email}", said, values))
    if asked is not None:
        return asked
    accounts.update_user(house(), caller, user_id, wanted, reason=why, request_id=request_id())
    changes.announce()
    return done(f"/admin/users/{user_id}", "account")


@admin_people.post("/admin/users/<user_id>/freeze")
@for_administrators
def change_freeze(caller: Caller, *, user_id: str) -> Response:
    """Let them start nothing new, or let them spend again."""
    try:
        why = reason()
    except ValidationFailedError as error:
        return _shown(caller, user_id, errors=field_errors(error))
    person = accounts.find_user(house(), caller, user_id)
    is_frozen = request.form.get("freeze") == "yes"
    said = (
        ["They start nothing new.", f"What runs finishes: {person.running:,} now.", "Signing in still works."]
        if is_frozen
        else ["They may spend again, within their limits."]
    )
    values = {"freeze": "yes" if is_frozen else "no"}
    verb = "Freeze" if is_frozen else "Thaw"
    asked = confirmed(caller, _change(person, "freeze", f"{verb} {person.email}", said, values))
    if asked is not None:
        return asked
    freezing.change_user(house(), caller, user_id, is_frozen=is_frozen, reason=why, request_id=request_id())
    return done(f"/admin/users/{user_id}", "frozen" if is_frozen else "thawed")


def _change(person: Standing, what: str, title: str, said: list[str], values: dict[str, str]) -> Change:
    path = f"/admin/users/{person.id}"
    return Change(title=title, sentences=said, action=f"{path}/{what}", back=path, values=values)


def _wanted(caller: Caller, person: Standing) -> UserChanges:
    role, plan, access = (request.form.get(name, "") for name in ("role", "plan", "access"))
    known = {each.plan.id for each in plans.find(house(), caller)}
    return UserChanges(
        role=Role(role) if role in {*Role} and role != person.role else None,
        plan=plan if plan in known and plan != person.plan_id else None,
        disabled={"open": False, "closed": True}.get(access)
        if (access == "closed") is not (person.disabled_at is not None)
        else None,
    )


def _said(caller: Caller, person: Standing, wanted: UserChanges) -> list[str]:
    said = []
    if wanted.role is not None:
        said.append(f"Role: {person.role} now, {wanted.role} then.")
    if wanted.plan is not None:
        said += _plan_said(caller, person, wanted.plan)
    if wanted.disabled:
        said.append("They are signed out everywhere, and their keys open nothing.")
    if wanted.disabled is False:
        said.append("They can sign in again.")
    return said


def _plan_said(caller: Caller, person: Standing, plan: str) -> list[str]:
    effect = plans.effect_on_person(house(), caller, person.id, plan)
    said = [
        f"Plan: {person.plan_label} now, {plan} then; its limits hold at once.",
        f"Credits each month: {effect.credits_a_month_before:,} now, {effect.credits_a_month:,} then.",
    ]
    if effect.credits_this_month:
        said.append(f"{effect.credits_this_month:,} credits are granted for this month.")
    if effect.drafts_used_beyond:
        said.append("They have used more today than the new limit: nothing is left today.")
    if effect.running_beyond:
        said.append("They have more under way than may run at once: it goes on, the next waits.")
    if effect.media_beyond:
        said.append(f"{effect.media_beyond:,} finished generations are older than the new plan keeps them.")
    return said


def _shown(caller: Caller, user_id: str, *, errors: dict[str, str] | None = None) -> Response:
    person = accounts.find_user(house(), caller, user_id)
    values: dict[str, Any] = {
        "person": person,
        "plans": [each.plan for each in plans.find(house(), caller)],
        "roles": [*Role],
        "entries": credits.ledger_of(house(), caller, user_id, before=None, limit=20),
        "errors": errors or {},
        "typed": request.form,
    }
    return admin_page("person", caller, status=422 if errors else 200, **values)
