"""Associating the proposals of one frame with persons, and linking persons to tracks."""
