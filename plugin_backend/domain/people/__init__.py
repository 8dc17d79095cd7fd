"""Who people are: addresses, letters, passwords, tokens, seats, other issuers' claims."""
