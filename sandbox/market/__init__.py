"""The made-up market that both twins are filled with: same numbers in, same market out, in any process."""
