"""Executions of a program: explored in batches, replayed one by one, and in a process that really dies."""
