"""Pixels: decode, colour, encode, measure."""
