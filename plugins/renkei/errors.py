"""Every error of the library, in one tree.

RenkeiError
├── Retryable            the same step may run again by itself; nothing is in doubt
│   ├── LedgerBusy · LedgerUnreachable · SerialTaken
│   ├── ComparisonBroken
│   ├── PeerUnreachable · LineDropped · UploadIncomplete · DownloadIncomplete
├── Refusal              a person has to act first; running again changes nothing
│   ├── SettingMissing · SettingInvalid
│   ├── LedgerUnavailable · HeadMarkUnwritten · LedgerNotMigrated · LedgerMisuse · LedgerConflict
│   ├── LedgerRestored · AdoptRefused · LostDayUnread
│   ├── AskerUnknown · WitnessUnreachable · EvidenceKeyMissing · NothingToExport
│   ├── ReportDamaged · ReportFieldRefused · ReportUnknown · ReportUnwritten · WorklistUnwritten
│   ├── SchemasUnreadable · LayoutUnknown · ReferenceKeysUnreadable · ReferenceKeyUnknown
│   ├── PackageUnwritable · PackageRecordRefused · PackageUnreadable
│   ├── PeersInvalid · PeerNotInForce · PeerUnknown · ConnectionMismatch
│   ├── GnupgUnusable · KeyUnusable · ForeignKeyInHome · SealingFailed
│   ├── EnvelopeStorageError
│   │   └── OutputExists · NoSpace · InputMissing
│   ├── MessageRefused
│   │   ├── NotOpenPgp · NotEncrypted · EncryptedToAnother · EncryptedToSeveral · MessageDamaged
│   │   ├── SeveralMessages · NotSigned · SignedTwice · SignerUnknown · SignerNotPinned
│   │   ├── SignerKeyExpired · SignerKeyRevoked · SignatureExpired · SignatureBad
│   │   └── ExpandsTooFar · AlgorithmWeak · MessageForm · OpenPgpFailed
│   ├── ExtractMissing · DayHeld · VendorExportRefused · ProvenExtractChanged
│   ├── ExtractRefused
│   │   ├── ManifestUnreadable · ManifestInvalid · AnotherMunicipality · AnotherDay · CutOffBroken
│   │   ├── ExtractFileMissing · ExtractFileEmpty · SizeDiffers · DigestDiffers · RowCountDiffers
│   │   ├── ByteOrderMarkFound · NotUtf8 · ControlCharacterFound · LineBreakInValue · LastLineOpen
│   │   ├── LineTooLong · QuotationWrong · FieldCountWrong
│   │   ├── ColumnForbidden · ColumnUnknown · ColumnMissing · ColumnOrderWrong · ForbiddenNumberFound
│   │   ├── KeyMalformed · KeyDoubled · RowsOutOfOrder · NoResidents
│   │   └── CorrectionDropsEvent · CorrectionChangesEvent
│   ├── AuthenticationRefused · LoginKeyUnusable · HostKeyChanged · AlgorithmsRefused · PeerProtocolError
│   ├── PeerAccessDenied · PeerPathMissing · PeerOutOfSpace · DifferentBytesAtPeer · ServerReplacesOnRename
│   ├── NameRefused · NotARegularFile · PeerFileTooLarge · TransferStorageError
│   ├── NoBaseline · DayWaits · DayNotRequested · ExtractLate · ReceiptLate · ReceiptMismatch · SecondReceipt
│   ├── AgencyFileRefused
│   │   ├── AgencyPackageMalformed · AgencySchemaMismatch · AgencyTotalsWrong · AgencyFileMisaddressed
│   │   └── AgencyLayoutUnknown · AgencyPredecessorDiffers · AgencySerialDiffers
│   ├── AgencyFileReplaced · AgencyFileMissing · AgencyFilesFailed · AgencyRunUnfinished
│   ├── PeerStopped · NothingToDecide · FileNotExportable · ArrivedAlready · RebuildDiffers
│   ├── ResealNeedless · LookUnanswered
│   ├── VerificationFailed · DayUndelivered · BusinessDateMissing
│   └── DecisionRefused
│       ├── DecisionMissing · DecisionUsed · DecisionOfAnotherRequest · SecondPersonNeeded
│       └── ReasonMissing · ReasonForbidden
└── Doubt                an effect may or may not have happened: look first, then decide
    └── LedgerCommitUnknown · PublishUnknown

Retry policy keys on the three branches. A sentence says what happened and what to do; its fields are references
(serials, ids, rule and file names, counts), never the value of a personal field (design rules 8 and 11).
Foreign exceptions are mapped where they arise and raised `from None`: their texts quote cells and parameters.
"""

import string
from typing import Any, ClassVar


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


class LostDayUnread(Refusal):
    """A day that a restored ledger has lost was not read again yet: what its events did is not known (contract §10)."""

    ja = (
        "復元で失われた {day} の抽出をまだ読み直せません({why})。それまで封緘も受領もしません。"
        "その日の抽出フォルダーを元に戻し、`renkei seal {day}` を実行してください。"
    )
    en = (
        "The extract of {day}, lost by the restore, could not be read again yet ({why}); nothing is sealed or taken in "
        "until then. Put the day's extract folder back and run `renkei seal {day}`."
    )


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


class ReasonForbidden(DecisionRefused):
    """A reason holds a number that must not be kept anywhere."""

    ja = "「{kind}」({subject})の理由に個人番号または住民票コードらしい数字があります。書かずに理由を述べてください。"
    en = (
        "The reason for '{kind}' of {subject} holds what looks like an Individual Number or a resident record "
        "code; give the reason without it."
    )


