"""What a campaign keeps on disk: repro files, what a stranger's file may do, marks of this installation."""
