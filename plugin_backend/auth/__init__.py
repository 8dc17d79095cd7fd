"""Who is calling: API keys and scopes."""