class LedgerCommitUnknown(Doubt):
    """The line to the database broke while a transaction was being committed."""

    ja = "台帳の確定中に接続が切れました。書けたかどうかを台帳で確かめてから続けてください。"
    en = "The line broke while the ledger was being committed; look into the ledger before going on."


# --- reports ----------------------------------------------------------------------------------------------


class ReportFieldRefused(Refusal):
    """A value does not have the form of its field in the report."""

    ja = "報告の項目 {part}.{field} に入れられない値を書かずに止めました。製品の不具合として報告してください。"
    en = "The report's field {part}.{field} cannot hold that value; it was not written. Report it as a fault."


class WorklistUnwritten(Refusal):
    """A worklist could not be put into its folder."""

    ja = "処理リストを書けませんでした({reason})。フォルダ worklists_dir の空きと権限を確かめてください。"
    en = "The worklist could not be written ({reason}); check space and rights of the folder worklists_dir."


class ReportUnwritten(Refusal):
    """The report could not be written to its folder."""

    ja = "報告を書けません({name}: {reason})。報告フォルダの容量と権限を確認してください。"
    en = "The report cannot be written ({name}: {reason}); check free space and permissions of its folder."


class AskerUnknown(Refusal):
    """Nobody can be named as the one who asks or approves."""

    ja = "申請した人、または承認した人を確かめられません({kind} {subject})。自分の名前でもう一度申請してください。"
    en = "Who asks or approves cannot be established ({kind} {subject}); ask again under your own name."


class WitnessUnreachable(Refusal):
    """Airflow's records cannot be read, so that nobody can be named."""

    ja = "Airflow の記録を読めず、誰の操作か分かりません({file})。witness_file と画面の稼働を確かめてください。"
    en = "Airflow's records cannot be read, so nobody can be named ({file}); check witness_file and the web server."


class EvidenceKeyMissing(Refusal):
    """The site has no evidence key, or its GnuPG home is not there."""

    ja = "証跡に署名する鍵がありません({folder})。evidence_fingerprint と evidence_home を設定してください。"
    en = "There is no key to sign evidence with ({folder}); set evidence_fingerprint and evidence_home."


class NothingToExport(Refusal):
    """The period has no row of the audit trail."""

    ja = "{first} から {last} までの証跡はありません。期間を選び直してください。"
    en = "The audit trail has nothing from {first} to {last}; choose another period."


class ReportUnknown(Refusal):
    """There is no such report, or not in that form."""

    ja = "そのレポートはありません(番号 {report})。一覧から選び直してください。"
    en = "There is no such report ({report}); choose it from the list."


class ReportDamaged(Refusal):
    """A kept file is gone or is not as it was written."""

    ja = "保存したファイルが書いた時と違うか、ありません({name})。控えから戻し、renkei verify で確かめてください。"
    en = "A kept file is gone or has changed ({name}); restore it from the backup and run renkei verify."


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
    """A record does not fit the layout, or the layout names a forbidden item."""

    ja = "変更ファイルの記録 {record}({family})がレイアウトに合いません({rule}、項目 {item})。何も書きません。"
    en = "Record {record} ({family}) does not fit the layout ({rule}, item {item}); nothing was written."


class PackageUnreadable(Refusal):
    """A package is not what the layout says, so it cannot be compared."""

    ja = "変更ファイルが読めません({name}: {rule})。封緘済みの控えと突き合わせてください。"
    en = "The change file cannot be read ({name}: {rule}); compare it with the sealed copy."


# --- peers ------------------------------------------------------------------------------------------------


class PeersInvalid(Refusal):
    """The site's list of counterparties cannot be right."""

    ja = "相手方の設定(peers.toml)に誤りがあります({peer}: {rule})。直してから実行してください。"
    en = "The list of counterparties (peers.toml) cannot be right ({peer}: {rule}); mend it first."


class PeerNotInForce(Refusal):
    """No counterparty, or no key of it, is in force at that instant (contract §8)."""

    ja = "{instant} の時点で有効な相手方または鍵がありません({peer})。peers.toml の期間を確認してください。"
    en = "No counterparty or key is in force at {instant} ({peer}); check the periods in peers.toml."


class PeerUnknown(Refusal):
    """A counterparty is named that the site's list does not have."""

    ja = "相手方 {peer} は peers.toml にありません。"
    en = "The counterparty {peer} is not in peers.toml."


class ConnectionMismatch(Refusal):
    """A configured connection is not the peer's: another host, port, host key or login by something else."""

    ja = "接続 {connection} の {item} が peers.toml の相手方と一致しません。接続しません。"
    en = "{item} of the connection {connection} is not the counterparty's in peers.toml; no connection is made."


# --- envelope: our own side -------------------------------------------------------------------------------


class EnvelopeStorageError(Refusal):
    """Our own storage failed while sealing or opening; the message itself was not judged."""

    ja = "封緘・開封の出力を書けません({name}: {reason})。相手のファイルの誤りではありません。"
    en = "The output of sealing or opening cannot be written ({name}: {reason}); the message is not at fault."


class OutputExists(EnvelopeStorageError):
    """The output path is taken; nothing is overwritten."""

    ja = "出力先 {name} は既にあります。上書きしません。相手のファイルの誤りではありません。"
    en = "The output {name} is already there and is not overwritten; the message is not at fault."


class NoSpace(EnvelopeStorageError):
    """The disk has not enough room."""

    ja = "空き容量が足りません({name}、必要 {needed} バイト、空き {free} バイト)。相手のファイルの誤りではありません。"
    en = "Not enough free space for {name} ({needed} bytes needed, {free} free); the message is not at fault."


