"""Every error of the library, in one tree.

RenkeiError
├── Retryable            the same step may run again by itself; nothing is in doubt
│   ├── LedgerBusy · LedgerUnreachable · SerialTaken
├── Refusal              a person has to act first; running again changes nothing
│   ├── SettingMissing · SettingInvalid
│   ├── LedgerUnavailable · HeadMarkUnwritten · LedgerNotMigrated · LedgerMisuse · LedgerConflict
│   ├── LedgerRestored · AdoptRefused
│   ├── ReportFieldRefused · ReportUnwritten
│   ├── SchemasUnreadable · LayoutUnknown · ReferenceKeysUnreadable · ReferenceKeyUnknown
│   ├── PackageUnwritable · PackageRecordRefused · PackageUnreadable
│   └── DecisionRefused
│       ├── DecisionMissing · DecisionUsed · DecisionOfAnotherRequest · SecondPersonNeeded · ReasonMissing
└── Doubt                an effect may or may not have happened: look first, then decide
    └── LedgerCommitUnknown

Retry policy keys on the three branches. A sentence says what happened and what to do; its fields are references
(serials, ids, rule and file names, counts), never the value of a personal field (design rules 8 and 11).
Foreign exceptions are mapped where they arise and raised `from None`: their texts quote cells and parameters.
"""

import string
from typing import Any, ClassVar, Self


class RenkeiError(Exception):
    """An error with one sentence in Japanese and one in English.

    `RenkeiError(serial=3)` keeps its references in `.refs`; they fill the fields of `ja` and `en`.
    A field that was not given shows as 「?」: an error must never hide behind a second one.
    """

    ja: ClassVar[str] = "連携処理の誤りです。"
    en: ClassVar[str] = "An error of the exchange."

    def __init__(self, **refs: object) -> None:
        self.refs: dict[str, object] = refs
        super().__init__(refs)

    @classmethod
    def fields(cls) -> frozenset[str]:
        """Return the names of the references that the two sentences ask for."""
        parsed = (*string.Formatter().parse(cls.ja), *string.Formatter().parse(cls.en))
        return frozenset(name for _, name, _, _ in parsed if name)

    def sentence(self, language: str = "ja") -> str:
        """Return the sentence in `ja` or `en`."""
        values = {name: self.refs.get(name, "?") for name in self.fields()}
        return (self.en if language == "en" else self.ja).format(**values)

    def __str__(self) -> str:
        """Return both sentences, Japanese first."""
        return f"{self.sentence('ja')} / {self.sentence('en')}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive a process boundary: Airflow pickles exceptions."""
        return _revive, (type(self), self.refs)

    def with_refs(self, **refs: object) -> Self:
        """Return the same error with more references, for a caller that knows more."""
        return type(self)(**{**self.refs, **refs})


def _revive(cls: type[RenkeiError], refs: dict[str, object]) -> RenkeiError:
    return cls(**refs)


class Retryable(RenkeiError):
    """The same step may run again by itself."""

    ja = "一時的な失敗です。自動でやり直します。"
    en = "A passing failure; the step runs again by itself."


class Refusal(RenkeiError):
    """A person has to act before anything goes on."""

    ja = "処理を止めました。担当者の対応が必要です。"
    en = "The step was stopped; a person has to act."


class Doubt(RenkeiError):
    """An effect may or may not have happened."""

    ja = "結果が不明です。確かめてから続けます。"
    en = "The outcome is unknown; it is looked up before anything goes on."


# --- settings ---------------------------------------------------------------------------------------------


class SettingMissing(Refusal):
    """A setting that has no default was not given."""

    ja = "設定 {name} がありません。renkei.toml か環境変数 RENKEI_{name} で与えてください。"
    en = "The setting {name} is missing; give it in renkei.toml or in the environment as RENKEI_{name}."


