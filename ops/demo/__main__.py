"""`make demo`: pushes the bundled example and shows what the system makes of it."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from include.repositories import Repository, load_repositories
from include.source import Push, commit_folder
from ops.cli import stop_idle_engine
from ops.demo.follow import Ended, Patience, follow, wait_for_mail
from ops.demo.report import check, report_of, write_report
from ops.demo.show import Show
from ops.demo.stage import AUTHOR, EXAMPLE, REPOSITORY, Stage, failed_task, make_stage
from ops.engine import ensure_engine
from ops.errors import OpsError, refused
from ops.images import ensure_training_image
from ops.locks import BusyError, locked
from ops.paths import PROJECT_ROOT

VAR = PROJECT_ROOT / "var" / "demo"
PORT = 8080
CONFIGURATION = f"repositories:\n- {{name: {REPOSITORY}, target: 0.955, max_trials: 8}}\n"
_EXPERIMENT_SECONDS, _MAIL_SECONDS = 540.0, 90.0


def main() -> int:
    """Run the demo; returns 0 only if all of it happened."""
    # Also the first one, which a script's shell has ignored by what it starts in the background.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with locked(VAR / "demo.lock", busy=BusyError("Another demo runs", "Wait for its end, or stop it")):
            return _demo()
    except OpsError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(refused(error), file=sys.stderr)
    return 1


def _demo() -> int:
    keep = os.environ.get("KEEP", "") not in ("", "0")
    stage, engine_started = make_stage(VAR, _configuration(), PORT), False
    repository = load_repositories(stage.settings.repositories_file).named(REPOSITORY)
    show = Show(repository.target)
    try:
        engine_started = ensure_engine(show.plain)
        ensure_training_image(show.plain)
        show.headline("Starting Airflow, a GitHub emulator and an SMTP server")
        stage.start(show.plain, [REPOSITORY.partition("/")[2]])
        _run(stage, repository, show)
    except OpsError as error:
        show.say(f"[red bold]✗[/] {error}")
        return 1
    except KeyboardInterrupt:
        show.say("interrupted")
        keep = False  # who has had enough wants nothing to be left
        return 130
    finally:
        if keep:
            show.say("KEEP=1: everything keeps running; `make demo-down` stops it")
        else:
            show.say("stopping what was started (KEEP=1 keeps it)")
            stage.stack.stop()
            if engine_started:
                stop_idle_engine()
    return 0


def _configuration() -> Path:
    """Write the demo's own configuration: the operator's may watch whatever it likes."""
    folder = VAR / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "repositories.yaml").write_text(CONFIGURATION, encoding="utf-8")
    return folder


def _run(stage: Stage, repository: Repository, show: Show) -> None:
    began = time.monotonic()
    known = frozenset(stage.mails.glob("*.eml"))
    show.headline(
        f"Pushing {EXAMPLE.relative_to(PROJECT_ROOT)} to {REPOSITORY}, target {repository.target:g}"
    )
    push = _push(stage)
    show.say(f"[bold]pushed[/] {push.short_sha}: {push.message}")
    patience = Patience(_EXPERIMENT_SECONDS, lambda: failed_task(stage.stack, repository.dag_id))
    for event in follow(stage.settings, f"{REPOSITORY}@{push.sha}", patience):
        show.event(event)
        if isinstance(event, Ended):
            mail = wait_for_mail(stage.mails, push.sha, known, Patience(_MAIL_SECONDS))
            report = report_of(event.experiment, mail, time.monotonic() - began)
            write_report(report, VAR / "report.json")
            _conclude(stage, show, report["model_path"], mail)
            check(event.experiment)


def _push(stage: Stage) -> Push:
    return commit_folder(stage.github(), REPOSITORY, "main", EXAMPLE, "Recognise handwritten digits", AUTHOR)


def _conclude(stage: Stage, show: Show, model: str | None, mail: Path) -> None:
    user, password = stage.stack.credentials()
    show.say(f"[bold]mail arrived[/]: {mail}")
    show.headline("What came of it")
    for label, text in (
        ("model", model),
        ("mail", mail),
        ("report", VAR / "report.json"),
        ("web UI", f"{stage.stack.url}   login {user} / {password}"),
    ):
        show.say(f"[bold]{label:7}[/] {text}")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
