"""Plan, judge, try again: the director between the takes, and the editor's word to it."""
