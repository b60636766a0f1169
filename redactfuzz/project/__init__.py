"""What ``redactfuzz init`` writes into somebody's project: a first scenario, and the jobs of CI."""
