"""### Answers a push of a convolutional network with a better network

One run is one trial: one training with one set of hyper-parameters. A run that misses the target triggers the
next one on this same DAG, named by commit and trial, until the target is met or the budget is spent.

**Starts by itself** within one poll of a push (10 s by default), and once an hour as the safety net.
Each commit is trained exactly once; `force` trains it again.

**By hand**: *Trigger*, with everything left as it is, trains the head of the branch.
`sha` takes a commit or a branch; `target`, `max_trials` and `max_hours` replace the configured ones for it.

**What the developer gets**: on GitHub a commit status, a comment that follows the trials, a pull request with
the winning values; at the end a mail: target met, budget spent, not a CNN, the script's own error,
an error of the push's own `tweak.py`, or a training that kept crashing. **What you get**: an alert when the
system itself fails (`alerts:` in `config/repositories.yaml`).

**Clearing** any task is safe: nothing is trained, published or mailed twice. **Marking `train` failed**, or
the whole run, stops its container and ends the experiment. **A crashed container** is relaunched by
`monitor_containers` while `train` waits.

**Slots**: as many trainings run at a time as the pool `training_slots` has slots.
"""

from datetime import timedelta

from airflow.providers.standard.operators.python import BranchPythonOperator
from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, TriggerRule

from include.repositories import Repository, load_repositories
from include.settings import Settings
from plugins.operators import names
from plugins.operators.alerts import operator_alerts
from plugins.operators.check_accuracy import choose_next
from plugins.operators.detect_cnn import DetectCnnOperator
from plugins.operators.fetch_code import FetchCodeOperator
from plugins.operators.notify_developer import NotifyCrashOperator, NotifyDeveloperOperator
from plugins.operators.publish_model import PublishModelOperator
from plugins.operators.tell_github import TellGitHubOperator
from plugins.operators.train_form import form
from plugins.operators.training import TrainingOperator
from plugins.operators.tweak import RetrainOperator, TweakOperator
from plugins.operators.wait_for_push import StartOtherPushOperator, WaitForPushOperator
from plugins.triggers.github_push import GitHubPushTrigger

# Empty where no push was claimed: of all tasks only `notify_crash` runs then.
EXPERIMENT = "{{ (ti.xcom_pull(task_ids='wait_for_push') or {}).get('experiment', '') }}"
TRIAL = "{{ (ti.xcom_pull(task_ids='wait_for_push') or {}).get('trial', '') }}"


def train_cnn(repository: Repository, alerts: tuple[str, ...]) -> DAG:
    """The DAG of one watched repository."""
    pushes = Asset(
        name=f"pushes to {repository.name}",
        uri=f"github-push://{repository.name}",
        watchers=[
            AssetWatcher(
                name=f"watch {repository.name}",
                trigger=GitHubPushTrigger(
                    repository=repository.name,
                    branch=repository.branch,
                    github_conn_id=repository.connection,
                    poll_interval=repository.poll_seconds,
                ),
            )
        ],
    )
    with DAG(
        dag_id=repository.dag_id,
        description=f"Trains what is pushed to {repository.name} until it reaches {repository.target:.0%}",
        doc_md=__doc__,
        schedule=AssetOrTimeSchedule(
            assets=[pushes], timetable=CronTriggerTimetable(repository.timetable, timezone="UTC")
        ),
        catchup=False,
        max_active_runs=64,  # trainings are limited by the pool; runs must not queue behind a waiting one
        params=form(repository),
        tags=["train_cnn", repository.name],
        default_args={
            "owner": "better-cnn",
            "retries": 3,
            "retry_delay": timedelta(seconds=10),
            **operator_alerts(alerts),
        },
    ) as dag:
        wait_for_push = WaitForPushOperator(
            task_id=names.WAIT_FOR_PUSH,
            repository=repository.name,
            branch=repository.branch,
            github_conn_id=repository.connection,
            first_trial_only=names.FIRST_TRIAL_ONLY,
            inlets=[pushes],
            outlets=[Asset(name=f"trials of {repository.name}", uri=f"cnn-trials://{repository.name}")],
        )
        start_other_push = StartOtherPushOperator(
            task_id=names.START_OTHER_PUSH, trigger_dag_id=dag.dag_id, repository=repository.name
        )
        fetch_code = FetchCodeOperator(
            task_id=names.FETCH_CODE, experiment=EXPERIMENT, github_conn_id=repository.connection
        )
        detect_cnn = DetectCnnOperator(task_id=names.DETECT_CNN, experiment=EXPERIMENT)
        train = TrainingOperator(
            task_id=names.TRAIN,
            experiment=EXPERIMENT,
            trial=TRIAL,
            pool=names.TRAINING_SLOTS,
            trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,  # a later trial's code is here and known
        )
        check_accuracy = BranchPythonOperator(
            task_id=names.CHECK_ACCURACY,
            python_callable=choose_next,
            op_kwargs={"experiment": EXPERIMENT, "trial": TRIAL},
        )
        tweak = TweakOperator(task_id=names.TWEAK, experiment=EXPERIMENT, trial=TRIAL)
        retrain = RetrainOperator(task_id=names.RETRAIN, trigger_dag_id=dag.dag_id)
        publish_model = PublishModelOperator(
            task_id=names.PUBLISH_MODEL,
            experiment=EXPERIMENT,
            outlets=[Asset(name=f"model of {repository.name}", uri=f"cnn-model://{repository.name}")],
        )

        def notify(task_id: str, rule: TriggerRule = TriggerRule.ALL_SUCCESS) -> NotifyDeveloperOperator:
            return NotifyDeveloperOperator(task_id=task_id, experiment=EXPERIMENT, trigger_rule=rule)

        if repository.parallel_trials > 1:
            wait_for_push >> beside(dag.dag_id)
        wait_for_push >> [fetch_code, start_other_push, train]
        fetch_code >> detect_cnn >> [train, notify(names.NOTIFY_NOT_A_CNN)]
        notify_crash = NotifyCrashOperator(
            task_id=names.NOTIFY_CRASH,
            experiment=EXPERIMENT,
            trial=TRIAL,
            trigger_rule=TriggerRule.ALL_FAILED,
        )
        train >> [check_accuracy, notify_crash]
        budget_spent = notify(names.NOTIFY_BUDGET_SPENT, TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
        check_accuracy >> [tweak, publish_model, budget_spent, notify(names.NOTIFY_SCRIPT_ERROR)]
        publish_model >> notify(names.NOTIFY_DEVELOPER)
        tweak >> [retrain, budget_spent, notify(names.NOTIFY_TWEAK_ERROR)]
        wait_for_push >> TellGitHubOperator(task_id=names.MARK_PENDING, experiment=EXPERIMENT)
        ends = [task for task in train.get_flat_relatives() if not task.downstream_task_ids]
        ends >> TellGitHubOperator(task_id=names.TELL_GITHUB, experiment=EXPERIMENT)
    return dag


def beside(dag_id: str) -> TweakOperator:
    """The tasks by which a trial that begins lets another begin beside it, while places are free."""
    tweak = TweakOperator(
        task_id=names.TWEAK_BESIDE,
        experiment=EXPERIMENT,
        trial=TRIAL,
        beside=True,
        retrain=names.RETRAIN_BESIDE,
    )
    tweak >> RetrainOperator(task_id=names.RETRAIN_BESIDE, tweak=names.TWEAK_BESIDE, trigger_dag_id=dag_id)
    return tweak


watched = load_repositories(Settings.from_environment().repositories_file)
for entry in watched.repositories:
    globals()[entry.dag_id] = train_cnn(entry, watched.alerts)
