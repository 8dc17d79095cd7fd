"""The panel as a browser gets it: from the same address as the API, and free to ask nobody else."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from manifests.bundle import PanelConfig, PanelHost, files_for
from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.files.location import S3Account
from plugin_backend.services.house import House
from tests.api.people import problem

LIGHT = 150_000
"""Bytes of everything a start loads, as it is sent without compression."""


def _named(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', page)


def test_every_file_that_the_page_names_is_served_with_its_type(client: FlaskClient) -> None:
    page = client.get("/panel/")
    assert page.content_type == "text/html; charset=utf-8"
    names = _named(page.text)
    assert {"panel.css", "panel.js", "config.js"} < set(names)
    for name in names:
        answer = client.get(f"/panel/{name}")
        assert answer.status_code == 200, name
        expected = "text/css" if name.endswith(".css") else "javascript"
        assert expected in answer.content_type, name


def test_what_a_start_loads_is_light(client: FlaskClient) -> None:
    page = client.get("/panel/")
    weight = len(page.data) + sum(len(client.get(f"/panel/{name}").data) for name in _named(page.text))
    assert weight < LIGHT


@pytest.mark.parametrize("host", PanelHost)
def test_what_a_program_loads_is_light_too(host: PanelHost) -> None:
    files = files_for(PanelConfig(api="https://api.studio.example", version="1.0.0", host=host))
    named = {"index.html", *_named(files["index.html"].decode())}
    assert sum(len(files[name]) for name in named) < LIGHT


def test_a_browser_is_given_no_other_hosts_adapter(client: FlaskClient) -> None:
    page = client.get("/panel/").text
    assert "hosts/browser.js" in page
    assert "uxp" not in page
    assert client.get("/panel/hosts/cep.js").status_code == 404


def test_a_file_that_is_still_the_same_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/panel/panel.js")
    again = client.get("/panel/panel.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "no-cache" in first.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["../__init__.py", "panel.d.ts", "core", "%2e%2e/bundle.py", "x.js"])
def test_nothing_but_the_panels_files_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/panel/{path}")
    assert (answer.status_code, problem(answer)) == (404, "not-found")


def test_without_its_slash_the_address_leads_to_the_panel(client: FlaskClient) -> None:
    answer = client.get("/panel")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/panel/")


def test_only_the_panels_own_scripts_run_and_nobody_frames_it(client: FlaskClient) -> None:
    policy = client.get("/panel/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"


def test_where_media_lies_in_a_bucket_the_panel_may_read_that_bucket(
    roomy: Settings, house: House, account: S3Account, bucket_url: str
) -> None:
    settings = replace(
        roomy,
        storage_url=bucket_url,
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
        aws_region=account.region,
        aws_endpoint_url=account.endpoint,
    )
    policy = create_app(settings, house).test_client().get("/panel/").headers["Content-Security-Policy"]
    host = urlsplit(account.endpoint or "").netloc
    for rule in ("connect-src", "img-src", "media-src"):
        assert any(part.strip().startswith(rule) and host in part for part in policy.split(";"))
