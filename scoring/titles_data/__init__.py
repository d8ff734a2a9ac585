"""Words of job titles, a table a language, and the machinery that reads the tables."""