class InputMissing(EnvelopeStorageError):
    """The file to be sealed or opened is not there, or is no regular file."""

    ja = "入力ファイル {name} がないか、通常のファイルではありません。"
    en = "The input file {name} is missing or is no regular file."


class GnupgUnusable(Refusal):
    """gpg, or the folder of its keys, cannot be used."""

    ja = "GnuPG を使えません({reason})。gpg の導入と鍵フォルダを確認してください。"
    en = "GnuPG cannot be used ({reason}); check that gpg is installed and the folder of its keys."


class KeyUnusable(Refusal):
    """A pinned key is missing from the keys at hand, expired, revoked or cannot do its work."""

    ja = "鍵 {fingerprint}({role})を使えません({reason})。鍵を確認し、必要なら peers.toml を改めてください。"
    en = "The key {fingerprint} ({role}) cannot be used ({reason}); check it and, if need be, peers.toml."


class ForeignKeyInHome(Refusal):
    """A GnuPG home holds a public key that is neither the ward's nor a pinned counterparty's."""

    ja = "{name} に peers.toml の相手方のものでない公開鍵 {fingerprint} があります。除いてから実行してください。"
    en = "{name} holds the public key {fingerprint}, neither the ward's nor pinned in peers.toml; remove it."


class SealingFailed(Refusal):
    """gpg did not seal, or what it sealed is not as it must be; nothing was kept."""

    ja = "封緘できませんでした({reason})。封緘したものは残していません。鍵と GnuPG を確認してください。"
    en = "The file could not be sealed ({reason}); nothing was kept. Check the keys and GnuPG."


# --- envelope: the acceptance rule, clause by clause ------------------------------------------------------


class MessageRefused(Refusal):
    """A received message breaks the acceptance rule; nothing of it left the quarantine."""

    ja = "受け取ったファイル {name} を受け入れません。相手方に確認してください。"
    en = "The received file {name} is not accepted; ask the counterparty."


class NotOpenPgp(MessageRefused):
    """It is no OpenPGP message at all."""

    ja = "受け取ったファイル {name} は OpenPGP の電文ではありません。"
    en = "The received file {name} is no OpenPGP message."


class NotEncrypted(MessageRefused):
    """It is an OpenPGP message, but not an encrypted one."""

    ja = "受け取ったファイル {name} は暗号化されていません。"
    en = "The received file {name} is not encrypted."


class EncryptedToAnother(MessageRefused):
    """It is encrypted to a key that is not ours."""

    ja = "受け取ったファイル {name} は当方の鍵あてに暗号化されていません。"
    en = "The received file {name} is not encrypted to our key."


class EncryptedToSeveral(MessageRefused):
    """It is encrypted to more than our one key, or to a password."""

    ja = "受け取ったファイル {name} は当方以外の鍵あてにも暗号化されています。"
    en = "The received file {name} is encrypted to others beside us."


class MessageDamaged(MessageRefused):
    """It cannot be decrypted whole: changed, cut off or without its integrity protection."""

    ja = "受け取ったファイル {name} は壊れています(改変または途中で切れています)。"
    en = "The received file {name} is damaged: changed or cut off."


class SeveralMessages(MessageRefused):
    """It holds more than one message, or something behind the message."""

    ja = "受け取ったファイル {name} に電文が二つ以上あるか、余分なものが続いています。"
    en = "The received file {name} holds more than one message, or something behind it."


class NotSigned(MessageRefused):
    """Nobody signed it."""

    ja = "受け取ったファイル {name} に署名がありません。"
    en = "The received file {name} is not signed."


class SignedTwice(MessageRefused):
    """It bears more than one signature."""

    ja = "受け取ったファイル {name} に署名が二つ以上あります。"
    en = "The received file {name} bears more than one signature."


class SignerUnknown(MessageRefused):
    """The signer's key is not among the keys at hand."""

    ja = "受け取ったファイル {name} の署名者の鍵を当方は持っていません。"
    en = "The received file {name} was signed by a key that is not at hand."


class SignerNotPinned(MessageRefused):
    """A key at hand signed it, but not the one pinned for the counterparty on that date."""

    ja = "受け取ったファイル {name} は、その時点の相手方の鍵ではない鍵 {fingerprint} で署名されています。"
    en = "The received file {name} was signed by {fingerprint}, which is not the counterparty's key at that time."


class SignerKeyExpired(MessageRefused):
    """The signer's key had expired."""

    ja = "受け取ったファイル {name} の署名者の鍵は有効期限が切れています。"
    en = "The received file {name} was signed by a key that has expired."


class SignerKeyRevoked(MessageRefused):
    """The signer's key was revoked."""

    ja = "受け取ったファイル {name} の署名者の鍵は失効しています。"
    en = "The received file {name} was signed by a key that was revoked."


class SignatureExpired(MessageRefused):
    """The signature itself was made for a time that is over."""

    ja = "受け取ったファイル {name} の署名は有効期限が切れています。"
    en = "The signature of the received file {name} has expired."


class SignatureBad(MessageRefused):
    """The signature does not fit the contents, or gpg cannot check it."""

    ja = "受け取ったファイル {name} の署名が正しくありません。"
    en = "The signature of the received file {name} is not good."


class ExpandsTooFar(MessageRefused):
    """It grows beyond the cap or the ratio allowed: a decompression bomb."""

    ja = "受け取ったファイル {name} は展開すると上限 {limit} バイトを超えます。"
    en = "The received file {name} expands beyond the limit of {limit} bytes."


class AlgorithmWeak(MessageRefused):
    """It uses another cipher than AES-256 or a digest weaker than SHA-256."""

    ja = "受け取ったファイル {name} の暗号またはハッシュが弱すぎます({algorithm})。"
    en = "The received file {name} uses a cipher or digest that is too weak ({algorithm})."


