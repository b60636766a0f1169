"""Proofs on the command line: to ask for one, to check its certificate, to run parts of it again."""
