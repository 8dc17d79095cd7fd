"""What becomes of an issuer's tokens that somebody changed, and of keys that the issuer changes."""

from collections.abc import Iterator

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from plugin_backend.auth.bearer import BearerTokens
from plugin_backend.auth.issuer_documents import IssuerDocuments, IssuerError
from plugin_backend.config import SettingsError
from plugin_backend.settings.environment import EnvironmentReader
from plugin_backend.settings.sso import SsoSettings, read_sso_settings
from tests.fakes.issuer import AUDIENCE, FakeIssuer, decoded, encoded, issuing


@pytest.fixture(scope="module")
def published() -> Iterator[tuple[FakeIssuer, BearerTokens]]:
    with issuing() as issuer:
        settings = _sso(issuer)
        yield issuer, BearerTokens(settings, IssuerDocuments(settings))


def _sso(issuer: FakeIssuer) -> SsoSettings:
    read = EnvironmentReader({"OIDC_ISSUER": issuer.url, "OIDC_BEARER_AUDIENCE": AUDIENCE})
    found = read_sso_settings(read)
    read.finish()
    return SsoSettings(oidc_issuer=issuer.url, **found)


@pytest.mark.slow
@given(data=st.data())
@trying(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_a_thousand_changed_tokens_none_is_believed(
    published: tuple[FakeIssuer, BearerTokens], data: st.DataObject
) -> None:
    issuer, tokens = published
    good = _once(issuer)
    assert tokens.read(good).subject == issuer.does.subject
    changed = data.draw(_changed(good))
    if changed != good:
        with pytest.raises(IssuerError):
            tokens.read(changed)


_KEPT: dict[str, str] = {}


def _once(issuer: FakeIssuer) -> str:
    return _KEPT.setdefault(issuer.url, issuer.access_token())


@st.composite
def _changed(draw: st.DrawFn, good: str) -> str:
    """One character, one bit, one part, one claim or one header away."""
    parts = good.split(".")
    match draw(st.integers(0, 5)):
        case 0:
            at = draw(st.integers(0, len(good) - 1))
            return good[:at] + draw(st.characters(codec="ascii")) + good[at + 1 :]
        case 1:
            which, content = draw(st.integers(0, 2)), b""
            content = decoded(parts[which])
            bit = draw(st.integers(0, len(content) * 8 - 1))
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            parts[which] = encoded(bytes(flipped))
        case 2:
            at = draw(st.integers(0, len(good)))
            return good[:at] + draw(st.text(alphabet="AZaz09-_.=!", min_size=1, max_size=3)) + good[at:]
        case 3:
            at = draw(st.integers(0, len(good) - 1))
            return good[:at] + good[at + 1 :]
        case 4:
            claims = orjson.loads(decoded(parts[1]))
            claims[draw(st.sampled_from(sorted(claims)))] = draw(st.sampled_from(["x", 0, None, [], True]))
            parts[1] = encoded(orjson.dumps(claims))
        case _:
            head = {
                "alg": draw(st.sampled_from(["none", "HS256", "PS256", "ES256", "RS512", ""])),
                "kid": "one",
            }
            parts[0] = encoded(orjson.dumps({**head, "typ": "at+jwt"}))
    return ".".join(parts)


def test_keys_are_read_anew_once_a_minute_at_most_and_stand_while_the_issuer_is_away() -> None:
    passed = [0.0]
    with issuing() as issuer:
        settings = _sso(issuer)
        tokens = BearerTokens(settings, IssuerDocuments(settings, clock=lambda: passed[0]))

        def is_believed(token: str) -> bool:
            try:
                tokens.read(token)
            except IssuerError:
                return False
            return True

        assert is_believed(issuer.access_token())
        issuer.does.published = ("one", "two")
        second = issuer.access_token(header={"kid": "two"})
        unknown = issuer.access_token(header={"kid": "three"})
        assert [is_believed(unknown) for _ in range(5)] == [False] * 5
        assert issuer.asked.count("/keys") == 1
        passed[0] += 61
        assert [is_believed(unknown) for _ in range(5)] == [False] * 5
        assert is_believed(second)
        assert issuer.asked.count("/keys") == 2
        issuer.does.status = 503
        passed[0] += 3_700
        assert [is_believed(second) for _ in range(5)] == [True] * 5
        assert [is_believed(unknown) for _ in range(5)] == [False] * 5
        assert issuer.asked.count("/keys") == 3
        passed[0] += 6 * 3_600
        assert not is_believed(second)
        issuer.does.status = 200
        passed[0] += 61
        assert is_believed(second)


@pytest.mark.parametrize(
    "environ",
    [
        {"OIDC_BEARER_AUDIENCE": "x"},
        {"OIDC_SIGN_UP": "1"},
        {"OIDC_ISSUER": "https://i.example", "OIDC_CLAIMS": "groups=leads"},
        {"OIDC_ISSUER": "https://i.example", "OIDC_CLAIMS": '[{"claim": "groups", "has": "x"}]'},
        {"OIDC_ISSUER": "https://i.example", "OIDC_CLAIMS": '[{"claim": "g", "has": "x", "role": "god"}]'},
        {"OIDC_ISSUER": "https://i.example", "OIDC_CLAIMS": "{}1"},
        {"OIDC_ISSUER": "https://i.example", "OIDC_BEARER_TYPE": "id"},
    ],
)
def test_half_a_set_up_is_a_problem(environ: dict[str, str]) -> None:
    read = EnvironmentReader(environ)
    read_sso_settings(read)
    with pytest.raises(SettingsError):
        read.finish()
