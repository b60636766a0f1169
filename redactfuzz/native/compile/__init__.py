"""From sources to a program that can be explored, and what its library functions are."""
