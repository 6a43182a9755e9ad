"""`python -m ops <command>`: what a person, and the Makefile, does with an installation."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from ops import cli, datasets
from ops.errors import OpsError, refused
from ops.paths import VAR
from ops.stack import DEFAULT_PORT


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    root = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    root.add_argument("--var", type=Path, default=VAR, help="state folder of the installation (default: var)")
    commands = root.add_subparsers(dest="command", required=True)
    setup = commands.add_parser(
        "setup", help="Docker engine and training image; with --chromium also Chromium"
    )
    setup.add_argument("--chromium", action="store_true")
    up = commands.add_parser("up", help="start the installation and wait until it works")
    up.add_argument("--port", type=_port, default=os.environ.get("PORT") or str(DEFAULT_PORT))
    commands.add_parser("down", help="stop it; no process and no container is left")
    status = commands.add_parser(
        "status", help="how components and experiments are; exit code 1 unless all components run"
    )
    status.add_argument("--json", action="store_true")
    mail = commands.add_parser("mail", help="write the mail of an ended experiment as files, sending nothing")
    mail.add_argument("folder", type=Path)
    mail.add_argument("--experiment", help="owner/name@sha (default: the newest that has ended)")
    mail.add_argument("--pictures", action="store_true", help="also PNGs: light, dark, desk, phone")
    logs = commands.add_parser("logs", help="show the end of the components' logs")
    logs.add_argument("component", nargs="?")
    logs.add_argument("-f", "--follow", action="store_true")
    restart = commands.add_parser("restart", help="stop one component and start it again")
    restart.add_argument("component")
    clean = commands.add_parser("clean", help="stop everything, remove all state but secrets and logins")
    clean.add_argument("--secrets", action="store_true", help="remove those too")
    sets = commands.add_parser("datasets", help="fetch Keras' data sets for trainings without network")
    sets.add_argument("names", nargs="*", help=f"of {', '.join(datasets.NAMES)} (default: all)")
    sets.add_argument(
        "--add", nargs=2, metavar=("FILE", "NAME"), help="your own file, under the name that Keras asks for"
    )
    history = commands.add_parser("clean-history", help="remove old runs from Airflow's database")
    history.add_argument("--days", type=float, required=True)
    push = commands.add_parser("push", help="commit a folder to the watched repository", add_help=False)
    push.add_argument("arguments", nargs=argparse.REMAINDER)
    return root


def run(given: argparse.Namespace) -> int:
    """Do what was asked; returns the exit code."""
    match given.command:
        case "setup":
            cli.setup(chromium=given.chromium)
        case "up":
            cli.up(given.var, given.port)
        case "down":
            cli.down(given.var)
        case "status":
            return cli.status(given.var, as_json=given.json)
        case "mail":
            cli.mail(given.var, given.folder, given.experiment, pictures=given.pictures)
        case "logs":
            return cli.logs(given.var, given.component, follow=given.follow)
        case "restart":
            cli.stack_of(given.var).restart(given.component)
        case "clean":
            cli.clean(given.var, secrets=given.secrets)
        case "datasets" if given.add:
            datasets.add(Path(given.add[0]), given.add[1], cli.say)
        case "datasets":
            return datasets.fill(given.names, cli.say)
        case "clean-history":
            cli.clean_history(given.var, given.days)
        case "push":
            return cli.push(given.var, given.arguments)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; a failure is a sentence, not a traceback."""
    try:
        code = run(parser().parse_args(arguments))
        sys.stdout.flush()
        return code
    except OpsError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        print(f"\n{refused(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    raise SystemExit(main())
