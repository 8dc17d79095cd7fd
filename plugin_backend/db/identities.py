"""Whom an issuer's subject is here: one indexed look on the path of every request."""

from collections.abc import Sequence

from psycopg.rows import class_row
from sqlalchemy import Engine

from plugin_backend.db.allowances import ALLOWANCE, ALLOWED_FROM
from plugin_backend.db.driver import glance
from plugin_backend.db.people import KeyHolder

_IDENTITY_HOLDER = f"""
    SELECT u.id AS key_id, '' AS secret_hash, CAST('{{}}' AS text[]) AS scopes,
           CAST(NULL AS float) AS expires_in_seconds,
           u.id AS user_id, u.workspace_id, u.role, u.is_operator, w.default_model, {ALLOWANCE}
    FROM identities i JOIN users u ON u.id = i.user_id JOIN workspaces w ON w.id = u.workspace_id
         {ALLOWED_FROM}
    WHERE i.issuer = %(issuer)s AND i.subject = %(subject)s AND u.disabled_at IS NULL
      AND (CAST(%(domains)s AS text[]) IS NULL OR lower(split_part(u.email, '@', 2)) = ANY(%(domains)s))
    """  # noqa: S608 - only constants go in


def identity_holder(
    engine: Engine, issuer: str, subject: str, *, domains: Sequence[str] = ()
) -> KeyHolder | None:
    """The enabled person whom an issuer means, of these domains or of any; their key is they themselves."""
    values = {"issuer": issuer, "subject": subject, "domains": list(domains) or None}
    return glance(engine, _IDENTITY_HOLDER, values, into=class_row(KeyHolder))
