"""The dashboard and the alert rules that ship: of metrics and labels that exist, into sections that exist."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from plugin_backend.api.metrics import RequestClock, exposition
from plugin_backend.config import Settings
from plugin_backend.queue.connection import open_redis
from plugin_backend.services.keeping.storage_walk import go_on_for
from plugin_backend.services.opening import open_house
from tests.databases import connect
from tests.house.repository import ROOT

_DEPLOY: Final = ROOT / "docs" / "deploy"
_FUNCTIONS: Final = {"sum", "max", "rate", "delta", "absent", "histogram_quantile", "by", "or"}
_TOKEN: Final = re.compile(
    r'\s+|"[^"]*"|\[\d+[mh]\]|[0-9.]+|[a-zA-Z_]\w*|=~|!~|!=|==|>|<|[{}(),=/+*-]', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule, as far as it is asked about here."""

    name: str
    expression: str
    section: str


def _alerts() -> list[Alert]:
    text = (_DEPLOY / "alerts.yml").read_text()
    rules = re.split(r"^      - alert: ", text, flags=re.MULTILINE)[1:]
    return [_alert(rule) for rule in rules]


def _alert(rule: str) -> Alert:
    expression = re.search(r"expr: (?:>-\n)?(.+?)\n        (?:for|labels):", rule, flags=re.DOTALL)
    section = re.search(r'runbook: "docs/runbook\.md#([\w-]+)"', rule)
    assert expression, rule
    assert section, rule
    return Alert(rule.split("\n", 1)[0], expression[1], section[1])


def _panels() -> list[str]:
    dashboard: dict[str, Any] = json.loads((_DEPLOY / "grafana.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


@pytest.fixture
def shown(settings: Settings, database: str) -> dict[str, set[str]]:
    """Every series that /metrics has, with its labels; what shows from a first round on too."""
    with connect(database) as connection:
        connection.execute("SET application_name = 'somebody'")
        house, redis, clock = open_house(settings), open_redis(settings.redis_url), RequestClock()
        clock._of("GET", "/v1/me", 200).observe(0.1)
        go_on_for(house, seconds=30)
        with redis:
            text = exposition(clock, house, redis).get_data(as_text=True)
        house.engine.dispose()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for name in (family.name, f"{family.name}_total", f"{family.name}_count", f"{family.name}_bucket"):
            found.setdefault(name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("expression", [*_panels(), *(alert.expression for alert in _alerts())])
def test_what_is_shown_and_alerted_on_is_measured(expression: str, shown: dict[str, set[str]]) -> None:
    tokens = [match[0] for match in _TOKEN.finditer(expression)]
    assert "".join(tokens) == expression, "no PromQL"
    for opening, closing in ("()", "{}"):
        assert tokens.count(opening) == tokens.count(closing)
    words = {token for token in tokens if re.fullmatch(r"[a-zA-Z_]\w*", token)}
    metrics = {word for word in words if word.startswith("plugin_backend_")}

    assert metrics
    assert metrics <= shown.keys()
    labels = words - metrics - _FUNCTIONS
    known = set().union(*(shown[metric] or labels for metric in metrics))  # without a row no label shows
    assert labels <= known


def test_every_alert_leads_to_a_section_of_the_runbook() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "docs" / "runbook.md").read_text(), flags=re.MULTILINE)
    sections = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}

    assert len(_alerts()) > 10
    assert {alert.section for alert in _alerts()} <= sections


def test_every_unit_runs_a_line_of_the_procfile_and_leaves_time_to_stop() -> None:
    procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    units = {path.stem.split("-")[2].strip("@"): path.read_text() for path in _DEPLOY.glob("*.service")}

    assert units.keys() == procfile.keys() - {"release"}
    for name, unit in units.items():
        command = procfile[name].removeprefix("exec ")
        assert re.search(
            rf"^ExecStart=/opt/plugin-backend/venv/bin/{re.escape(command)}$", unit, re.MULTILINE
        )
        assert "TimeoutStopSec=30" in unit
    assert f"ExecStartPre=/opt/plugin-backend/venv/bin/{procfile['release']}" in units["web"]


def test_the_page_on_deploying_knows_every_process_and_counts_connections_as_they_are() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    found = Settings.from_environ(
        {
            "ENVIRONMENT": "development",
            "DATABASE_URL": "postgres://db/app",
            "REDIS_URL": "redis://redis:6379",
            "STORAGE_URL": "file:///storage",
            "SHARED_STORAGE": "1",
            "SECRET_KEY": "s" * 32,
            "TOKEN_PEPPER": "p" * 32,
        }
    )
    web = found.web_concurrency * found.web_database_connections

    assert f"{web} `web` ({found.web_concurrency} processes of {found.web_database_connections})" in page
    assert f"{web + found.worker_database_connections + 2} a formation" in page
    for platform in ("Heroku", "Dokku", "Render", "Railway", "Fly", "Scalingo", "systemd"):
        assert re.search(rf"^## {platform}", page, flags=re.MULTILINE)
