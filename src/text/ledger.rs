//! What is said of the ledger: what `log verify` found, and how runs went.

super::texts! {
    /// The ledger cannot be opened; the cause is the system's or the database's own.
    cannot_open(place, cause) {
        en: "the ledger `{place}` cannot be opened: {cause}",
        ja: "台帳 `{place}` を開けません: {cause}",
    }
    /// The ledger cannot be written or read; the cause is the system's or the database's own.
    cannot_write(place, cause) {
        en: "the ledger `{place}` cannot be written: {cause}",
        ja: "台帳 `{place}` に書き込めません: {cause}",
    }
    /// The wall clock lies before the newest record.
    clock_back(now, newest) {
        en: "the clock says {now}, but the newest record in the ledger is of {newest}; set the clock right and try again",
        ja: "時計は {now} を指していますが、台帳の最新の記録は {newest} です。時計を正しく合わせてからやり直してください",
    }
    /// Nothing is wrong as far as can be seen.
    chain_is_whole(records) {
        en: "{records} records, each as it was written",
        ja: "記録 {records} 件、すべて書き込み時のままです",
    }
    /// The last record, to be compared with syslog by hand.
    head_is(seq, hash, utc) {
        en: "last record: {seq} of {utc}, hash {hash}; compare it with the newest `head seq=` line of kanmon in syslog",
        ja: "最後の記録: {seq} ({utc})、ハッシュ {hash}。syslog にある kanmon の最新の `head seq=` の行と比べてください",
    }
    /// A record's content does not fit its hash.
    record_changed(seq, run, utc) {
        en: "record {seq} was changed (run {run}, {utc}): its content does not fit its hash",
        ja: "記録 {seq} は書き換えられています (run {run}、{utc}): 内容がハッシュと合いません",
    }
    /// A record and its hash were made anew.
    record_made_anew(seq, run, utc) {
        en: "record {seq} was made anew (run {run}, {utc}): what was written after it knows another",
        ja: "記録 {seq} は作り直されています (run {run}、{utc}): 後に書かれたものが指す記録と違います",
    }
    /// One record is gone.
    record_removed(seq, run, utc) {
        en: "record {seq} was removed (the one beside it: run {run}, {utc})",
        ja: "記録 {seq} が取り除かれています（隣の記録: run {run}、{utc}）",
    }
    /// Several records are gone.
    records_removed(seq, to, run, utc) {
        en: "records {seq} to {to} were removed (the one beside them: run {run}, {utc})",
        ja: "記録 {seq} から {to} までが取り除かれています（隣の記録: run {run}、{utc}）",
    }
    /// A record stands under another number than it was written under.
    record_moved(seq, from, run, utc) {
        en: "record {seq} was moved (run {run}, {utc}): it was written as record {from}",
        ja: "記録 {seq} は移されています (run {run}、{utc}): 元は記録 {from} でした",
    }
    /// A record has a number that was never given.
    record_added(seq, run, utc) {
        en: "record {seq} was added (run {run}, {utc}): the chain begins with a later one",
        ja: "記録 {seq} は付け足されています (run {run}、{utc}): この台帳の番号はそれより後から始まります",
    }
    /// A record's columns and body differ.
    record_contradicts(seq, run, utc) {
        en: "record {seq} contradicts itself (run {run}, {utc}): its columns and its body differ",
        ja: "記録 {seq} は矛盾しています (run {run}、{utc}): 列と本文が違います",
    }
    /// A side table says something else than the records.
    side_table_differs(table, row) {
        en: "table `{table}` differs from the records: {row}",
        ja: "表 `{table}` が記録と違います: {row}",
    }
    /// A limit of the check.
    cannot_see_cut_tail() {
        en: "cannot be seen here: records cut off at the end by the file's owner; the last record above would be older than the newest in syslog",
        ja: "ここでは分からないこと: ファイルの所有者が末尾の記録を切り落とした場合。上の最後の記録が syslog の最新のものより古くなります",
    }
    /// A limit of the check.
    cannot_see_chain_made_anew() {
        en: "cannot be seen here: a chain that the file's owner made anew; its hashes would differ from those in syslog",
        ja: "ここでは分からないこと: ファイルの所有者が鎖全体を作り直した場合。ハッシュが syslog のものと違ってきます",
    }
    /// The columns of the exported table, joined by commas, none within a name.
    export_head() {
        en: "run,who,host,from,line,rules,targets,outcome,mark,time,event,question,answer,result",
        ja: "記録,実行者,ホスト,接続元,コマンド,ルール,対象,結果,区分,時刻,種別,確認内容,回答,判定",
    }
    /// Mark of a drill in the exported table.
    export_drill() { en: "drill", ja: "訓練" }
    /// Mark of a broken glass in the exported table.
    export_glass() { en: "broken glass", ja: "緊急実行" }
    /// Outcome: the command ended well.
    ended_well() { en: "ended 0", ja: "終了 0" }
    /// Outcome: the command ended with a status that is not 0.
    failed(status) { en: "failed {status}", ja: "失敗 {status}" }
    /// Outcome: the command died of a signal.
    killed(signal) { en: "killed by signal {signal}", ja: "シグナル {signal} で終了" }
    /// Outcome: not every step was passed.
    not_cleared(reason) { en: "not cleared: {reason}", ja: "通過せず: {reason}" }
    /// Outcome: the questions have no end yet.
    open() {
        en: "not cleared so far: being asked, or the gate was killed",
        ja: "未通過: 確認中か、kanmon が強制終了されました",
    }
    /// Outcome: the system could not start it.
    not_started(cause) { en: "could not be started: {cause}", ja: "起動できず: {cause}" }
    /// Outcome: a drill that came to its end.
    drilled() { en: "drill passed", ja: "訓練 完了" }
    /// Outcome: cleared and no end is recorded.
    unknown() { en: "unknown", ja: "不明" }
    /// Outcome: cleared, no end is recorded, and the host has started again since.
    host_went_down() { en: "host went down", ja: "ホストが停止" }
    /// Outcome: the command's process lives.
    under_way() { en: "under way", ja: "実行中" }

    /// There is no ledger yet.
    no_records(path) {
        en: "no records yet: the first command that is held makes the ledger ({path})",
        ja: "まだ記録はありません。最初に止めたコマンドの実行時に台帳を作ります（{path}）",
    }
    /// What to do where a ledger cannot be read.
    first_line_makes() {
        en: "A ledger is made by the first line that is held; `--ledger PATH` reads another.",
        ja: "台帳は最初に止めたコマンドの実行時に作られます。別の台帳は `--ledger パス` で読めます。",
    }
    /// There is no such run.
    no_run(id) { en: "there is no run `{id}`", ja: "記録 `{id}` はありません" }
    /// Where runs are named.
    list_names_runs() {
        en: "`kanmonctl log list` names the newest; -n says how many.",
        ja: "新しい記録は `kanmonctl log list` で一覧できます。件数は -n で指定します。",
    }
    /// Two options that do not fit.
    follow_alone() { en: "--follow goes with the list alone", ja: "--follow は一覧だけで使えます" }
    /// What to do then.
    follow_so() { en: "Type `kanmonctl log --follow`.", ja: "`kanmonctl log --follow` と実行してください。" }
    /// Two options that need a third.
    with_team() { en: "--url and --host go with --team", ja: "--url と --host は --team と一緒に使います" }
    /// What to do then.
    add_team() { en: "Add --team.", ja: "--team を付けてください。" }
    /// A table was asked for in JSON.
    csv_only() { en: "`log export` writes CSV only", ja: "`log export` の形式は CSV だけです" }
    /// What to do then.
    json_instead() {
        en: "`kanmonctl log list --json` and `log show ID --json` write JSON.",
        ja: "JSON は `kanmonctl log list --json` と `log show ID --json` で出力できます。",
    }
    /// A table's permits.
    export_permit(id, steps, by, giver, reason) {
        en: "permit {id} for {steps} by {by} (given by {giver}): {reason}",
        ja: "許可 {id}: {steps} に {by} が同意（発行 {giver}）: {reason}",
    }
    /// An answer of an earlier run, in a table.
    export_carried(answer, run) { en: "{answer} (run {run})", ja: "{answer}（記録 {run}）" }
    /// How a command ended, in a table.
    export_status(status) { en: "status {status}", ja: "終了コード {status}" }
    /// The signal of which a command died, in a table.
    export_signal(signal) { en: "signal {signal}", ja: "シグナル {signal}" }
    /// The process of a command, in a table.
    export_pid(pid) { en: "pid {pid}", ja: "プロセス {pid}" }
}
