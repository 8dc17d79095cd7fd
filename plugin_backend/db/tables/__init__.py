"""Every table, with the constraints that guard money, uniqueness and state in the database itself."""

from plugin_backend.db.tables.audit import audit_chains, audit_entries, audit_reasons, audit_seals
from plugin_backend.db.tables.columns import metadata
from plugin_backend.db.tables.delivery import assets, chunks, clip_names, deliveries, delivery_files
from plugin_backend.db.tables.direction import directions, evaluations
from plugin_backend.db.tables.joining import mailed_links, mails, welcomes
from plugin_backend.db.tables.journal import events, generation_traces, trace_notes, work
from plugin_backend.db.tables.keeping import erasures, exports, storage_totals, storage_uses, walks
from plugin_backend.db.tables.money import accounts, draft_days, idempotency_keys, ledger_entries
from plugin_backend.db.tables.people import api_keys, panel_settings, projects, users, workspaces
from plugin_backend.db.tables.plans import plan_grants, plans, workspace_policies
from plugin_backend.db.tables.production import attempts, generations, renders, takes
from plugin_backend.db.tables.providers import provider_health
from plugin_backend.db.tables.quotas import (
    alert_rules,
    alerts,
    credit_checkpoints,
    credit_expiries,
    credit_lots,
)
from plugin_backend.db.tables.review import take_approvals, take_comments, take_reviews
from plugin_backend.db.tables.sharing import invitations, pool_months
from plugin_backend.db.tables.sign_in import (
    access_tokens,
    device_grants,
    identities,
    passwords,
    refresh_tokens,
    sessions,
    sign_in_links,
)
from plugin_backend.db.tables.storyboards import (
    delivery_takes,
    shot_generations,
    storyboard_shots,
    storyboards,
)
from plugin_backend.db.tables.usage import COUNTED, ledger_checks, usage_changes, usage_days, usage_totals
from plugin_backend.db.tables.webhooks import webhook_attempts, webhook_messages, webhooks

# The database itself refuses UPDATE and DELETE on these (triggers of the migrations).
APPEND_ONLY = (ledger_entries, events, audit_entries, audit_seals)

__all__ = [
    "APPEND_ONLY",
    "COUNTED",
    "access_tokens",
    "accounts",
    "alert_rules",
    "alerts",
    "api_keys",
    "assets",
    "attempts",
    "audit_chains",
    "audit_entries",
    "audit_reasons",
    "audit_seals",
    "chunks",
    "clip_names",
    "credit_checkpoints",
    "credit_expiries",
    "credit_lots",
    "deliveries",
    "delivery_files",
    "delivery_takes",
    "device_grants",
    "directions",
    "draft_days",
    "erasures",
    "evaluations",
    "events",
    "exports",
    "generation_traces",
    "generations",
    "idempotency_keys",
    "identities",
    "invitations",
    "ledger_checks",
    "ledger_entries",
    "mailed_links",
    "mails",
    "metadata",
    "panel_settings",
    "passwords",
    "plan_grants",
    "plans",
    "pool_months",
    "projects",
    "provider_health",
    "refresh_tokens",
    "renders",
    "sessions",
    "shot_generations",
    "sign_in_links",
    "storage_totals",
    "storage_uses",
    "storyboard_shots",
    "storyboards",
    "take_approvals",
    "take_comments",
    "take_reviews",
    "takes",
    "trace_notes",
    "usage_changes",
    "usage_days",
    "usage_totals",
    "users",
    "walks",
    "webhook_attempts",
    "webhook_messages",
    "webhooks",
    "welcomes",
    "work",
    "workspace_policies",
    "workspaces",
]