class SettingInvalid(Refusal):
    """A setting has a value that cannot be."""

    ja = "設定 {name} の値が正しくありません({rule})。renkei.toml と環境変数を確認してください。"
    en = "The setting {name} has a value that cannot be ({rule}); check renkei.toml and the environment."


# --- ledger -----------------------------------------------------------------------------------------------


class LedgerBusy(Retryable):
    """Another writer held the ledger's lock for too long."""

    ja = "台帳がほかの処理で使用中です。自動でやり直します。"
    en = "The ledger is locked by another writer; the step runs again by itself."


class LedgerUnreachable(Retryable):
    """The ledger's database did not answer; nothing was written."""

    ja = "台帳のデータベースに接続できません。自動でやり直します。続く場合はデータベースを確認してください。"
    en = "The ledger's database does not answer; the step runs again by itself. If it lasts, check the database."


class SerialTaken(Retryable):
    """Another sealing claimed the serial first; the prepared bytes are thrown away (contract §5)."""

    ja = "通番 {serial} は先に使われました。用意したファイルを捨て、次の通番で作り直します。"
    en = "Serial {serial} was claimed by another sealing; the prepared file is thrown away and made again."


class LedgerUnavailable(Refusal):
    """The ledger cannot be written or read: read-only, full disk, damaged, no right."""

    ja = "台帳に書き込めません({reason})。台帳に書けない間は何も送りません。容量と権限を確認してください。"
    en = "The ledger cannot be used ({reason}); nothing is sent meanwhile. Check free space and permissions."


class HeadMarkUnwritten(Refusal):
    """The transaction is committed, but the head mark beside the sealed files could not be written."""

    ja = "台帳は確定しましたが、封緘済みフォルダの先頭印を書けません({reason})。容量と権限を確認してください。"
    en = "The ledger is committed, but the head mark in the sealed folder is not ({reason}); check that folder."


class LedgerNotMigrated(Refusal):
    """The ledger's tables are of another version than this product."""

    ja = "台帳の版({found})がこの製品の版({wanted})と違います。renkei の migrate を実行してください。"
    en = "The ledger is at version {found}, this product needs {wanted}; run renkei's migrate."


class LedgerMisuse(Refusal):
    """A row breaks a rule of the ledger's tables; a fault of this product."""

    ja = "台帳の規則に反する書き込みを止めました({kind})。製品の不具合として報告してください。"
    en = "A write that breaks the ledger's rules was stopped ({kind}); report it as a fault of this product."


class LedgerConflict(Refusal):
    """A row that may stand once is already there."""

    ja = "台帳に同じものが既にあります({table})。二重の処理かを確認してください。"
    en = "The ledger already holds this ({table}); check whether it is being done twice."


class LedgerRestored(Refusal):
    """The ledger is behind its head mark, or does not continue the same chain (contract §10)."""

    ja = (
        "台帳が古い状態に戻っています(台帳 {ledger_number}、先頭印 {mark_number})。"
        "adopt を実行するまで封緘も送信もしません。"
    )
    en = (
        "The ledger was restored to an older state (ledger at {ledger_number}, mark at {mark_number}); "
        "nothing is sealed or sent until adopt has been run."
    )


class AdoptRefused(Refusal):
    """What lies in the sealed store cannot be taken back as it stands."""

    ja = "封緘済みフォルダから台帳へ取り込めません({name}: {rule})。そのファイルを確認してください。"
    en = "The sealed store cannot be taken back into the ledger ({name}: {rule}); look at that file."


class DecisionRefused(Refusal):
    """A decision does not permit what was asked."""

    ja = "決定 {decision} では実行できません。"
    en = "Decision {decision} does not permit this."


class DecisionMissing(DecisionRefused):
    """No person has decided this yet."""

    ja = "「{kind}」({subject})には担当者の決定が必要です。"
    en = "'{kind}' for {subject} waits for a person's decision."


class DecisionUsed(DecisionRefused):
    """A decision counts once."""

    ja = "決定 {decision} は既に使われました。改めて決定を受けてください。"
    en = "Decision {decision} has been used; ask for a new one."


