"""The kinds of what is tested, each in a file of its own: see ``session.target``."""
