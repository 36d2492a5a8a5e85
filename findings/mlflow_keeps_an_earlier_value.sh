#!/usr/bin/env bash
# mlflow-skinny 3.17.2, log_metric() without a step after the same metric was logged with steps.
#
# Expected: what is logged last is a run's value: log_metric("score", 0.9) at the end of a training replaces what its
# validations logged on the way, in the run's metrics, in search_runs() and in whatever compares runs.
# Seen: no step means step 0, and a run's value is that of the greatest step, whenever it was logged. The final score goes
# into the history before all others; the run goes on to show the last validation's 0.3, a filter for more than 0.5 does
# not find it, and an order by the metric ranks it by the wrong number. A resumed run that counts its steps anew likewise.
#
# So what is final has a name of its own, or the step of its moment.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlflow-skinny==3.17.2 sqlalchemy==2.1.9 alembic==1.20.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import mlflow

mlflow.set_tracking_uri("sqlite:///runs.db")
mlflow.set_experiment("training")
client = mlflow.MlflowClient()


def logged(name, **last):
    with mlflow.start_run(run_name=name) as run:
        for step, value in ((0, 0.1), (100, 0.2), (200, 0.3)):
            mlflow.log_metric("score", value, step=step)
        mlflow.log_metric("score", 0.9, **last)
    return client.get_run(run.info.run_id).data.metrics["score"]


seen = {"no step": logged("no step"), "step 300": logged("step 300", step=300)}
print("the run's score after 0.9 was logged last:", seen)
good = [run.info.run_name for run in mlflow.search_runs(filter_string="metrics.score > 0.5", output_format="list")]
print("runs with a score above 0.5:", good)
assert seen == {"no step": 0.3, "step 300": 0.9}, "what is logged last counts now"
assert good == ["step 300"]
PYTHON
echo "seen: as described"
