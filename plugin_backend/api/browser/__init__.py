"""Pages for a person in front of a browser: signing in, letting a panel in, looking after one's account."""
