"""The columnar sidecar: what scores follow from, beside the database, in files that are mapped rather than read.

A cache, never the truth: whatever is wrong with it, it is built anew from the database.
"""
