"""TRAIL every night in Airflow 3: one task that calls the command line, which knows itself what is done already.

A retry after a crash does only what is missing, and the project's lock admits one run at a time, from whatever machine. The
line on stdout is the run as JSON, which Airflow keeps as the task's return value.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

PROJECT = "/srv/trail/shop"
TRAIL = "/opt/trail/bin/trail"
#: Secrets of webhooks and database (examples/shop.env), never here: Airflow shows and logs commands.
SECRETS = "/etc/trail/shop.env"

with DAG(
    dag_id="trail_nightly",
    description="Reads new events, forecasts, explains, seals, scores what is due, publishes",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # a forecast is made of all events up to now: a missed night is not made up for
    max_active_runs=1,
    tags=["trail"],
) as dag:
    BashOperator(
        task_id="run",
        bash_command=f"set -a; [ ! -r {SECRETS} ] || . {SECRETS}; {TRAIL} run {PROJECT} --json",
        env={"OMP_NUM_THREADS": "2"},
        append_env=True,
        do_xcom_push=True,
        retries=2,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=6),
    )
