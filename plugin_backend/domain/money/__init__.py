"""What things cost and what may be spent: plans, prices, quotes, grants that end."""
