"""HubSpot: contacts, companies, deals, owners, engagements and tasks over its date-versioned CRM API."""
