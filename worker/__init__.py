"""The worker door: all slow work, in short, repeatable steps."""
