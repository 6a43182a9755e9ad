"""Templates: ours, or an operator's folder in front of ours. Nothing from a push is ever a template."""

from functools import lru_cache
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    select_autoescape,
)

_OURS = Path(__file__).parent / "templates"
# How an operator's template names ours of the same name: {% extends "built-in/target_met.html.j2" %}.
_PREFIX = "built-in"


class BrokenTemplate(RuntimeError):
    """A mail template that can't be rendered, most likely an operator's own.

    Args:
        name: File name of the template; kept as `template`.
        folders: Where it was looked for.
        error: What went wrong.
    """

    def __init__(self, name: str, folders: list[str], error: Exception) -> None:
        self.template = name
        where = ", then ".join(folders)
        super().__init__(
            f"the mail template {name} (looked for in {where}) can't be rendered: {_sentence(error)}; "
            "correct the operator's copy, or remove it to get the built-in one back"
        )


def _sentence(error: Exception) -> str:
    line = getattr(error, "lineno", None)  # of a syntax error
    where = "" if line is None else f" (line {line})"
    return f"{error}{where}" if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"


def render(name: str, context: dict[str, object], templates: Path | None = None) -> str:
    """Render one template; `.html.j2` is escaped, `.txt.j2` is plain.

    Args:
        name: File name of the template.
        context: Its variables.
        templates: An operator's folder, whose files replace ours of the same name.

    Raises:
        BrokenTemplate: It is missing, has an error, or uses a variable that there is none of. Of an
            operator's folder, whatever its templates raise.
    """
    folders = [str(folder) for folder in (templates, _OURS) if folder is not None]
    try:
        return _environment(tuple(folders)).get_template(name).render(context)
    except TemplateError as error:
        raise BrokenTemplate(name, folders, error) from error
    except Exception as error:  # a template can do anything an expression can: divide by zero, recurse
        if templates is None:
            raise
        raise BrokenTemplate(name, folders, error) from error


@lru_cache(maxsize=8)
def _environment(folders: tuple[str, ...]) -> Environment:
    loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in folders]
    return Environment(
        loader=ChoiceLoader([*loaders, PrefixLoader({_PREFIX: FileSystemLoader(_OURS)})]),
        autoescape=select_autoescape(disabled_extensions=("txt.j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
