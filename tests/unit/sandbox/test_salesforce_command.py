"""The true command over a true socket with TLS."""

import json
import signal
import ssl
import subprocess
import sys
from pathlib import Path

import httpx


def test_the_command_serves_the_org_over_https_and_ends_cleanly(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    command = [sys.executable, "-m", "sandbox", "salesforce", "--port", "0", "--people", "20"]
    command += ["--ca-out", str(ca_file), "--client-secret", "another-made-up-one", "--as-of", "2026-11-22T09:00:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            trust = ssl.create_default_context(cafile=ready["ca_file"])
            with httpx.Client(base_url=ready["url"], verify=trust, trust_env=False, timeout=20) as http:
                client = (ready["client_id"], ready["client_secret"])
                signed_in = http.post("/services/oauth2/token", data={"grant_type": "client_credentials"}, auth=client)
                header = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
                asked = {"q": f"SELECT Username FROM User WHERE Username = '{ready['username']}'"}
                found = http.get("/services/data/v67.0/query", params=asked, headers=header)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
    assert (ready["twin"], ready["client_secret"], ready["ca_file"]) == ("salesforce", "another-made-up-one", str(ca_file))
    assert signed_in.json()["instance_url"] == ready["url"]
    assert found.json()["totalSize"] == 1
    assert process.returncode == 0
