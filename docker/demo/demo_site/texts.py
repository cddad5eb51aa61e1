"""What the commands say, once per language: Japanese first, English beside it."""

TEXTS = {
    "making": ("見本の環境を作ります({home})", "making the demo site in {home}"),
    "made": ("環境ができました", "the site is made"),
    "keys": ("鍵と設定を作りました", "keys and settings made"),
    "extracts": ("住民の台帳を合成しています(42,157 人)", "making a synthetic registry of 42,157 residents"),
    "agency": ("相手方(模擬)を用意し、同じ基準データを読ませました", "mock agency made and seeded"),
    "baseline": ("基準データを決定として受け入れました", "baseline accepted by a recorded decision"),
    "airflow": ("Airflow を用意しました", "Airflow prepared"),
    "starting": ("起動しています", "starting Airflow and the agency"),
    "started": ("起動しました: {url}", "running at {url}"),
    "using": ("起動中の環境を使います: {url}", "using the site that is already running at {url}"),
    "again": ("前に失敗した {number} 日をやり直します", "trying {number} failed day(s) again"),
    "running": ("スケジューラーが {first} から {last} までを順に実行します", "the scheduler runs {first} to {last}"),
    "nothing": (
        "送るものはありません。すべての日が送信・受領済みです。二重には送りません。",
        "nothing to send: every day is sent and receipted; nothing goes twice",
    ),
    "told": ("相手方の通知 {day} 通番 {serial}: {count} 件({ja})", "agency notices: {en}"),
    "pair": ("{sign} 正解 {expected} → 判定 {found}: {count} 件", "{count} expected {expected}, found {found}"),
    "agree": (
        "登録簿の突合: 一致({persons} 人、判断待ち {open} 人を除く)",
        "registers agree: {persons} persons compared, {open} open ones left out",
    ),
    "disagree": (
        "登録簿の突合: 不一致 {different} 人(判断待ち {open} 人を除く)",
        "registers differ in {different} person(s), {open} open ones left out",
    ),
    "summary": ("結果: {path}({seconds} 秒)", "result: {path} ({seconds} s)"),
    "incomplete": (
        "受領されていない、または受理されなかった通知があります。",
        "some notices are not receipted or were not accepted",
    ),
    "day-failed": ("{day} の「{task}」が失敗しました", "the run of {day} failed\n{sentence}"),
    "report": ("レポート: {path}", "report: {path}"),
    "log": ("ログ: {path}", "log: {path}"),
    "slow": (
        "{seconds} 秒たっても終わりません。ログを見てください: {path}",
        "not finished after {seconds} s; see the logs: {path}",
    ),
    "port-taken": (
        "ポート {port} は使われています。RENKEI_PORT で別のポートを指定してください。",
        "port {port} is taken; choose another one by RENKEI_PORT",
    ),
    "port-wrong": ("RENKEI_PORT は 1 から 65535 までの数です。", "RENKEI_PORT is a number from 1 to 65535"),
    "busy": ("別の make run / up / down が動いています。", "another make run, up or down is at work on this site"),
    "no-start": ("{name} が起動しません。ログ: {path}", "{name} does not start; log: {path}"),
    "ended": ("{name} が止まりました。ログ: {path}", "{name} ended by itself; log: {path}"),
    "failed": ("{name} が失敗しました: {sentence}", "{name} failed: {sentence}"),
    "up": ("画面: {url}", "user interface: {url}"),
    "user": ("  {role}: {username} / {password}", ""),
    "access": (
        "利用者は {path} にもあります。止めるには make down",
        "users are in {path} too; make down stops the site",
    ),
    "down": ("止めました", "stopped"),
    "not-up": ("動いているものはありません", "nothing is running"),
    "api": ("Airflow が応答しません: {reason}", "Airflow does not answer: {reason}"),
    "interrupted": ("中断しました。続きは make run", "interrupted; make run goes on where it stopped"),
}


class DemoError(Exception):
    """A sentence for the person at the terminal, and exit status 1."""

    def __init__(self, name: str, /, **facts: object) -> None:
        super().__init__(text(name, **facts))


def text(name: str, /, **facts: object) -> str:
    """Return a text in both languages, with the facts filled in."""
    return " / ".join(one.format(**facts) for one in TEXTS[name] if one)


def say(name: str, /, **facts: object) -> None:
    """Print a text as a line of its own, at once."""
    line(text(name, **facts))


def line(words: str) -> None:
    """Print one line at once, so that a pipe sees it as it happens."""
    print(words, flush=True)
