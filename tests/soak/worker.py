"""`python -m tests.soak.worker CLOCK`: the engine in one process for hundreds of cycles, on a shared clock.

Each line on standard input, `cycle` or `audit`, does one; a line of JSON on standard output then says how it went and how
large the process has become.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from threading import Event

from tests.stage.effects import listen
from tests.stage.program import LATENCY_SECONDS, stage_clock
from tests.stage.shared_time import SharedTime

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_bytes() -> int:
    """How much memory the process has, once nothing waits for collection."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def main(clock: SharedTime) -> None:
    """Work until standard input ends."""
    stage_clock(clock)
    from leadline import logs
    from leadline.app import open_app
    from leadline.settings.workspace import load_workspace
    from leadline.tally import Logging

    logs.configure(sys.stderr)
    listen(lambda _: None, lambda: clock.move(LATENCY_SECONDS))
    workspace = load_workspace(Path(os.environ["LEADLINE_CONFIG"]))
    with open_app(workspace, os.environ["DATABASE_URL"], Logging(), Event()) as app:
        for line in sys.stdin:
            failed: list[str] = []
            if line.strip() == "audit":
                for auditor in app.auditors.values():
                    auditor.run(app.stop_if_asked)
            else:
                failed = [report.failed for report in app.cycle.once(app.stop_if_asked) if report.failed]
            sys.stdout.write(json.dumps({"failed": failed, "resident_bytes": resident_bytes()}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(SharedTime(Path(sys.argv[1])))
