"""What the agency tells: 出入国在留管理庁通知 from its outbox to a worklist, an answer and a reconciliation report."""

from airflow.sdk import Param, dag, task
from renkei_airflow import (
    PEER_POOL,
    begin_of,
    defaults,
    opened_house,
    polling_of,
    report_reference,
    settings,
)

from renkei.corridor import steps

SITE = settings()
BUSINESS_DATE = Param(
    None,
    type=["null", "string"],
    format="date",
    title="業務日 / business date",
    description_md="手動実行のときだけ入れます(例 2019-04-01)。ほかでは無視されます。 / Manual runs only.",
)
RUNBOOK = """
### 出入国在留管理庁通知(受信) / agency notices in
**正常 / healthy**: 6つのタスクがすべて緑。届いた通知は処理リストに並び、相手方へ回答済み。
All six tasks green; what came stands on the worklist and was answered.

**異常 / if not**
1. 赤いタスクのログの最後の一文を読む。何が起き、何をするかが書いてある。
   Read the last sentence of the red task's log.
2. 「隔離」があれば `renkei quarantine` で理由と相手方へ送る文面を見る。直ったら理由を付けて `renkei replay`。
   For a file in quarantine: see why, send the agency the text, then replay with a reason.
3. 通番が欠けていれば相手方に再掲を依頼する。届かないと分かったら `renkei void`。
   For a missing serial ask the agency to show it again; if it is lost, declare it void.
4. 直したら最初の赤いタスクから Clear する。二重には取り込まない。
   Clear the run from its first red task on; nothing is taken in twice.
"""


@dag(
    dag_id="agency_notices",
    dag_display_name="出入国在留管理庁通知(受信) / Agency notices",
    description="相手方からの通知を取り込み、突き合わせ、処理リストと回答を作る",
    schedule=polling_of(SITE),
    start_date=begin_of(SITE),
    catchup=False,
    max_active_runs=1,
    default_args=defaults(SITE),
    params={"business_date": BUSINESS_DATE},
    tags=["renkei", "出入国在留管理庁通知"],
    doc_md=RUNBOOK,
)
def agency_notices() -> None:
    """Wire the six recoverable effects: fetch, take in, match, worklist, acknowledge, report."""

    @task(task_display_name="受信 / fetch", pool=PEER_POOL)
    def fetch() -> dict[str, object]:
        """Look once into the outbox and fetch what is due into quarantine."""
        with opened_house() as (house, _):
            return steps.fetch_agency_files(house).facts()

    @task(task_display_name="取込み / take in")
    def take_in() -> dict[str, object]:
        """Open what was fetched, in order, and take its notices in."""
        with opened_house() as (house, day):
            return steps.take_in_agency_files(house, day).facts()

    @task(task_display_name="突合 / match")
    def match() -> dict[str, object]:
        """Class each notice by the last proven extract, and close what that shows applied."""
        with opened_house() as (house, day):
            return steps.match_agency_notices(house, day).facts()

    @task(task_display_name="処理リスト / worklist")
    def worklist() -> dict[str, object]:
        """Write the day's worklist, or an amendment."""
        with opened_house() as (house, day):
            return steps.write_worklist(house, day).facts()

    @task(task_display_name="回答 / acknowledge", pool=PEER_POOL)
    def acknowledge() -> dict[str, object]:
        """Answer the agency's files, each exactly once."""
        with opened_house() as (house, _):
            return steps.acknowledge_agency_files(house).facts()

    @task(task_display_name="突合レポート / report", trigger_rule="all_done")
    def report(*done: dict[str, object] | None) -> dict[str, object]:
        """Write the reconciliation of this run; fail where a step did not end, a file failed or a serial is missing."""
        with opened_house() as (house, day):
            written = steps.write_agency_report(house, day, report_reference())
            steps.check_agency_run(house, day, written.html, done)
            return written.facts()

    fetched, taken, answered = fetch(), take_in(), acknowledge()
    told = report(fetched, taken, answered)  # type: ignore[arg-type]  # their XComs
    fetched >> taken >> match() >> worklist() >> answered >> told


agency_notices()
