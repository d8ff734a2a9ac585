"""SOQL: text to tree, tree to plan, plan to rows."""
