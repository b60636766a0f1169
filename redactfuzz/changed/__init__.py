"""Which scenarios a change of the code concerns: what each depends on is recorded by running it once."""
