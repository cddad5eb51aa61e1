"""One business day out: 市町村通知 from the registry's extract to the agency's signed receipt."""

from airflow.sdk import CronDataIntervalTimetable, Param, PokeReturnValue, dag, task
from renkei_airflow import (
    PEER_POOL,
    defaults,
    opened_house,
    poked,
    report_reference,
    schedule_of,
    settings,
)

from renkei.corridor import steps
from renkei.errors import DayUndelivered, ExtractLate, ReceiptLate

SITE = settings()
RESCHEDULE = "reschedule"
BUSINESS_DATE = Param(
    None,
    type=["null", "string"],
    format="date",
    title="業務日 / business date",
    description_md="手動実行のときだけ入れます(例 2019-04-01)。ほかでは無視されます。 / Manual runs only.",
)
RUNBOOK = """
### 市町村通知(1業務日 = 1実行) / one business day per run
**正常 / healthy**: 4つのタスクがすべて緑、「実行レポート」に通番と受領確認が出ている。
All four tasks green; the report names serial and receipt.

**異常 / if not**
1. 赤いタスクのログの最後の一文を読む。何が起き、何をするかが書いてある。
   Read the last sentence of the red task's log.
2. 「先に…を片付けてください」とあれば、その日から片付ける。後の日は続けて封緘される。
   Settle the earlier day it names; later days follow by themselves.
3. `renkei waiting` で判断待ちを見る。`release`・`waive`・`resend` は理由を付けて記録する。
   See what waits for a person; decide with a reason.
4. 直したら赤いタスクを Clear する。二重には送られない。 / Clear the red task; nothing is sent twice.
"""


@dag(
    dag_id="municipal_notices",
    dag_display_name="市町村通知(送信) / Municipal notices",
    description="住民記録の1日分の異動を相手方へ通知し、受領通知を確かめる",
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="Asia/Tokyo"),
    **schedule_of(SITE),
    catchup=True,
    max_active_runs=1,
    default_args=defaults(SITE),
    params={"business_date": BUSINESS_DATE},
    tags=["renkei", "市町村通知"],
    doc_md=RUNBOOK,
)
def municipal_notices() -> None:
    """Wire the four recoverable effects of a day: seal, publish, receipt, report."""

    @task.sensor(
        task_display_name="封緘 / seal",
        timeout=2 * 60 * SITE.extract_deadline,
        mode=RESCHEDULE,
        poke_interval=SITE.poke_seconds,
    )
    def seal() -> PokeReturnValue:
        """Request the day and seal, in order, every requested day that can be; one sealed before is proven."""
        with opened_house() as (house, day):
            result = steps.seal_and_prove(house, day)
        late = ExtractLate(day=day, minutes=SITE.extract_deadline)
        return poked(result.facts(), done=result.sealed, deadline=SITE.extract_deadline, late=late)

    @task(task_display_name="送信 / publish", pool=PEER_POOL)
    def publish() -> dict[str, object]:
        """Bring every sealed file to the peer, in the order of serials, after a look."""
        with opened_house() as (house, _):
            return steps.publish_sealed_files(house).facts()

    @task.sensor(
        task_display_name="受領確認 / receipt",
        pool=PEER_POOL,
        timeout=2 * 60 * SITE.receipt_deadline,
        mode=RESCHEDULE,
        poke_interval=SITE.poke_seconds,
    )
    def receipt(sealed: dict[str, object]) -> PokeReturnValue:
        """Look for the receipts; done when every file of the days sealed here has one."""
        with opened_house() as (house, day):
            result = steps.take_in_receipts(house, {day, *steps.days_of(sealed)})
        late = ReceiptLate(serials=result.shown(), minutes=SITE.receipt_deadline)
        return poked(result.facts(), done=result.complete, deadline=SITE.receipt_deadline, late=late)

    @task(task_display_name="実行レポート / report", trigger_rule="all_done")
    def report(sealed: dict[str, object] | None) -> dict[str, object]:
        """Write the report of this run, of the other days sealed in it too; fail where the day is not done."""
        with opened_house() as (house, day):
            result = steps.write_run_reports(house, day, steps.days_of(sealed), report_reference())
        if not result.delivered:
            raise DayUndelivered(day=day, report=result.html)
        return result.facts()

    sealed = seal()
    sealed >> publish() >> receipt(sealed) >> report(sealed)


municipal_notices()
