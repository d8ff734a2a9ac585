"""Salesforce: Leads, Contacts, Accounts, Opportunities and activities in; scores and tasks out."""
