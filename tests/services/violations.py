"""What must never be found in the books, the places and the rows of work, whatever happened."""

# One row for each thing that must not be, and how often it is.
VIOLATIONS = """
SELECT 'balance is not the sum of its entries', count(*) FROM accounts a
WHERE (available, held) <> (SELECT coalesce(sum(available_delta), 0), coalesce(sum(held_delta), 0)
                            FROM ledger_entries WHERE account_id = a.id)
UNION ALL SELECT 'held is not what is open', count(*) FROM accounts a
WHERE held <> (SELECT coalesce(sum(credits_held), 0) FROM generations
               WHERE account_id = a.id AND finished_at IS NULL)
UNION ALL SELECT 'a running balance does not follow from the entry before', count(*) FROM (
    SELECT available_after - available_delta - coalesce(lag(available_after) OVER w, 0) AS available_gap,
           held_after - held_delta - coalesce(lag(held_after) OVER w, 0) AS held_gap
    FROM ledger_entries WINDOW w AS (PARTITION BY account_id ORDER BY number)) e
WHERE available_gap <> 0 OR held_gap <> 0
UNION ALL SELECT 'a hold is not ended exactly with its generation', count(*) FROM generations g
WHERE (SELECT count(*) FILTER (WHERE kind = 'hold') FROM ledger_entries WHERE generation_id = g.id)
          <> (credits_held > 0)::int
   OR (SELECT count(*) FILTER (WHERE kind = 'settle') FROM ledger_entries WHERE generation_id = g.id)
          <> (credits_held > 0 AND finished_at IS NOT NULL)::int
UNION ALL SELECT 'a cost is not that of the charged takes', count(*) FROM generations g
WHERE finished_at IS NOT NULL AND (credits_settled, draft_units_used) <> (
    SELECT least(coalesce(sum(coalesce(credits, credits_per_take)), 0), credits_held),
        least(count(*), draft_units)
    FROM takes WHERE generation_id = g.id AND charged)
UNION ALL SELECT 'an entry does not say what was settled', count(*) FROM generations g JOIN ledger_entries e
    ON e.generation_id = g.id AND e.kind = 'settle'
WHERE -(e.available_delta + e.held_delta) <> credits_settled
UNION ALL SELECT 'a day does not add up', count(*) FROM draft_days d
WHERE used <> (SELECT coalesce(sum(coalesce(draft_units_used, draft_units)), 0) FROM generations
               WHERE owner_id = d.owner_id AND draft_day = d.day)
UNION ALL SELECT 'a month of the pool does not add up', count(*) FROM pool_months m
WHERE (held, spent) <> (
    SELECT coalesce(sum(credits_held) FILTER (WHERE finished_at IS NULL), 0),
        coalesce(sum(credits_settled), 0)
    FROM generations g JOIN accounts a ON a.id = g.account_id AND a.owner_kind = 'workspace'
    WHERE g.owner_id = m.owner_id AND g.workspace_id = m.workspace_id
      AND date_trunc('month', g.created_at AT TIME ZONE 'UTC') = m.month)
UNION ALL SELECT 'a pool pays for what no month knows of', count(*) FROM generations g
    JOIN accounts a ON a.id = g.account_id AND a.owner_kind = 'workspace'
WHERE NOT EXISTS (SELECT FROM pool_months m WHERE m.owner_id = g.owner_id)
UNION ALL SELECT 'places are miscounted', count(*) FROM users u
WHERE (unfinished, running) <> (SELECT count(*), count(*) FILTER (WHERE counted_running) FROM generations
                                WHERE owner_id = u.id AND finished_at IS NULL)
   OR running > coalesce(max_concurrent_override, 16)
UNION ALL SELECT 'an unfinished generation has no next step', count(*) FROM generations g
WHERE finished_at IS NULL AND NOT EXISTS (SELECT FROM work WHERE subject_id = g.id)
UNION ALL SELECT 'something goes on for an ended generation', count(*) FROM generations g
    JOIN takes t ON t.generation_id = g.id
WHERE finished_at IS NOT NULL AND (t.state IN ('wanted', 'submitted', 'rendered')
    OR EXISTS (SELECT FROM work WHERE subject_id = t.id)
    OR EXISTS (SELECT FROM attempts WHERE take_id = t.id AND state IN ('intent', 'accepted')))
UNION ALL SELECT 'there are more tries than were asked for', count(*) FROM generations g
WHERE iteration > max_iterations
   OR (SELECT count(*) FROM takes WHERE generation_id = g.id) > takes_wanted * (1 + iteration)
UNION ALL SELECT 'an ended generation has not ended as its takes did', count(*) FROM generations g
WHERE (state = 'ready' AND NOT EXISTS (SELECT FROM takes WHERE generation_id = g.id AND state = 'stored'))
   OR (state = 'failed' AND EXISTS (SELECT FROM takes WHERE generation_id = g.id AND charged))
"""
