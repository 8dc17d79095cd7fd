"""Telling others: endpoints, messages, what was tried, sending it again."""
