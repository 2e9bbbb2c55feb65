"""Measurements from outside, by separate load processes on loopback: `python -m tests.bench`.

Figures are medians of interleaved rounds; peers run in the same rounds, so ratios hold where absolute
figures drift from machine to machine.
"""
