"""Ids of tasks and pools: their one home."""

WAIT_FOR_PUSH = "wait_for_push"
START_OTHER_PUSH = "start_other_push"
FETCH_CODE = "fetch_code"
DETECT_CNN = "detect_cnn"
NOTIFY_NOT_A_CNN = "notify_not_a_cnn"
TRAIN = "train"
NOTIFY_CRASH = "notify_crash"
CHECK_ACCURACY = "check_accuracy"
TWEAK = "tweak"
RETRAIN = "retrain"
TWEAK_BESIDE = "tweak_beside"
RETRAIN_BESIDE = "retrain_beside"
PUBLISH_MODEL = "publish_model"
NOTIFY_DEVELOPER = "notify_developer"
NOTIFY_BUDGET_SPENT = "notify_budget_spent"
NOTIFY_SCRIPT_ERROR = "notify_script_error"
NOTIFY_TWEAK_ERROR = "notify_tweak_error"
MARK_PENDING = "mark_pending"
TELL_GITHUB = "tell_github"

# What a later trial has no use for: its push is claimed, fetched, judged and told of.
FIRST_TRIAL_ONLY = (START_OTHER_PUSH, FETCH_CODE, DETECT_CNN, NOTIFY_NOT_A_CNN, MARK_PENDING)

TRAINING_SLOTS = "training_slots"
