"""The command line: `python -m leadline COMMAND`."""

from __future__ import annotations

import typer

from leadline.cli import approve, audit, check, demo, links, look, parked, provision, run, score, status

app = typer.Typer(
    name="leadline",
    help="Scores leads from HubSpot and Salesforce and puts the answer where sales people already look.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(run.run)
app.command()(run.once)
app.command()(demo.demo)
app.command()(check.check)
app.command()(check.doctor)
app.command()(provision.provision)
app.command()(status.status)
app.command()(status.problems)
app.command()(look.explain)
app.command()(links.links)
app.command()(links.separate)
app.command()(links.rejoin)
app.command()(score.score)
app.command()(approve.approve)
app.command()(audit.audit)
app.add_typer(parked.app, name="parked")


def main() -> None:
    """The entry point of both `python -m leadline` and the console script."""
    app(prog_name="python -m leadline")
