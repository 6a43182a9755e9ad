"""The mail of an ended experiment as files, made with today's templates: for whoever writes templates."""

from __future__ import annotations

from collections.abc import Mapping
from email.policy import SMTP
from pathlib import Path
from urllib.parse import urlencode

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.overview import overviews
from include.experiments.records import State
from include.experiments.store import UnknownExperiment
from include.experiments.telling import NotEnded, compose, recipients_of
from include.report import BrokenTemplate, to_message
from include.repositories import UnknownRepository
from include.settings import Settings
from ops.commands import Say
from ops.errors import OpsError
from ops.stack import Stack, StackConfig

_SENDER, _NOBODY = "better-cnn <better-cnn@localhost.localdomain>", "nobody@localhost.localdomain"
_LOOKED_AT = 100


class NoMailError(OpsError):
    """There is no mail to show."""


def write_mail(
    places: Mapping[str, str], folder: Path, name: str | None, say: Say, var: Path
) -> tuple[Path, ...]:
    """Write the mail of an ended experiment as `mail.html`, `mail.txt` and `mail.eml`; nothing is sent.

    Args:
        places: The installation's `CNN_*` settings.
        folder: Where the files go; made when it is missing.
        name: Id of the experiment; None takes the newest that has ended.
        say: Told of the files, and of an operator's template that is broken.
        var: State folder of the installation.

    Returns:
        The files.

    Raises:
        NoMailError: There is no such experiment, or it goes on, or its repository is not watched any more.
    """
    installation = Installation(Settings.from_environment(places))
    try:
        found = _found(installation, name)
        to = recipients_of(installation, found).addresses or (_NOBODY,)
        mail = compose(installation, found, to, *_pages(found, var), on_broken=lambda e: _complain(e, say))
    except (UnknownExperiment, UnknownRepository, NotEnded) as error:
        raise NoMailError(str(error), "Name an ended experiment; `make status` lists them") from error
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "mail.html": mail.standalone_html().encode(),
        "mail.txt": mail.text.encode(),
        "mail.eml": to_message(mail, _SENDER, "<preview@localhost.localdomain>").as_bytes(policy=SMTP),
    }
    for file, content in contents.items():
        (folder / file).write_bytes(content)
    say(f"{mail.subject}\n{', '.join(str(folder / file) for file in contents)}")
    return tuple(folder / file for file in contents)


def _found(installation: Installation, name: str | None) -> Experiment:
    if name is not None:
        return installation.store.get(name)
    for overview in overviews(installation.settings, _LOOKED_AT):
        if overview.state != State.RUNNING:
            return installation.store.get(overview.experiment)
    raise NoMailError("No experiment has ended here yet", "Push something, or run `make demo`")


def _pages(experiment: Experiment, var: Path) -> tuple[str, str]:
    """The pages of the run and of the experiment, as a task links them."""
    trials = experiment.trials()
    run_id = trials[-1].run_id if trials else experiment.run_id(1)
    dag_id = f"train_cnn__{experiment.identity.repository.replace('/', '__')}"
    url, query = Stack(StackConfig(var_dir=var)).url, urlencode({"dag": dag_id, "run": run_id})
    return f"{url}/dags/{dag_id}/runs/{run_id}", f"{url}/plugin/experiments/experiments/of-run?{query}"


def _complain(error: BrokenTemplate, say: Say) -> None:
    say(f"Made with the built-in templates: {error}")