class DecisionOfAnotherRequest(DecisionRefused):
    """The decision was made on other contents than those at hand."""

    ja = "決定 {decision} は別の内容に対するものです。今の内容で改めて決定を受けてください。"
    en = "Decision {decision} was made on other contents; ask for one on what stands now."


class SecondPersonNeeded(DecisionRefused):
    """Asker and approver must be two persons."""

    ja = "「{kind}」({subject})は、依頼した者と別の者が承認してください。"
    en = "'{kind}' for {subject} must be approved by another person than the one who asked."


class ReasonMissing(DecisionRefused):
    """A decision without a reason is none."""

    ja = "「{kind}」({subject})には理由が必要です。"
    en = "'{kind}' for {subject} needs a reason."


class LedgerCommitUnknown(Doubt):
    """The line to the database broke while a transaction was being committed."""

    ja = "台帳の確定中に接続が切れました。書けたかどうかを台帳で確かめてから続けてください。"
    en = "The line broke while the ledger was being committed; look into the ledger before going on."


# --- reports ----------------------------------------------------------------------------------------------


class ReportFieldRefused(Refusal):
    """A value does not have the form of its field in the report."""

    ja = "報告の項目 {part}.{field} に入れられない値を書かずに止めました。製品の不具合として報告してください。"
    en = "The report's field {part}.{field} cannot hold that value; it was not written. Report it as a fault."


class ReportUnwritten(Refusal):
    """The report could not be written to its folder."""

    ja = "報告を書けません({name}: {reason})。報告フォルダの容量と権限を確認してください。"
    en = "The report cannot be written ({name}: {reason}); check free space and permissions of its folder."


# --- schemas, notices -------------------------------------------------------------------------------------


class SchemasUnreadable(Refusal):
    """A file of `schemas/` is missing or malformed."""

    ja = "schemas の {file} が読めません。ファイルがあるか、書式が正しいかを確認してください。"
    en = "{file} of schemas cannot be read; check that it is there and well-formed."


class LayoutUnknown(Refusal):
    """No layout version is in force on a business date."""

    ja = "業務日 {on} に有効なレイアウト({kind})がありません。schemas/layouts.toml を確認してください。"
    en = "No {kind} layout is in force on business date {on}; check schemas/layouts.toml."


class ReferenceKeysUnreadable(Refusal):
    """The file of the person-reference keys is missing or malformed."""

    ja = "個人参照番号の鍵ファイル {file} が読めません({line} 行目)。控えから戻してください。"
    en = "The file of person-reference keys, {file}, cannot be read (line {line}); restore it from its copy."


class ReferenceKeyUnknown(Refusal):
    """A person or a package names a person-reference key that the site does not hold."""

    ja = "個人参照番号の鍵 {key} がありません。古い鍵も残す必要があります。控えから戻してください。"
    en = "The person-reference key {key} is not there; old keys stay for ever, restore it from its copy."


# --- change file ------------------------------------------------------------------------------------------


class PackageUnwritable(Refusal):
    """The package could not be written to the work folder."""

    ja = "変更ファイルを書けません({reason})。作業フォルダの容量と権限を確認してください。"
    en = "The change file cannot be written ({reason}); check free space and permissions of the work folder."


class PackageRecordRefused(Refusal):
    """A record does not fit the layout, or the layout names a forbidden item; a fault of this product or of schemas."""

    ja = "変更ファイルの記録 {record}({family})がレイアウトに合いません({rule}、項目 {item})。何も書きません。"
    en = "Record {record} ({family}) does not fit the layout ({rule}, item {item}); nothing was written."


class PackageUnreadable(Refusal):
    """A package is not what the layout says, so it cannot be compared."""

    ja = "変更ファイルが読めません({name}: {rule})。封緘済みの控えと突き合わせてください。"
    en = "The change file cannot be read ({name}: {rule}); compare it with the sealed copy."
