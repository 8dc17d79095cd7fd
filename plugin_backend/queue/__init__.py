"""RQ, and nothing else that knows of RQ: hints that a row is due."""
