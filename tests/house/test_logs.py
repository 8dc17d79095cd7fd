"""What a log line holds, and what it never holds."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import structlog
from gunicorn.config import Config

from plugin_backend.access_log import AccessLog
from plugin_backend.config import LogFormat, LogLevel
from plugin_backend.logs import bound, configure, redacted

CANARY = "c4n4ry-0123456789"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    line: dict[str, object] = json.loads(capsys.readouterr().err)
    return line


def test_a_line_is_json_with_its_level_name_time_and_bound_ids(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogLevel.INFO, LogFormat.JSON)

    with bound(request_id="req_1", generation_id="gen_1"):
        structlog.get_logger("plugin_backend.test").info("take stored", frames=120)

    line = _line(capsys)
    assert line.pop("timestamp")
    assert line == {
        "event": "take stored",
        "frames": 120,
        "generation_id": "gen_1",
        "level": "info",
        "logger": "plugin_backend.test",
        "request_id": "req_1",
    }


def test_the_standard_librarys_lines_take_the_same_shape(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogLevel.INFO, LogFormat.JSON)

    with bound(request_id="req_2"):
        logging.getLogger("gunicorn.error").info("Booting worker with pid: %s", 7)

    line = _line(capsys)
    assert line["event"] == "Booting worker with pid: 7"
    assert line["request_id"] == "req_2"


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogLevel.WARNING, LogFormat.JSON)

    structlog.get_logger("any").info("quiet")
    logging.getLogger("any").info("quiet too")

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"key pbk_{CANARY} was used",
        f"signing with whsec_{CANARY}",
        f"GET https://bucket.example/clip.mov?X-Amz-Credential={CANARY}&X-Amz-Signature={CANARY}",
        f"GET /files/take.mp4?expires=1&signature={CANARY}",
        f"GET /files/take.mp4?expires=1&sig={CANARY} 206",
        f"POST /v1/hooks/luma/{CANARY} 204",
        f"connecting to postgresql://app:{CANARY}@db.internal/app",
        f"connecting to rediss://:{CANARY}@redis.internal:6380",
        f"GET /activate?user_code={CANARY}",
        f"GET /login?next=/activate%3Fuser_code%3D{CANARY}",
        f"GET /set-password?token=pbl_{CANARY}",
        f"cookie pbs_{CANARY} or token pba_{CANARY}, pbr_{CANARY}, pbd_{CANARY}",
    ],
)
def test_a_secret_in_a_sentence_is_cut_out(text: str) -> None:
    assert CANARY not in redacted(text)


@pytest.mark.parametrize("style", list(LogFormat))
@pytest.mark.parametrize(
    "key", ["authorization", "Cookie", "refresh_token", "client_secret", "password", "api_key"]
)
def test_a_field_with_a_telling_name_is_masked(
    key: str, style: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogLevel.INFO, style)

    structlog.get_logger("any").info("sign-in", **{key: CANARY})

    written = capsys.readouterr().err
    assert "sign-in" in written
    assert CANARY not in written


@pytest.mark.parametrize("style", list(LogFormat))
def test_a_traceback_and_a_nested_value_hide_nothing(
    style: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogLevel.INFO, style)

    try:
        int(f"Bearer {CANARY}")
    except ValueError:
        structlog.get_logger("any").exception("poll failed", request={"headers": [f"Bearer {CANARY}"]})

    written = capsys.readouterr().err
    assert "Traceback" in written
    assert CANARY not in written


@pytest.mark.parametrize(
    "text", ["GET /v1/generations?limit=20&state=ready", "12:30:01:00 at 24000/1001", "a token of thanks"]
)
def test_an_ordinary_sentence_is_left_alone(text: str) -> None:
    assert redacted(text) == text


@dataclass
class Answer:
    """What gunicorn hands its log of an answer."""

    status: str = "206 PARTIAL CONTENT"
    sent: int = 1_024
    headers: tuple[tuple[str, str], ...] = (("ETag", '"a"'), ("X-Request-Id", "req_3"))


def _log_an_answer(*, path: str = "/v1/me", agent: str = "panel/1.2") -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": path,
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_USER_AGENT": agent,
    }
    AccessLog(Config()).access(Answer(), None, environ, timedelta(milliseconds=12))


def test_an_answer_is_one_line_of_the_same_shape(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogLevel.INFO, LogFormat.JSON)

    _log_an_answer()

    line = _line(capsys)
    assert line.pop("timestamp")
    assert line == {
        "event": "answered",
        "method": "GET",
        "path": "/v1/me",
        "status": 206,
        "bytes": 1_024,
        "seconds": 0.012,
        "client": "192.0.2.7",
        "agent": "panel/1.2",
        "request_id": "req_3",
        "level": "info",
        "logger": "gunicorn.access",
    }


def test_the_line_of_an_answer_hides_what_the_others_hide(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogLevel.INFO, LogFormat.JSON)

    _log_an_answer(path=f"/files/take.mp4?expires=1&signature={CANARY}", agent=f"curl pbk_{CANARY}")
    _log_an_answer(path=f"/v1/hooks/luma/{CANARY}")

    written = capsys.readouterr().err
    assert written.count("[redacted]") == 3
    assert CANARY not in written


def test_the_lines_of_answers_obey_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogLevel.WARNING, LogFormat.JSON)

    _log_an_answer()

    assert capsys.readouterr().err == ""
