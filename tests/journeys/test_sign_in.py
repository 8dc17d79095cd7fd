"""An editor signs a panel in, works, and signs it out, before all the processes of the real service."""

import re
from typing import Any

import httpx
import pytest

from tests.journeys.people import a_draft
from tests.journeys.stack import Stack

pytestmark = pytest.mark.slow

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
LOOKS = 24
"""Over a connection each, so that every web process is met."""


def _browser(stack: Stack) -> httpx.Client:
    return httpx.Client(base_url=stack.url, trust_env=False, timeout=30)


def _send_form(browser: httpx.Client, path: str, action: str, **typed: str) -> httpx.Response:
    found = re.findall(r'name="(form_token|next|user_code)" value="([^"]*)"', browser.get(path).text)
    return browser.post(action, data={**dict(found), **typed})


def _trade(stack: Stack, **form: str) -> httpx.Response:
    return httpx.post(
        f"{stack.url}/v1/oauth/token", data={"client_id": "panel", **form}, trust_env=False, timeout=30
    )


def _looks(stack: Stack, token: str) -> set[int]:
    """What the processes say to a token."""
    headers = {"Authorization": f"Bearer {token}"}
    return {
        httpx.get(f"{stack.url}/v1/me", headers=headers, trust_env=False, timeout=30).status_code
        for _ in range(LOOKS)
    }


def test_a_panel_is_signed_in_works_and_is_out_everywhere_the_moment_it_is_ended(stack: Stack) -> None:
    sign_in: Any = stack.keys["sign_in"]
    codes = httpx.post(
        f"{stack.url}/v1/oauth/device_authorization",
        data={"client_id": "panel", "device": "Resolve in the grading suite"},
        trust_env=False,
    ).json()
    code = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
    assert _trade(stack, **code).json()["error"] == "authorization_pending"

    with _browser(stack) as browser:
        path = codes["verification_uri_complete"].removeprefix(stack.url)
        onward = browser.get(path).headers["Location"]
        came = _send_form(browser, onward, "/login", email=sign_in["email"], password=sign_in["password"])
        assert came.headers["Location"] == path
        assert "Resolve in the grading suite" in browser.get(path).text
        assert "is signed in" in _send_form(browser, path, "/activate", decision="approve").text

        tokens = _trade(stack, **code).json()
        panel = httpx.Client(
            base_url=stack.url,
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
            trust_env=False,
            timeout=30,
        )
        with panel:
            assert panel.post("/v1/generations", json=a_draft(label="by a panel")).status_code == 202
        assert _looks(stack, tokens["access_token"]) == {200}

        account = browser.get("/account").text
        (action,) = re.findall(r'action="(/account/sessions/ses_\w+/end)"', account)
        assert _send_form(browser, "/account", action).status_code == 303
    assert _looks(stack, tokens["access_token"]) == {401}
    again = _trade(stack, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.json()["error"] == "invalid_grant"

    written = "".join(path.read_text() for path in (stack.data / "logs").iterdir())
    secrets = (codes["device_code"], tokens["access_token"], tokens["refresh_token"], sign_in["password"])
    assert "/v1/oauth/token" in written
    assert [each for each in secrets if each[-30:] in written] == []
    assert codes["user_code"] not in written