class MessageForm(MessageRefused):
    """It is good OpenPGP, but not one binary message without compression, as agreed."""

    ja = "受け取ったファイル {name} は取り決めた形の電文(バイナリ、無圧縮)ではありません({rule})。"
    en = "The received file {name} is no binary, uncompressed message as agreed ({rule})."


class OpenPgpFailed(MessageRefused):
    """gpg ended with an error although every other clause held."""

    ja = "受け取ったファイル {name} の開封で GnuPG が異常終了しました(終了コード {code})。"
    en = "gpg ended with status {code} on the received file {name}."


# --- transfer ---------------------------------------------------------------------------------------------


class PeerUnreachable(Retryable):
    """No connection came about: nobody answers, or the answer takes too long."""

    ja = "相手サーバー {peer} に接続できません({reason})。自動でやり直します。"
    en = "The server of {peer} cannot be reached ({reason}); the step runs again by itself."


class LineDropped(Retryable):
    """The line broke in the middle of something that leaves nothing in doubt."""

    ja = "相手サーバー {peer} との通信が途中で切れました({step})。確かめてからやり直します。"
    en = "The line to {peer} broke ({step}); the step looks and runs again by itself."


class UploadIncomplete(Retryable):
    """What stands at the peer under the temporary name is not what was sent; it was not published."""

    ja = "送ったファイル {name} が相手サーバーで一致しません({rule})。公開せずにやり直します。"
    en = "{name} at the peer is not what was sent ({rule}); it was not published and is sent again."


class DownloadIncomplete(Retryable):
    """Fewer or more bytes came than the file has; nothing was kept."""

    ja = "{name} を最後まで受け取れませんでした。残さずにやり直します。"
    en = "{name} did not come whole; nothing was kept and the step runs again."


class AuthenticationRefused(Refusal):
    """The peer does not take our key."""

    ja = "相手サーバー {peer} が当方の鍵でのログインを拒みました。利用者名と鍵を確認してください。"
    en = "The server of {peer} refuses our key; check user name and key."


class LoginKeyUnusable(Refusal):
    """The private key for the login cannot be read."""

    ja = "ログイン用の秘密鍵を読めません({reason})。鍵ファイルと権限を確認してください。"
    en = "The private key for the login cannot be read ({reason}); check the key file and its permissions."


class HostKeyChanged(Refusal):
    """The server shows another host key than the one pinned; nothing was sent, not even the login."""

    ja = "相手サーバー {peer} のホスト鍵が登録と違います({found})。何も送っていません。相手方に確認してください。"
    en = "The host key of {peer} is not the one pinned ({found}); nothing was sent. Ask the counterparty."


class AlgorithmsRefused(Refusal):
    """The server offers no algorithm that is strong enough."""

    ja = "相手サーバー {peer} と強度の足りる暗号方式で合意できません。相手方に確認してください。"
    en = "The server of {peer} offers no algorithm that is strong enough; ask the counterparty."


class PeerProtocolError(Refusal):
    """The server answers what SSH or SFTP does not allow, or refuses a step without saying why."""

    ja = "相手サーバー {peer} が手順に合わない応答をしました({step})。相手方に確認してください。"
    en = "The server of {peer} gave an answer that does not fit ({step}); ask the counterparty."


class PeerAccessDenied(Refusal):
    """The server denies the right to a folder or file."""

    ja = "相手サーバー {peer} が操作を許可しません({step})。フォルダの権限を相手方に確認してください。"
    en = "The server of {peer} denies permission ({step}); ask the counterparty about the folder's rights."


class PeerPathMissing(Refusal):
    """A folder or file that must be at the peer is not there."""

    ja = "相手サーバー {peer} に必要なフォルダかファイルがありません({step})。"
    en = "A folder or file that must be there is missing on the server of {peer} ({step})."


class PeerOutOfSpace(Refusal):
    """The server takes no more bytes: most likely its disk or our quota is full."""

    ja = "相手サーバー {peer} が {name} の書き込みを受け付けません(容量不足と思われます)。相手方に連絡してください。"
    en = "The server of {peer} takes no more bytes of {name}, most likely out of space; tell the counterparty."


class DifferentBytesAtPeer(Refusal):
    """Our name is taken at the peer by other bytes than ours (contract §1)."""

    ja = "相手サーバーの {name} が当方のファイルと異なります。何も置き換えずに止めました。"
    en = "{name} at the peer holds other bytes than ours; nothing was replaced, everything stops."


class ServerReplacesOnRename(Refusal):
    """The server's plain rename replaces what is there, so that publishing once cannot be guaranteed."""

    ja = "相手サーバー {peer} は名前の変更で既存のファイルを置き換えます。この製品は使えません。"
    en = "The server of {peer} replaces files on rename; publishing exactly once cannot be guaranteed there."


class NameRefused(Refusal):
    """A name, ours or the peer's, does not fit the one pattern that is agreed."""

    ja = "{folder} に、取り決めた形ではないファイル名があります。取り扱いません。"
    en = "A file name in {folder} does not have the agreed form; it is not handled."


class NotARegularFile(Refusal):
    """What stands under a name at the peer is a link, a folder or another special file."""

    ja = "相手サーバーの {name} は通常のファイルではありません。取り扱いません。"
    en = "{name} at the peer is no regular file; it is not handled."


class PeerFileTooLarge(Refusal):
    """A file at the peer is larger than we take."""

    ja = "相手サーバーの {name} は上限 {limit} バイトを超えています。受け取りません。"
    en = "{name} at the peer is larger than the limit of {limit} bytes; it is not fetched."


