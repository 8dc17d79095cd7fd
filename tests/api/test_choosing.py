"""What there is to choose from, over HTTP: what each model takes, its limits, its terms."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from plugin_backend.domain.brief import ReferenceRole
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.services.house import House
from tests.api.people import Person, problem

LIMITS = ProviderLimits(concurrency=7, requests_per_minute=13)
_ASSET = text(
    "INSERT INTO assets (id, workspace_id, owner_id, state, media_type, kind, files, created_at, updated_at)"
    " VALUES (:id, :workspace_id, :owner_id, 'ready', :media_type, :kind, '{\"clean\": \"c\"}', now(), now())"
)


@pytest.fixture
def house(house: House) -> House:
    """A service that has the keys of Atlas Cloud and of Luma."""
    names = frozenset({"atlas", "luma", "luma-dream-machine"})
    return replace(house, configured_providers=names, provider_limits={"atlas": LIMITS})


def keep(house: House, person: Person, *kinds: str) -> list[str]:
    """Ready assets of some kinds; their ids."""
    rows = [
        {
            "id": f"ast_{number}",
            "workspace_id": person.workspace_id,
            "owner_id": person.id,
            "kind": kind,
            "media_type": {"image": "image/png", "audio": "audio/wav", "video": "video/mp4"}[kind],
        }
        for number, kind in enumerate(kinds)
    ]
    with house.engine.begin() as connection:
        connection.execute(_ASSET, rows)
    return [str(row["id"]) for row in rows]


def referring(model: str, asset_ids: Sequence[str], *roles: str, **around: Any) -> dict[str, Any]:
    """A draft with references, all characters unless it is said otherwise."""
    named = roles or ("character",) * len(asset_ids)
    references = [{"asset_id": each, "role": role} for each, role in zip(asset_ids, named, strict=True)]
    brief = {"prompt": "fog", "model": model, "duration_seconds": 8, "references": references}
    return {"kind": "draft", "brief": brief, **around}


def pointers(answer: Any) -> list[str]:
    assert problem(answer) == "unsupported-by-model", answer.text
    return [error["pointer"] for error in answer.json["errors"]]


def test_a_model_says_how_many_references_of_what_it_takes_and_in_which_roles(editor: Person) -> None:
    models = {model["id"]: model for model in editor.get("/v1/models").json["items"]}

    assert models["seedance-2.0"]["references"] == {
        "most": 12,
        "media_types": [{"type": "image/*", "most": 9}, {"type": "audio/*", "most": 3}],
        "roles": [role.value for role in ReferenceRole],
    }
    assert models["veo-3.1"]["references"]["most"] == 3
    assert models["ray-3.2"]["references"] is None


def test_limits_are_told_in_words_with_what_this_service_does_at_once(editor: Person) -> None:
    models = {model["id"]: model for model in editor.get("/v1/models").json["items"]}

    said = models["kling-3.0"]["limits"]
    assert said["as_of"] == "2026-11"
    assert "One shot of 5 or 10 s." in said["text"]
    assert "Drafts at 720p; masters at 720p or 1080p." in said["text"]
    assert any("7 takes of atlas" in line and "13 are sent in a minute" in line for line in said["text"])
    assert "One shot of 5 or 10 s; up to 35 s as extensions of it." in models["ray-3.2"]["limits"]["text"]
    assert models["sora-2"]["limits"]["text"] == []


def test_terms_are_dated_and_never_better_than_what_was_found(editor: Person) -> None:
    models = {model["id"]: model for model in editor.get("/v1/models").json["items"]}

    assert models["animatic"]["terms"]["commercial_use"] == "yes"
    assert models["ray-3.2"]["terms"]["commercial_use"] == "by-contract"
    assert models["ray-3.2"]["terms"]["url"].startswith("https://")
    assert models["veo-3.1"]["terms"]["commercial_use"] == "unknown"
    assert all(model["terms"]["as_of"] for model in models.values() if not model["retired"])


def test_twelve_references_are_taken_where_a_model_takes_them(house: House, editor: Person) -> None:
    ids = keep(house, editor, *["image"] * 9, *["audio"] * 3)

    assert editor.post("/v1/generations", referring("seedance-2.0", ids)).status_code == 202


@pytest.mark.parametrize(
    ("kinds", "wrong"),
    [
        (["image"] * 13, ["/brief/references"]),
        (["image"] * 10, ["/brief/references/9/asset_id"]),
        (["image", "video", "audio"], ["/brief/references/1/asset_id"]),
        (["audio"] * 4, ["/brief/references/3/asset_id"]),
    ],
)
def test_a_reference_too_many_or_of_another_kind_is_named(
    house: House, editor: Person, kinds: list[str], wrong: list[str]
) -> None:
    ids = keep(house, editor, *kinds)

    assert pointers(editor.post("/v1/generations", referring("seedance-2.0", ids))) == wrong
    assert editor.get("/v1/generations").json["items"] == []


def test_a_role_that_a_model_does_not_know_is_named(house: House, editor: Person) -> None:
    ids = keep(house, editor, "image", "image")

    answer = editor.post("/v1/generations", referring("veo-3.1", ids, "object", "style"))

    assert pointers(answer) == ["/brief/references/1/role"]
    assert "character, object, environment" in answer.json["errors"][0]["detail"]


def test_a_fallback_that_cannot_be_given_the_references_is_found_out_before_it_is_needed(
    house: House, editor: Person
) -> None:
    ids = keep(house, editor, "image", "audio")
    body = referring("seedance-2.0", ids, fallback_models=["veo-3.1"])

    answer = editor.post("/v1/generations", body)

    assert pointers(answer) == ["/brief/references/1/asset_id"]
    assert "veo-3.1" in answer.json["errors"][0]["detail"]


def test_a_keyframe_that_is_no_picture_is_refused(house: House, editor: Person) -> None:
    (sound,) = keep(house, editor, "audio")
    brief = {"prompt": "fog", "model": "kling-3.0", "keyframes": [{"asset_id": sound}]}

    answer = editor.post("/v1/generations", {"kind": "draft", "brief": brief})

    assert problem(answer) == "validation"
    assert [error["pointer"] for error in answer.json["errors"]] == ["/brief/keyframes/0/asset_id"]
