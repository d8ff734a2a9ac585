"""A running daemon takes up edited files, keeps going after a broken edit, and tells a monitoring system how it is."""

from __future__ import annotations

import socket

import httpx

from tests.acceptance.crm import wait_until
from tests.acceptance.world import LEADLINE_YAML, World


def test_edits_are_taken_up_and_a_broken_one_stops_nothing(world: World) -> None:
    world.connect(hubspot_every="1h", salesforce_every="1h")
    port = free_port()
    main = world.file("config/leadline.yaml")
    daemon = world.start("run")
    world.wait_for_cycles(daemon, "hubspot", 1)
    world.wait_for_cycles(daemon, "salesforce", 1)

    main.write_text(LEADLINE_YAML + f"monitoring: {{port: {port}}}\n", encoding="utf-8")
    world.connect(hubspot_every="1s", salesforce_every="1h")
    world.wait_for_cycles(daemon, "hubspot", 4)
    assert any(line["event"] == "configuration taken up" for line in daemon.lines())
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        wait_until("it is ready", lambda: client.get("/readyz").status_code == 200)
        assert client.get("/healthz").json()["status"] == "ok"
        assert 'leadline_outcomes_total{connection="hubspot"' in client.get("/metrics").text

    main.write_text(LEADLINE_YAML + "scorng: inbound\n", encoding="utf-8")
    wait_until("the broken edit is told", lambda: "scorng" in told(world))
    so_far = len(world.cycles(daemon, "hubspot"))
    world.wait_for_cycles(daemon, "hubspot", so_far + 2)

    main.write_text(LEADLINE_YAML, encoding="utf-8")
    wait_until("the correction is taken up", lambda: "scorng" not in told(world))
    ended = daemon.stop()
    assert (ended.code, ended.err) == (0, "")
    assert daemon.lines()[-1]["event"] == "ended"


def told(world: World) -> str:
    return world.command("problems").out


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
