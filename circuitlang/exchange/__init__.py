"""Circuits as other tools write them: one file a format, and `formats.FORMATS`, the table of them.

A writer takes a `Circuit` and gives texts; a reader takes bytes and gives a syntax tree, with a
report of what the other format says and a `.circuit` file cannot hold.
"""
