"""What can go wrong with feedback besides GitHub itself (`include.source.errors`)."""

from include.source import SourceError


class PatchMismatch(SourceError):
    """A patch is not made of the pushed file, or is none of ours; nothing is committed."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The winning patch does not fit {path!r} as it was pushed, so no pull request is made of it. "
            "The mail has it; clear `train` of the winning trial if the workspace was changed by hand."
        )


class BranchTaken(SourceError):
    """Somebody else has put commits on our branch; those stay."""

    def __init__(self, repository: str, branch: str) -> None:
        super().__init__(
            f"{branch!r} of {repository} has commits that were not made here, so it is left as it is. "
            "Delete or rename the branch to get the pull request."
        )


class PatchRefused(SourceError):
    """The winning patch changes what no hyper-parameter is in, and what GitHub itself acts on."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The winning patch changes {path!r}, which GitHub acts on, so no pull request is made of it. "
            "The mail has it; let the tweak script leave that file alone."
        )
