"""Executions: one under the scheduler, one with plain threads, many in a batch, and their outcomes."""
