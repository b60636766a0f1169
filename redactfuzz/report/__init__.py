"""Outputs: consumers of campaign events. They decide nothing; ``outputs.py`` holds the table of them."""
