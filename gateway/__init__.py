"""The REST API in front of the model: light, async, none of the model room's dependencies."""
