"""The service: the web door, and everything both doors share."""
