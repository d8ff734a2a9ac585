"""The standard objects of the org, one table of fields per object.

A line is ``name | type | flags | label | picklist values``. ``ref(A,B)`` is a lookup; \
``rel=`` names the path to the
parent and ``child=`` the list on the parent. A field is nillable and writable unless a flag says otherwise.
"""
