"""The demo's workspace: the shipped configuration, pointed at the two twins."""

from __future__ import annotations

import shutil
from pathlib import Path

from leadline.demo.twins import Twin

HUBSPOT_YAML = """\
type: hubspot
every: 1m
settings:
  host: {url}
  token: file:{folder}/secrets/hubspot-token
  map:
    person:
      budget: budget_amount
      budget_status: budget_status
      purchase_timeframe: purchase_timeframe
      target_date: target_go_live
      pain_point: pain_point
"""

SALESFORCE_YAML = """\
type: salesforce
every: 1m
settings:
  instance_url: {url}
  ca_file: {ca_file}
  auth:
    flow: client_credentials
    client_id: {client_id}
    client_secret: file:{folder}/secrets/salesforce-client-secret
  map:
    person:
      budget: Budget__c
      budget_status: Budget_Status__c
      purchase_timeframe: Purchase_Timeframe__c
      target_date: Target_Go_Live__c
      pain_point: Pain_Point__c
      buying_role: Buying_Role__c
"""

LEADLINE_YAML = """\
scoring: inbound
sales_home: salesforce
delivery: {min_change: 3, max_age: 30d}
working_hours: {time_zone: Europe/Berlin, start: "09:00", end: "17:00"}
"""


def write_workspace(shipped: Path, folder: Path, hubspot: Twin, salesforce: Twin) -> Path:
    """Copy the shipped configuration into `folder` and connect it to the twins; returns the new `config` folder."""
    config = folder / "config"
    shutil.copytree(shipped, config, ignore=shutil.ignore_patterns("connections", "schema"))
    (config / "connections").mkdir()
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    (secrets / "hubspot-token").write_text(hubspot.said["token"], encoding="utf-8")
    (secrets / "salesforce-client-secret").write_text(salesforce.said["client_secret"], encoding="utf-8")
    (config / "leadline.yaml").write_text(LEADLINE_YAML, encoding="utf-8")
    (config / "connections" / "hubspot.yaml").write_text(
        HUBSPOT_YAML.format(url=hubspot.url, folder=folder), encoding="utf-8"
    )
    (config / "connections" / "salesforce.yaml").write_text(
        SALESFORCE_YAML.format(
            url=salesforce.url,
            folder=folder,
            ca_file=salesforce.said["ca_file"],
            client_id=salesforce.said["client_id"],
        ),
        encoding="utf-8",
    )
    return config
