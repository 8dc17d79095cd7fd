"""People are found by any part of their address through an index: of the pieces of one to three characters."""

from alembic import op

revision = "0031"
down_revision = "0030"

_GRAMS = """
CREATE OR REPLACE FUNCTION text_grams(given TEXT) RETURNS TEXT[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT substr(word, start, size))
    FROM lower(given) word, generate_series(1, length(word)) start, generate_series(1, 3) size
    WHERE start + size - 1 <= length(word)
$$
"""


def upgrade() -> None:
    op.execute(_GRAMS)
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # what is done concurrently waits long, and nobody waits for it
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_users_email_grams")
        op.execute("CREATE INDEX CONCURRENTLY ix_users_email_grams ON users USING gin (text_grams(email))")
        op.execute("SET lock_timeout = '300ms'")
        op.execute("ANALYZE users")  # how rare a piece is says whether the index is worth it


def downgrade() -> None:
    op.execute("DROP INDEX ix_users_email_grams")
    op.execute("DROP FUNCTION text_grams")