class TransferStorageError(Refusal):
    """Our own disk failed while sending or fetching."""

    ja = "{name} を手元のディスクで読み書きできません({reason})。容量と権限を確認してください。"
    en = "{name} cannot be read or written on our own disk ({reason}); check space and permissions."


class PublishUnknown(Doubt):
    """The line broke while the file was being given its final name."""

    ja = "{name} の公開中に通信が切れました。相手サーバーを確かめてから続けます。"
    en = "The line broke while {name} was being published; the peer is looked at before anything goes on."


# --- corridor ---------------------------------------------------------------------------------------------


class NoBaseline(Refusal):
    """No baseline was accepted, so no day can be compared with the one before."""

    ja = "基準となる抽出がまだ受け入れられていません。`renkei baseline 日付 --reason 理由` で記録してください。"
    en = "No baseline extract was accepted yet; record one with `renkei baseline DATE --reason REASON`."


class ProvenExtractChanged(Refusal):
    """The residents of the last proven extract are gone, or no longer the bytes that were proven."""

    ja = (
        "最後に照合した抽出 {extract} の residents.csv がないか、照合した時と内容が違います。"
        "抽出のフォルダを元に戻してください。"
    )
    en = "residents.csv of the last proven extract {extract} is gone or was changed; put the extract's folder back."


class DayWaits(Refusal):
    """An earlier day stands in the way."""

    ja = "{day} はまだ封緘できません。先に {earlier} を片付けてください({why})。片付けば {day} も続けて封緘されます。"
    en = "{day} cannot be sealed yet: settle {earlier} first ({why}); whoever settles it seals {day} behind it."


class DayNotRequested(Refusal):
    """A day was asked for that nobody requested."""

    ja = "{day} はまだ要求されていません。`renkei run {day}` か、その日の実行を始めてください。"
    en = "{day} was not requested yet; start its run, or `renkei run {day}`."


class ExtractLate(Refusal):
    """The day's extract did not come by the deadline."""

    ja = (
        "{day} の抽出が期限({minutes} 分)までに届きません。住民記録システムの担当へ連絡し、"
        "届いてから再実行してください。"
    )
    en = (
        "The extract of {day} did not come within {minutes} minutes; call the registry's desk, run "
        "again when it is there."
    )


class ReceiptLate(Refusal):
    """The agency's receipt did not come by the deadline."""

    ja = (
        "通番 {serials} の受領通知が期限({minutes} 分)までに届きません。相手方に照会してください。"
        "届けば次の実行が取り込みます。"
    )
    en = (
        "No receipt for serial {serials} within {minutes} minutes; ask the agency. Once it is there, "
        "the next run takes it in."
    )


class ReceiptMismatch(Refusal):
    """A verified receipt does not answer the file under whose name it stands."""

    ja = "通番 {serial} の受領通知が台帳と合いません({rule})。受け入れていません。相手方に照会してください。"
    en = "The receipt for serial {serial} does not fit the ledger ({rule}); it was not taken in. Ask the agency."


class SecondReceipt(Refusal):
    """A second, different receipt came for a file that has its final one."""

    ja = (
        "通番 {serial} に、先のものと異なる二つ目の受領通知が届きました。"
        "この相手方への送受信を止めました。確認して判断を記録してください。"
    )
    en = (
        "A second, different receipt came for serial {serial}; traffic with this peer is stopped until "
        "a person decides."
    )


class PeerStopped(Refusal):
    """Traffic with the peer is stopped until a person decides."""

    ja = "相手方 {peer} との送受信は止めてあります(通番 {serial}: {reason})。担当者の判断を記録してください。"
    en = "Traffic with {peer} is stopped (serial {serial}: {reason}); a person has to decide."


class NothingToDecide(Refusal):
    """The thing that a decision is about is not waiting for one."""

    ja = "{kind} の対象 {subject} は判断を待っていません。`renkei waiting` で確認してください。"
    en = "{subject} does not wait for a decision of kind {kind}; see `renkei waiting`."


class DayUndelivered(Refusal):
    """The report stands, but the day is not done."""

    ja = "{day} の通知はまだ受領確認まで済んでいません。レポート {report} の「判断待ち」を確認してください。"
    en = "The notices of {day} are not receipted yet; see what waits in the report {report}."


class BusinessDateMissing(Refusal):
    """A run by hand does not say which business date it is for."""

    ja = "手動実行には業務日が必要です。フォームの「業務日」に YYYY-MM-DD で入れて、もう一度起動してください。"
    en = "A run by hand needs its business date: give it as YYYY-MM-DD in the form and trigger again."


class FileNotExportable(Refusal):
    """Only a sealed file whose last look failed goes onto media (contract §7)."""

    ja = "通番 {serial} は媒体に出力できません(状態 {state})。封緘済みで、直近の確認が失敗したものだけを出力できます。"
    en = "Serial {serial} cannot go onto media (state {state}): only a sealed file whose last look failed can."


class ArrivedAlready(Refusal):
    """The look before a resend found the file, or its receipt, at the peer: nothing has to go out again."""

    ja = "通番 {serial} は相手方に届いています({where})。送り直しません。受領通知を取り込んでください。"
    en = "Serial {serial} has arrived ({where}); it is not sent again. Take in its receipt."


class ResealNeedless(Refusal):
    """The counterparty in force and its key are those for which the file was sealed (contract §8)."""

    ja = "通番 {serial} は今の相手方 {peer} の今の鍵で封緘されています。封緘し直さず、そのまま送信してください。"
    en = "Serial {serial} is sealed to the present key of {peer}, who is in force; publish it as it is."


