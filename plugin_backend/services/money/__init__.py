"""What may be spent: plans, pools, grants that end, transfers, thresholds, receipts."""
