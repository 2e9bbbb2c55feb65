"""Readers of segments, one file for each family. They write facts, notes and identity into a `Context`."""
