"""Executes a part of a certificate ``rfproof/1`` again, drawn by chance, and compares what it says with what happens.

``redactfuzz/check`` believes what steps have touched, that the same schedule does the same, and what came out. That is
asked here of the program itself, by its runtime: of some executions, and of the same steps in another order that is to
lead to the same states (docs/reference/rfproof.md).
"""
