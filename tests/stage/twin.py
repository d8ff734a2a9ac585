"""`python -m tests.stage.twin CLOCK hubspot|salesforce …`: a twin, as `python -m sandbox` starts it, on a shared clock."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from unittest.mock import patch

from sandbox import __main__ as sandbox
from sandbox.clock import TwinClock
from tests.stage.shared_time import SharedTime

if __name__ == "__main__":
    clock = SharedTime(Path(sys.argv[1]))
    with patch.object(sandbox, "TwinClock", partial(TwinClock, ticks=clock.seconds)):
        sandbox.main(sys.argv[2:])
