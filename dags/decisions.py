"""What a person decides, with a reason; where four eyes are set, a second person answers before it is carried out."""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, dag, task
from renkei_airflow import answered_by, asked_by, defaults, opened_site, settings, typed

from renkei.corridor import steps

SITE = settings()
KINDS = {
    "release": "保留を解除する(項目番号、または保留された業務日) / release a hold",
    "close": "未処理の項目を閉じる(項目番号) / close an open item",
    "waive": "業務日を送信しない日とする(日付) / waive a business day",
    "resend": "送信済みの同じバイト列をもう一度送る(通番) / resend",
    "resume": "止めた相手方との送受信を再開する(通番) / resume",
    "give_back": "媒体に出したファイルを回線に戻す(通番) / give back to the line",
    "supplement": "訂正抽出の追加分を追送する(日付) / supplement",
    "replay": "隔離した相手方ファイルを取り込み直す(通番) / replay from quarantine",
    "close_proposal": "処理リストの提案を閉じる(通知番号) / close a proposal",
}
PARAMS = {
    "kind": Param("release", type="string", enum=list(KINDS), values_display=KINDS, title="判断 / decision"),
    "subject": Param("", type="string", maxLength=40, title="対象 / subject", description_md="番号・通番・日付。"),
    "reason": Param(
        "",
        type="string",
        format="multiline",
        maxLength=500,
        title="理由 / reason",
        description_md="必須。個人の情報は書かないでください。 / Required; nothing personal.",
    ),
}
ABOUT = "{{ ti.xcom_pull(task_ids='ask')['kind'] }} {{ ti.xcom_pull(task_ids='ask')['subject'] }}"
ASKER = "{{ ti.xcom_pull(task_ids='ask')['asker'] }}"
RUNBOOK = """
### 判断 / decisions
**正常 / healthy**: すべて緑。4つの目が要る判断は「承認」で別の人の回答を待つ(Browse → Required Actions)。
All green; what needs four eyes waits for a second person's answer.

**異常 / if not**
1. 赤いタスクのログの最後の一文を読む。対象が変わっていれば、もう一度申請する。
   Read the last sentence of the red task's log; if the matter has changed, ask again.
2. 申請した人は承認できない。別の管理者が回答する。 / Whoever asked cannot approve.
3. タスクを「成功」にしても判断にはならない。台帳が止める。 / Marking a task as success decides nothing.
"""


@dag(
    dag_id="decisions",
    dag_display_name="判断 / Decisions",
    description="保留の解除・免除・再送などの判断を理由とともに記録し、実行する",
    schedule=None,
    max_active_runs=1,
    default_args=defaults(SITE),
    params=PARAMS,
    tags=["renkei", "判断"],
    doc_md=RUNBOOK,
)
def decisions() -> None:
    """Wire a request, a second person's answer, and the carrying out."""

    @task(task_display_name="申請 / ask")
    def ask() -> dict[str, object]:
        """Record the request of whoever triggered this run; carry it out where one person is enough."""
        with opened_site() as house:
            return steps.ask_for(
                house, typed("kind"), typed("subject"), asker=asked_by(), reason=typed("reason")
            ).facts()

    @task.short_circuit(task_display_name="2人目が要るか / second person needed?")
    def second_needed(asked: dict[str, object]) -> bool:
        """Go on only where a second person has to answer."""
        return not asked["done"]

    second = ApprovalOperator(
        task_id="second",
        task_display_name="承認 / second person",
        subject=f"承認してください / Please approve: {ABOUT}",
        body=f"{ABOUT}\n\n申請した人 / asked by: {ASKER}(本人は承認できません / cannot approve)",
        response_timeout=timedelta(days=14),
    )

    @task(task_display_name="実行 / carry out")
    def carry_out(asked: dict[str, object]) -> dict[str, object]:
        """Ask Airflow's records who answered, and the ledger whether that is enough; then carry it out."""
        with opened_site() as house:
            number, approver = int(str(asked["decision"])), answered_by("second")
            kind, subject = typed("kind"), typed("subject")
            return steps.answer_to(house, number, kind=kind, subject=subject, approver=approver).facts()

    asked = ask()
    needed = second_needed(asked)  # type: ignore[arg-type]  # its XCom
    needed >> second >> carry_out(asked)  # type: ignore[arg-type]  # the same


decisions()
