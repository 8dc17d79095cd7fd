"""What a provider made, taken in: read in a bounded child, stored by its parent.

The parent's side is imported by processes that touch no picture, so nothing is imported here.
"""
