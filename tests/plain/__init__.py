"""The scoring specification a second time: plain, slow, one person at a time, written to be read beside the text.

It shares no code with `scoring` but the registrable domain, which comes from a library. Facts and models are plain data,
as JSON and YAML give them. Where the two disagree, one of them misreads the text.
"""
