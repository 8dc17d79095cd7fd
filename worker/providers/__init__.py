"""One file per upstream, one Protocol, one registry."""