class LookUnanswered(Refusal):
    """The old counterparty does not answer, and nobody has said that it is gone."""

    ja = "通番 {serial} が {peer} に届いたか確かめられません({reason})。もう無いなら --gone を付けてください。"
    en = "Whether serial {serial} reached {peer} cannot be seen ({reason}); wait, or say --gone if it is gone for good."


class RebuildDiffers(Refusal):
    """A package rebuilt from the ledger is not the one that was sealed."""

    ja = "通番 {serial} を作り直した結果が封緘時と一致しません({rule})。台帳と schemas の版を確認してください。"
    en = "Serial {serial} rebuilt is not what was sealed ({rule}); check the ledger and the version of schemas."


class VerificationFailed(Refusal):
    """The audit chain, or something stored, is not what the trail tells."""

    ja = "FAIL:監査証跡または保管物が記録と合いません({findings} 件)。何も動かさず、管理者に知らせてください。"
    en = "FAIL: the trail or something stored is not as recorded ({findings}); change nothing, tell the administrator."


# --- agency files: signed well, but not as agreed; each is answered with its code -------------------------


class AgencyFileRefused(Refusal):
    """An agency file was opened and verified, but is not as agreed; it keeps its serial and is answered.

    `layer` is where it failed, `code` the answer of codes/acknowledgement_codes.csv.
    """

    layer: ClassVar[str] = ""
    code: ClassVar[str] = ""
    ja = "相手方のファイルを取り込めません({rule})。"
    en = "The agency's file cannot be taken in ({rule})."


class AgencyPackageMalformed(AgencyFileRefused):
    """The ZIP, its descriptor or a digest in it has not the agreed form."""

    layer = "packaging"
    code = "A20"
    ja = "相手方のファイルのパッケージが取り決めの形式ではありません({rule})。"
    en = "The package of the agency's file has not the agreed form ({rule})."


class AgencySchemaMismatch(AgencyFileRefused):
    """The descriptor or a row does not fit the layout."""

    layer = "schema"
    code = "A21"
    ja = "相手方のファイルの記述または行がレイアウトに合いません({rule})。"
    en = "The descriptor or a row of the agency's file does not fit the layout ({rule})."


class AgencyTotalsWrong(AgencyFileRefused):
    """Its numbers do not add up."""

    layer = "totals"
    code = "A22"
    ja = "相手方のファイルの件数が中身と合いません({rule})。"
    en = "The totals of the agency's file do not add up ({rule})."


class AgencyFileMisaddressed(AgencyFileRefused):
    """It is for another municipality, or from another counterparty than the one in force at its sealing."""

    layer = "addressee"
    code = "A24"
    ja = "相手方のファイルの宛先または差出人が違います({rule})。"
    en = "The agency's file is for, or from, somebody else ({rule})."


class AgencyLayoutUnknown(AgencyFileRefused):
    """It has a layout version that does not hold on the day of its sealing."""

    layer = "schema"
    code = "A25"
    ja = "相手方のファイルの版は、封緘の日に有効なものではありません({rule})。"
    en = "The layout version of the agency's file does not hold on the day of its sealing ({rule})."


class AgencyPredecessorDiffers(AgencyFileRefused):
    """It names another digest than that of the package before it."""

    layer = "serial"
    code = "A27"
    ja = "相手方のファイルが示す前回パッケージのダイジェストが、受け取ったものと違います({rule})。"
    en = "The agency's file names another predecessor than the package that was received ({rule})."


class AgencySerialDiffers(AgencyFileRefused):
    """The serial inside is not that of its name."""

    layer = "serial"
    code = "A28"
    ja = "相手方のファイルの中の通番が、名前の通番と違います({rule})。"
    en = "The serial inside the agency's file is not that of its name ({rule})."


class AgencyFileReplaced(Refusal):
    """Under a serial that was taken in stands another package of the agency's."""

    ja = (
        "相手方の通番 {serial} に、取り込んだものと異なるパッケージが置かれました。"
        "この相手方との送受信を止めました。確認して判断を記録してください。"
    )
    en = (
        "Another package stands under the agency's serial {serial}, which was taken in before; traffic with this "
        "peer is stopped until a person decides."
    )


class AgencyFileMissing(Refusal):
    """A serial of the agency's is missing for longer than agreed; what comes after it waits."""

    ja = (
        "相手方の通番 {serial} が {since} から届いていません(期限 {minutes} 分)。後の通番は待たせています。"
        "相手方に置き直しを求めるか、`renkei void --serial` で無効を記録してください。"
    )
    en = (
        "The agency's serial {serial} has been missing since {since} (limit {minutes} minutes); later ones wait. Ask "
        "the agency for it, or declare it void with `renkei void --serial`."
    )


class AgencyFilesFailed(Refusal):
    """Files of the agency that this run looked at could not be taken in; all else was done."""

    ja = (
        "相手方のファイル(通番 {serials})を取り込めませんでした。隔離してあり、ほかの処理は済んでいます。"
        "`renkei quarantine` で理由と相手方へ送る文面を確認してください。"
    )
    en = (
        "The agency's files with the serials {serials} could not be taken in and lie in quarantine; all else was done. "
        "See the reason and the text for the agency with `renkei quarantine`."
    )


class AgencyRunUnfinished(Refusal):
    """The report stands, but a step of this run did not come to its end: what came may not all be known."""

    ja = (
        "{day} の受信は途中で止まりました。届いた通知がすべて取り込まれたとは限りません。"
        "先に止まったタスクを直し、そこから Clear してください。レポート: {report}"
    )
    en = (
        "The agency's run of {day} stopped on its way: what came may not all be known. Mend the task that stopped "
        "first and clear the run from there. Report: {report}"
    )


