"""More rows that the database refuses: of letters, reviews, webhooks, and what the books are kept with."""

from typing import Any

from psycopg.types.json import Jsonb

from tests.db.rows import AT, OWNED

MAIL = {"id": "mal_1", "about": "join", "letter": "sealed", "created_at": AT}
MAILED_LINK = {
    "id": "lnk_1",
    "purpose": "join",
    "email": "four@example.org",
    "secret_hash": "h",
    "created_at": AT,
    "expires_at": AT,
}
REVIEW = {
    "take_id": "take_1",
    "workspace_id": "wsp_1",
    "generation_id": "gen_1",
    "updated_by": "usr_1",
    "updated_at": AT,
}
COMMENT = {
    "id": "cmt_1",
    **OWNED,
    "take_id": "take_1",
    "words": "slower",
    "created_at": AT,
    "updated_at": AT,
}
APPROVAL = {
    "id": "apv_1",
    **OWNED,
    "take_id": "take_1",
    "status": "approved",
    "label": "supervisor",
    "fingerprint": "f",
    "created_at": AT,
}
WEBHOOK = {
    "id": "whk_1",
    **OWNED,
    "url": "https://example.org/hook",
    "events": Jsonb([]),
    "covers": "own",
    "after_xact": "0",
    "after_id": 0,
    "created_at": AT,
    "updated_at": AT,
}
MESSAGE = {
    "id": "msg_1",
    **OWNED,
    "webhook_id": "whk_1",
    "type": "generation.ready",
    "subject_id": "gen_1",
    "data": Jsonb({}),
    "at": AT,
    "state": "pending",
    "opened_at": AT,
    "created_at": AT,
}
POLICY = {"workspace_id": "wsp_1", "updated_at": AT}
TRY = {"id": "wat_1", "webhook_id": "whk_1", "message_id": "msg_1", "number": 1, "at": AT, "took_ms": 1}
SEAL = {"workspace_id": "wsp_1", "number": 1, "entry_id": 1, "prev_hash": b"", "hash": b""}
CLIP_NAME = {"workspace_id": "wsp_1", "name": "a", "wanted": "a", "number": 1, "take_id": "take_1"}
LOT = {"entry_id": "led_1", "account_id": "acc_1", "number": 1, "amount": 1, "expires_at": AT}

BAD_ROWS_OF_PEOPLE: list[tuple[str, Any, dict[str, Any], str]] = [
    ("mails", MAIL, {"state": "lost", "letter": None, "ended_at": AT}, "state_known"),
    ("mails", MAIL, {"letter": None}, "kept_while_waiting"),
    ("mails", MAIL, {"state": "sent", "ended_at": AT}, "kept_while_waiting"),
    ("mails", MAIL, {"owner_id": "usr_1"}, "owned_or_nobodys"),
    ("mails", MAIL, {"workspace_id": "wsp_1"}, "owned_or_nobodys"),
    ("mailed_links", MAILED_LINK, {"purpose": "fun"}, "purpose_known"),
    ("workspace_policies", POLICY, {"attestation_text": ""}, "attestation_text_check"),
    ("take_reviews", REVIEW, {"rating": 6}, "take_reviews_rating_check"),
    ("take_reviews", REVIEW, {"rating": -1}, "take_reviews_rating_check"),
    ("take_comments", COMMENT, {"first_frame": 1}, "frames_come_in_pairs"),
    ("take_comments", COMMENT, {"first_frame": 2, "last_frame": 1}, "take_comments_check"),
    ("take_comments", COMMENT, {"first_frame": -1, "last_frame": 1}, "take_comments_first_frame_check"),
    ("take_comments", COMMENT, {"x": 0.5}, "points_are_whole"),
    ("take_comments", COMMENT, {"x": 1.5, "y": 0.5}, "take_comments_x_check"),
    ("take_comments", COMMENT, {"x": 0.5, "y": -0.5}, "take_comments_y_check"),
    ("take_comments", COMMENT, {"resolved_at": AT}, "resolved_by_somebody"),
    ("take_approvals", APPROVAL, {"status": "liked"}, "status_known"),
    ("take_approvals", APPROVAL, {"ended_at": AT}, "ended_by_somebody"),
    ("webhooks", WEBHOOK, {"covers": "all"}, "covers_known"),
    ("webhooks", WEBHOOK, {"disabled_at": AT}, "disabled_has_reason"),
    ("webhooks", WEBHOOK, {"disabled_at": AT, "disabled_why": "bored"}, "disabled_why_known"),
    ("webhook_messages", MESSAGE, {"state": "lost", "finished_at": AT}, "state_known"),
    ("webhook_messages", MESSAGE, {"finished_at": AT}, "pending_goes_on"),
    ("webhook_attempts", TRY, {"number": 0}, "webhook_attempts_number_check"),
    ("audit_seals", SEAL, {"number": 0}, "audit_seals_number_check"),
    ("clip_names", CLIP_NAME, {"number": 0}, "clip_names_number_check"),
    ("credit_lots", LOT, {"amount": 0}, "credit_lots_amount_check"),
]
