"""Keys in PEM whose lines lie apart in memory, in any order."""
