"""The search: sequential orders, the portfolio, variations, and what an execution that leaked looks like."""
