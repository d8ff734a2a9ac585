"""Pure scoring and qualification: facts, rules and a moment in, answers out. No I/O, no clock, no randomness."""
