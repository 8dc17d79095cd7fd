"""What must hold in the database whatever happened to the processes."""

from tests.journeys.stack import Stack


def assert_books_balance(stack: Stack) -> None:
    """Every hold ended once, every balance is the sum of its entries, nothing is held for what has ended."""
    unbalanced = stack.query(
        "SELECT a.id FROM accounts a LEFT JOIN ledger_entries l ON l.account_id = a.id GROUP BY a.id "
        "HAVING a.available <> coalesce(sum(l.available_delta), 0) "
        "OR a.held <> coalesce(sum(l.held_delta), 0)"
    )
    assert unbalanced == []
    unsettled = stack.query(
        "SELECT g.id, count(l.id) FROM generations g LEFT JOIN ledger_entries l "
        "ON l.generation_id = g.id AND l.kind = 'settle' "
        "WHERE g.finished_at IS NOT NULL AND g.credits_held > 0 GROUP BY g.id HAVING count(l.id) <> 1"
    )
    assert unsettled == []
    doubled = stack.query(
        "SELECT take_id FROM attempts WHERE state IN ('intent', 'accepted') "
        "GROUP BY take_id HAVING count(*) > 1"
    )
    assert doubled == []
    miscounted = stack.query(
        "SELECT u.id, u.unfinished, u.running FROM users u WHERE u.unfinished <> "
        "(SELECT count(*) FROM generations g WHERE g.owner_id = u.id AND g.finished_at IS NULL) "
        "OR u.running <> (SELECT count(*) FROM generations g WHERE g.owner_id = u.id AND g.counted_running)"
    )
    assert miscounted == []
