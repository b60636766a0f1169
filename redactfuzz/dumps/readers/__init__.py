"""Readers of dump files. `formats.py` lists them."""
