"""Storyboards at work: their changes, their drafts, and the waves these go in."""