# --- registry ---------------------------------------------------------------------------------------------


class ComparisonBroken(Retryable):
    """The process that compared the second half of a large extract ended before it was done."""

    ja = "{file} の比較が途中で終わりました。自動でやり直します。続く場合は空きメモリを確認してください。"
    en = "The comparison of {file} ended half-way; the step runs again by itself. If it lasts, check free memory."


class ExtractMissing(Refusal):
    """The day's extract did not come by its deadline."""

    ja = "業務日 {business_date} の抽出が期限までに届いていません。登録簿側に確認してください。"
    en = "The extract of {business_date} has not come by its deadline; ask the registry."


class DayHeld(Refusal):
    """So much changed that a person has to look before the day goes on (contract §12, design rule 9)."""

    ja = (
        "業務日 {business_date} を保留しました({rule}: 前日 {before} 人のうち {count} 人)。"
        "確認して、正しければ理由を付けて解除してください。"
    )
    en = (
        "The day {business_date} is held ({rule}: {count} of yesterday's {before} residents); "
        "look at it and release it with a reason if it is right."
    )


class VendorExportRefused(Refusal):
    """A vendor's export or its mapping file cannot be turned into an extract."""

    ja = "業者形式の {file} を変換できません({line} 行目、列 {column}: {rule})。対応表かファイルを直してください。"
    en = (
        "The vendor's file {file} cannot be mapped (line {line}, column {column}: {rule}); "
        "correct the mapping or the file."
    )


class ExtractRefused(Refusal):
    """An extract is refused whole for its form (contract §12), one class per rule; no value is ever told."""

    ja = "抽出 {extract} を取り込めません。登録簿側に確認してください。"
    en = "Extract {extract} is refused; ask the registry."


class ManifestUnreadable(ExtractRefused):
    """manifest.json is no JSON text of a sane size."""

    ja = "抽出 {extract} の manifest.json を読めません。登録簿側に抽出の作り直しを依頼してください。"
    en = "manifest.json of extract {extract} cannot be read; have the extract made again."


class ManifestInvalid(ExtractRefused):
    """manifest.json breaks its JSON Schema."""

    ja = "抽出 {extract} の manifest.json の {column} が取り決めに合いません。登録簿側に作り直しを依頼してください。"
    en = "{column} in manifest.json of extract {extract} is not as agreed; have the extract made again."


class AnotherMunicipality(ExtractRefused):
    """The extract belongs to another municipality."""

    ja = "抽出 {extract} は別の団体(コード {found})のものです。取り込みません。送り元を確認してください。"
    en = "Extract {extract} belongs to another municipality ({found}); it is not taken in. Check where it came from."


class AnotherDay(ExtractRefused):
    """Folder name and manifest tell different business dates or corrections."""

    ja = "抽出フォルダ {extract} と manifest.json の {column} が合いません。登録簿側に確認してください。"
    en = "The folder {extract} and {column} in its manifest.json disagree; ask the registry."


class CutOffBroken(ExtractRefused):
    """The extract does not continue the last one that was proven (contract §6)."""

    ja = "抽出 {extract} は前回までの抽出に続いていません({column})。前回の締め時刻から作り直してもらってください。"
    en = "Extract {extract} does not continue the last proven one ({column}); have it made from that cut-off."


class ExtractFileMissing(ExtractRefused):
    """A file of the extract is not there, or is no regular file."""

    ja = "抽出 {extract} に {file} がありません(または通常のファイルではありません)。作り直しを依頼してください。"
    en = "{file} is missing in extract {extract}, or is no regular file; have the extract made again."


class ExtractFileEmpty(ExtractRefused):
    """A file of the extract has no byte, not even a header."""

    ja = "抽出 {extract} の {file} が 0 バイトです。作り直しを依頼してください。"
    en = "{file} of extract {extract} is empty, without even a header; have the extract made again."


class SizeDiffers(ExtractRefused):
    """A file is shorter or longer than the manifest says: truncated, doubled or of another run."""

    ja = (
        "抽出 {extract} の {file} の大きさが manifest.json と違います(記載 {wanted}、実際 {found} "
        "バイト)。作り直しを依頼してください。"
    )
    en = "{file} of extract {extract} has {found} bytes, its manifest says {wanted}; have the extract made again."


class DigestDiffers(ExtractRefused):
    """A file's SHA-256 is not the manifest's."""

    ja = "抽出 {extract} の {file} の SHA-256 が manifest.json と違います。作り直しを依頼してください。"
    en = "The SHA-256 of {file} in extract {extract} is not the manifest's; have the extract made again."


class RowCountDiffers(ExtractRefused):
    """A file has another number of rows than the manifest says."""

    ja = (
        "抽出 {extract} の {file} の行数が manifest.json と違います(記載 {wanted}、実際 {found} 行)。"
        "作り直しを依頼してください。"
    )
    en = "{file} of extract {extract} has {found} rows, its manifest says {wanted}; have the extract made again."


class ByteOrderMarkFound(ExtractRefused):
    """A file begins with a byte order mark."""

    ja = "抽出 {extract} の {file} の先頭に BOM があります。BOM なしの UTF-8 で作り直しを依頼してください。"
    en = "{file} of extract {extract} begins with a byte order mark; have it made as UTF-8 without one."


class NotUtf8(ExtractRefused):
    """A file is not UTF-8, most often CP932."""

    ja = "抽出 {extract} の {file} の {line} 行目が UTF-8 ではありません。UTF-8 で作り直しを依頼してください。"
    en = "Line {line} of {file} in extract {extract} is not UTF-8; have it made as UTF-8."


