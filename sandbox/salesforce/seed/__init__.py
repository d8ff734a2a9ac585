"""The seed market in Salesforce's own shape and names."""
