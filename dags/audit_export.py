"""The audit trail of a month, with its reports and manifests, as one signed bundle to keep on media."""

from airflow.sdk import CronDataIntervalTimetable, Param, dag, task
from renkei_airflow import defaults, opened_house, schedule_of, settings

from renkei.corridor import steps

SITE = settings()
BUSINESS_DATE = Param(
    None,
    type=["null", "string"],
    format="date",
    title="対象の月の日 / a day of the month",
    description_md="手動実行のときだけ入れます(例 2019-03-31)。その月の証跡を書き出します。 / Manual runs only.",
)
RUNBOOK = """
### 証跡の書出し / audit export
**正常 / healthy**: タスクが緑、「証跡」の画面に束が並ぶ。 Green, and the bundle stands on the audit trail page.

**異常 / if not**
1. 赤いタスクのログの最後の一文を読む。鍵がなければ設定する。 Read the last sentence of the red task's log.
2. 直したら Clear する。前の束は残り、新しい束が増える。 / Clear it; a new bundle is added, none is replaced.
3. 束は媒体に写し、媒体管理簿に記入する。 / Copy the bundle to media and enter it in the register of media.
"""


@dag(
    dag_id="audit_export",
    dag_display_name="証跡の書出し / Audit export",
    description="1か月の証跡・レポート・明細を署名付きの束にして保管する",
    schedule=CronDataIntervalTimetable("0 0 1 * *", timezone="Asia/Tokyo"),
    **schedule_of(SITE),
    catchup=True,
    max_active_runs=1,
    default_args=defaults(SITE),
    params={"business_date": BUSINESS_DATE},
    tags=["renkei", "証跡"],
    doc_md=RUNBOOK,
)
def audit_export() -> None:
    """Wire the one effect: the bundle."""

    @task(task_display_name="証跡の束 / bundle")
    def export() -> dict[str, object]:
        """Write the month's signed bundle."""
        with opened_house() as (house, day):
            return steps.export_audit(house, *steps.last_month(day)).facts()

    export()


audit_export()
