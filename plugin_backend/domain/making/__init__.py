"""How models are asked: routing, chaining, fields, limits, health, seeds."""
