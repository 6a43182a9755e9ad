"""Pushes from GitHub: who pushed what, the tree of a commit, and a folder as a commit.

Give every function a client of PyGithub; `client_for` makes one that never sleeps in a worker.
"""

from include.source._api import Api, Json, client_for
from include.source._blobs import git_blob_sha
from include.source._names import (
    TUNED_BRANCHES,
    check_branch,
    check_repository,
    check_sha,
    is_sha,
    is_tuned,
)
from include.source.branching import FileChange, branch_head, commit_on, point_branch
from include.source.errors import (
    BadCredentials,
    BranchNotFound,
    CommitNotFound,
    CorruptedAnswer,
    EmptyRepository,
    Forbidden,
    GitHubUnavailable,
    HostilePath,
    InvalidName,
    OwnBranch,
    PushRejected,
    RateLimited,
    Refusal,
    RefusedTree,
    RepositoryNotFound,
    SourceError,
    TreeTooLarge,
    UnexpectedAnswer,
    UnreadableFolder,
    UnsupportedEntry,
    WrongAddress,
)
from include.source.fetch import FetchReport, fetch_tree
from include.source.head import Head, default_branch, head, poll_head, push_of, pushes_since, resolve
from include.source.limits import FetchLimits
from include.source.patience import Patience
from include.source.publish import commit_folder, create_repository
from include.source.push import Push
from include.source.watch import BranchWatch

__all__ = [
    "TUNED_BRANCHES",
    "Api",
    "BadCredentials",
    "BranchNotFound",
    "BranchWatch",
    "CommitNotFound",
    "CorruptedAnswer",
    "EmptyRepository",
    "FetchLimits",
    "FetchReport",
    "FileChange",
    "Forbidden",
    "GitHubUnavailable",
    "Head",
    "HostilePath",
    "InvalidName",
    "Json",
    "OwnBranch",
    "Patience",
    "Push",
    "PushRejected",
    "RateLimited",
    "Refusal",
    "RefusedTree",
    "RepositoryNotFound",
    "SourceError",
    "TreeTooLarge",
    "UnexpectedAnswer",
    "UnreadableFolder",
    "UnsupportedEntry",
    "WrongAddress",
    "branch_head",
    "check_branch",
    "check_repository",
    "check_sha",
    "client_for",
    "commit_folder",
    "commit_on",
    "create_repository",
    "default_branch",
    "fetch_tree",
    "git_blob_sha",
    "head",
    "is_sha",
    "is_tuned",
    "point_branch",
    "poll_head",
    "push_of",
    "pushes_since",
    "resolve",
]
