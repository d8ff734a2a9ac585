"""A Salesforce org over real HTTPS: state, rules and error shapes of the REST API, in memory."""
