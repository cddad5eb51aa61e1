"""A month's reconciliation with the agency: what went, what came, and whether both sides agree."""

from airflow.sdk import CronDataIntervalTimetable, Param, dag, task
from renkei_airflow import defaults, opened_house, report_reference, schedule_of, settings

from renkei.corridor import steps

SITE = settings()
BUSINESS_DATE = Param(
    None,
    type=["null", "string"],
    format="date",
    title="対象の月の日 / a day of the month",
    description_md="手動実行のときだけ入れます(例 2019-03-31)。 / Manual runs only.",
)
RUNBOOK = """
### 月次の突合 / monthly reconciliation
**正常 / healthy**: タスクが緑、レポートの表がすべて「一致」。 The task is green and every line of the report closes.

**異常 / if not**
1. 赤いタスクのログの最後の一文を読む。 Read the last sentence of the red task's log.
2. 未処理が残るときは、レポートの「次にすること」の順に片付ける。 Settle what is open by its next step.
3. 片付けたら Clear して作り直す。前のレポートは残る。 / Clear it; the former report stays.
"""


@dag(
    dag_id="monthly_reconciliation",
    dag_display_name="月次突合 / Monthly reconciliation",
    description="1か月の送信と受信を相手方と突き合わせたレポート",
    schedule=CronDataIntervalTimetable("0 0 1 * *", timezone="Asia/Tokyo"),
    **schedule_of(SITE),
    catchup=True,
    max_active_runs=1,
    default_args=defaults(SITE),
    params={"business_date": BUSINESS_DATE},
    tags=["renkei", "突合"],
    doc_md=RUNBOOK,
)
def monthly_reconciliation() -> None:
    """Wire the one effect of a month: its report."""

    @task(task_display_name="月次レポート / monthly report")
    def report() -> dict[str, object]:
        """Write the month's reconciliation."""
        with opened_house() as (house, day):
            return steps.write_monthly_reconciliation(house, day, report_reference()).facts()

    report()


monthly_reconciliation()