class ControlCharacterFound(ExtractRefused):
    """A line holds a carriage return or another control character."""

    ja = "抽出 {extract} の {file} の {line} 行目に制御文字(CR など)があります。行末は LF だけにしてください。"
    en = "Line {line} of {file} in extract {extract} holds a control character such as CR; lines end in LF alone."


class LineBreakInValue(ExtractRefused):
    """A quoted value runs over the end of its line."""

    ja = "抽出 {extract} の {file} の {line} 行目の値に改行があります。改行を除いて作り直しを依頼してください。"
    en = "A value in line {line} of {file} in extract {extract} holds a line break; have it removed."


class LastLineOpen(ExtractRefused):
    """The last line has no line end: the file may be cut."""

    ja = "抽出 {extract} の {file} の最後の行に改行がありません。途中で切れていないか確認してください。"
    en = "The last line of {file} in extract {extract} has no line end; check whether the file was cut."


class LineTooLong(ExtractRefused):
    """A line is longer than any record can be."""

    ja = "抽出 {extract} の {file} に長すぎる行があります。作り直しを依頼してください。"
    en = "{file} of extract {extract} has a line longer than any record; have the extract made again."


class QuotationWrong(ExtractRefused):
    """A quotation mark stands where the agreed CSV has none, or one is missing."""

    ja = "抽出 {extract} の {file} の {line} 行目の引用符が取り決めに合いません。作り直しを依頼してください。"
    en = "Line {line} of {file} in extract {extract} is not quoted as agreed; have the extract made again."


class FieldCountWrong(ExtractRefused):
    """A line has more or fewer columns than the header."""

    ja = "抽出 {extract} の {file} の {line} 行目の列数が見出しと違います。作り直しを依頼してください。"
    en = "Line {line} of {file} in extract {extract} has another number of columns than its header."


class ColumnForbidden(ExtractRefused):
    """A column that must never come: 個人番号 or 住民票コード."""

    ja = (
        "抽出 {extract} の {file} に渡してはならない列(個人番号・住民票コード)があります。"
        "直ちに登録簿側へ連絡してください。"
    )
    en = (
        "{file} of extract {extract} has a column that must never come (個人番号, 住民票コード); tell the "
        "registry at once."
    )


class ColumnUnknown(ExtractRefused):
    """A column that the layout does not know."""

    ja = "抽出 {extract} の {file} の {column} 列目は取り決めにない列です。登録簿側に確認してください。"
    en = "Column {column} of {file} in extract {extract} is not in the layout; ask the registry."


class ColumnMissing(ExtractRefused):
    """A column of the layout is not there."""

    ja = "抽出 {extract} の {file} に列 {column} がありません。登録簿側に確認してください。"
    en = "The column {column} is missing in {file} of extract {extract}; ask the registry."


class ColumnOrderWrong(ExtractRefused):
    """The columns are all there, in another order or twice."""

    ja = "抽出 {extract} の {file} の列の順序が取り決めと違います(列 {column})。登録簿側に確認してください。"
    en = "The columns of {file} in extract {extract} are not in the agreed order (from {column}); ask the registry."


class ForbiddenNumberFound(ExtractRefused):
    """A text holds a number that is a 個人番号 or 住民票コード by its check digit."""

    ja = (
        "抽出 {extract} の {file} の {line} 行目、列 {column} "
        "に個人番号か住民票コードと見られる番号があります。直ちに登録簿側へ連絡してください。"
    )
    en = (
        "Line {line}, column {column} of {file} in extract {extract} holds what is a 個人番号 or "
        "住民票コード by its check digit; tell the registry at once."
    )


class KeyMalformed(ExtractRefused):
    """A key is not in its form, so that order and identity cannot be proven."""

    ja = "抽出 {extract} の {file} の {line} 行目、{column} の形式が正しくありません。登録簿側に確認してください。"
    en = "{column} in line {line} of {file} in extract {extract} is malformed; ask the registry."


class KeyDoubled(ExtractRefused):
    """The same key stands in a file twice."""

    ja = "抽出 {extract} の {file} の {line} 行目の {column} は既に出た番号です。作り直しを依頼してください。"
    en = "{column} in line {line} of {file} in extract {extract} stood there before; have the extract made again."


class RowsOutOfOrder(ExtractRefused):
    """The rows are not in the agreed order."""

    ja = "抽出 {extract} の {file} の {line} 行目が {column} の順に並んでいません。作り直しを依頼してください。"
    en = "Line {line} of {file} in extract {extract} is out of order by {column}; have the extract made again."


class NoResidents(ExtractRefused):
    """The extract holds no resident at all."""

    ja = "抽出 {extract} に住民が一人もいません。登録簿側に確認してください。"
    en = "Extract {extract} holds no resident at all; ask the registry."


class CorrectionDropsEvent(ExtractRefused):
    """A corrected extract leaves out an event that was read before (contract §6)."""

    ja = (
        "訂正抽出 {extract} から、読み込み済みの異動(訂正前の {file} の {line} "
        "行目)がなくなっています。取消しの異動で直してください。"
    )
    en = (
        "Extract {extract} leaves out an event read before (line {line} of the former {file}); a "
        "cancellation event is the way."
    )


class CorrectionChangesEvent(ExtractRefused):
    """A corrected extract tells an event that was read before differently (contract §6)."""

    ja = (
        "訂正抽出 {extract} の {file} の {line} 行目で、読み込み済みの異動の {column} "
        "が変わっています。取消しの異動で直してください。"
    )
    en = (
        "Line {line} of {file} in extract {extract} changes {column} of an event read before; a "
        "cancellation event is the way."
    )
