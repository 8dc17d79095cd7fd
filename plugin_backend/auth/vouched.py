"""Callers who come with an issuer's token: who they are here, and what the token lets them do."""

import structlog

from plugin_backend.auth import changes
from plugin_backend.auth.bearer import BearerTokens
from plugin_backend.auth.issuer import Issuer
from plugin_backend.auth.issuer_documents import IssuerError
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import ForbiddenError, UnauthenticatedError
from plugin_backend.domain.people.sso import Arrival, IssuerPolicy, Rule
from plugin_backend.services.house import House
from plugin_backend.services.people import identities
from plugin_backend.settings.sso import Linking, SsoSettings

_log = structlog.get_logger(__name__)


class Vouched:
    """Built once per process. It remembers nobody: who is disabled is out with the next request."""

    def __init__(self, house: House, tokens: BearerTokens, policy: IssuerPolicy) -> None:
        self._house = house
        self._tokens = tokens
        self._policy = policy

    def caller(self, token: str) -> Caller:
        """Whoever a token means; UnauthenticatedError says nothing about why not, our log does."""
        try:
            arrival = self._tokens.read(token)
        except IssuerError as error:
            _log.info("bearer.refused", reason=str(error))
            raise UnauthenticatedError("This token is unknown, expired or revoked.") from error
        try:
            return identities.known(self._house, arrival, self._policy) or self._introduced(arrival)
        except ForbiddenError as error:
            _log.info("bearer.nobody", reason=type(error).__name__)
            raise UnauthenticatedError(error.detail) from error

    def _introduced(self, arrival: Arrival) -> Caller:
        """Somebody new, or whose part is another by now."""
        identities.recognise(self._house, arrival, self._policy)
        changes.announce()
        found = identities.known(self._house, arrival, self._policy)
        if found is None:  # disabled between the two
            raise UnauthenticatedError("This token is unknown, expired or revoked.")
        return found


def open_vouched(settings: SsoSettings, house: House, issuer: Issuer | None) -> Vouched | None:
    """None where the API takes no tokens of an issuer's."""
    if issuer is None or settings.oidc_bearer_audience is None:
        return None
    return Vouched(house, BearerTokens(settings, issuer.documents), policy_from(settings))


def policy_from(settings: SsoSettings) -> IssuerPolicy:
    """How far the issuer is believed, as it is set up."""
    rules = tuple(
        Rule(claim=each.claim, has=each.has, role=Role(each.role), workspace_id=each.workspace_id)
        for each in settings.oidc_claims
    )
    return IssuerPolicy(
        links_by_email=settings.oidc_linking is Linking.VERIFIED_EMAIL,
        signs_up=settings.oidc_sign_up,
        allowed_domains=settings.oidc_allowed_domains,
        rules=rules,
    )
