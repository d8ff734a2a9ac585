"""Bulk API 2.0: jobs that read with a query (`extract`) or write from CSV (`load`) and take their time (`jobs`)."""
