"""Training containers: what they are, their engine, how they end, what they report, and their monitor."""

from include.containers.answering import Answer, act, answer, probe
from include.containers.audit import AuditLine, Ledger
from include.containers.build import DEFAULT_IMAGE, training_spec, trial_user
from include.containers.deciding import Action, ActiveTrial, Cause, Decision, Observation, Policy, decide
from include.containers.ending import Ending, EndingKind, classify
from include.containers.engine import Engine
from include.containers.errors import (
    ContainersError,
    EngineUnavailableError,
    ImageMissingError,
    LaunchError,
    NameTakenError,
    NotLaunchedError,
    ResultRefusedError,
)
from include.containers.files import launched_spec, read_spec, write_spec
from include.containers.monitor import monitor_once
from include.containers.naming import container_name, current_stack, trial_labels
from include.containers.outcome import Outcome, judge, read_outcome, record_outcome
from include.containers.result import Epoch, Result, copy_model, heartbeat_age, read_metrics, read_result
from include.containers.spec import GIB, MIB, ContainerSpec, Limits, Mount
from include.containers.state import ContainerState
from include.containers.stopping import (
    Interruption,
    Stop,
    StoppedBy,
    read_interruption,
    read_stop,
    record_interruption,
    record_stop,
)
from include.containers.training import TrainingRequest, TrainingWatch, begin_training, remove_containers

__all__ = [
    "DEFAULT_IMAGE",
    "GIB",
    "MIB",
    "Action",
    "ActiveTrial",
    "Answer",
    "AuditLine",
    "Cause",
    "ContainerSpec",
    "ContainerState",
    "ContainersError",
    "Decision",
    "Ending",
    "EndingKind",
    "Engine",
    "EngineUnavailableError",
    "Epoch",
    "ImageMissingError",
    "Interruption",
    "LaunchError",
    "Ledger",
    "Limits",
    "Mount",
    "NameTakenError",
    "NotLaunchedError",
    "Observation",
    "Outcome",
    "Policy",
    "Result",
    "ResultRefusedError",
    "Stop",
    "StoppedBy",
    "TrainingRequest",
    "TrainingWatch",
    "act",
    "answer",
    "begin_training",
    "classify",
    "container_name",
    "copy_model",
    "current_stack",
    "decide",
    "heartbeat_age",
    "judge",
    "launched_spec",
    "monitor_once",
    "probe",
    "read_interruption",
    "read_metrics",
    "read_outcome",
    "read_result",
    "read_spec",
    "read_stop",
    "record_interruption",
    "record_outcome",
    "record_stop",
    "remove_containers",
    "training_spec",
    "trial_labels",
    "trial_user",
    "write_spec",
]
