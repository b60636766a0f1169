"""What a scenario may do to its process: children, threads from before, signals, descriptors, where it may write."""
