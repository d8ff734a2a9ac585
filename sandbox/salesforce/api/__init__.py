"""The REST resources of the org, one module per family; each has a function that gives its routes."""
