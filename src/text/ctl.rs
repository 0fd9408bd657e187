//! The labels and sentences of `kanmonctl explain` and `kanmonctl log`.
//!
//! A label stands in a column of its own, so it is short: at most eight columns wide.

super::texts! {
    /// Label: wrappers around a call.
    via() { en: "via", ja: "経由" }
    /// Label: where a call takes effect.
    target() { en: "target", ja: "対象" }
    /// Label: the hosts that a call goes to, where there are several.
    hosts() { en: "hosts", ja: "ホスト" }
    /// No other host is named.
    this_host() { en: "this host", ja: "このホスト" }
    /// Label: whose rights a call has.
    user() { en: "user", ja: "実行者" }
    /// Label: a file that a call writes.
    writes() { en: "writes", ja: "書込先" }
    /// Label: what stands on a call's standard input.
    fed() { en: "fed", ja: "入力" }
    /// What is fed is not known.
    not_known() { en: "(not known)", ja: "（不明）" }
    /// Label: why a call cannot be known.
    opaque() { en: "opaque", ja: "不透明" }
    /// Label: a call that only may run.
    guessed() { en: "guessed", ja: "推測" }
    /// Why a call is a guess.
    behind_unknown() {
        en: "it stands behind a program that is not known",
        ja: "未知のプログラムの引数です",
    }
    /// Label: a rule that holds a call.
    held_by() { en: "held by", ja: "保留" }
    /// Label: a rule that nearly fits, and why it does not.
    not_by() { en: "not by", ja: "非該当" }
    /// Label: what the system changed of a rule, and why.
    tuned() { en: "tuned", ja: "変更" }
    /// A rule does not fit because the call is harmless.
    harmless() {
        en: "it only simulates, helps or tells its version",
        ja: "模擬実行、ヘルプ、バージョン表示だけです",
    }
    /// The key of a rule that does not fit.
    key_does_not_fit(key) { en: "`{key}` does not fit", ja: "`{key}` が合いません" }
    /// A rule is marked `only = "production"`, and the profile is another.
    not_in_profile() { en: "only in the profile production", ja: "プロファイル production だけのルールです" }
    /// No rule holds a line.
    no_rule() { en: "no rule", ja: "該当ルールなし" }

    /// Label: what the system changed of a rule that is shown.
    tune() { en: "Tuned", ja: "変更" }
    /// Label: how much a rule's command may hurt.
    risk() { en: "Risk", ja: "危険度" }
    /// Label: the layer that a rule comes from.
    layer() { en: "Layer", ja: "レイヤー" }
    /// Label: where a rule stands.
    file() { en: "File", ja: "ファイル" }
    /// Label: why a rule holds.
    why() { en: "Why", ja: "理由" }
    /// Label: a safer way.
    instead() { en: "Instead", ja: "代わりに" }
    /// Label: how it is taken back.
    undo() { en: "Undo", ja: "取り消し" }
    /// Label: where the program's own documentation is.
    docs() { en: "Docs", ja: "資料" }
    /// Label: the only profile in which a rule counts.
    only() { en: "Only", ja: "限定" }
    /// Label: what becomes of the line where the team's store does not answer; `hold` or `local` follows.
    on_store_down() { en: "No store", ja: "共有なし" }
    /// Label: a rule that does not count.
    off() { en: "Off", ja: "無効" }
    /// The system switched a rule off.
    switched_off() { en: "switched off", ja: "システムの設定で無効です" }
    /// Heading: what a rule asks.
    steps() { en: "Steps", ja: "手順" }
    /// A step that is there because of the risk.
    by_risk(risk) { en: "(risk: {risk})", ja: "（危険度 {risk} のため）" }
    /// A rule that asks nothing.
    only_noted() {
        en: "none: it runs at once and is recorded",
        ja: "なし（すぐに実行し、記録します）",
    }
    /// Heading: what is looked at after the end.
    afters() { en: "After", ja: "実行後" }
    /// When an after runs.
    after_if(when) { en: "(if {when})", ja: "（{when} の場合）" }
    /// Heading: lines that a rule holds.
    holds() { en: "Holds", ja: "保留する例" }
    /// Heading: lines that a rule lets pass.
    passes() { en: "Passes", ja: "通す例" }

    /// How many lines a history has, on how many days.
    history_on_days(lines, shell, days, first, last) {
        en: "{lines} of {shell} on {days}, {first} to {last}",
        ja: "{shell} の履歴 {lines}、{days}（{first} から {last}）",
    }
    /// How many lines a history without times has.
    history(lines, shell) {
        en: "{lines} of {shell}, without times",
        ja: "{shell} の履歴 {lines}、日時なし",
    }
    /// A list of runs has none.
    no_runs() { en: "no runs", ja: "実行の記録はありません" }
    /// A number of lines.
    lines(n) { en: "{n} lines", ja: "{n} 行" }
    /// One line.
    one_line() { en: "1 line", ja: "1 行" }
    /// A number of days.
    days(n) { en: "{n} days", ja: "{n} 日間" }
    /// One day.
    one_day() { en: "1 day", ja: "1 日" }
    /// Label: lines that would have been noted.
    noted_lines() { en: "noted", ja: "記録のみ" }
    /// Label: lines that would have been refused.
    refused_lines() { en: "refused", ja: "拒否" }
    /// How often a day.
    a_day(n) { en: "a day {n}", ja: "1 日あたり {n}" }
    /// Heading: rules.
    rule_column() { en: "rule", ja: "ルール" }
    /// Heading: how many lines, and how many a day; 7 columns each.
    count_columns() { en: "  lines    a day", ja: "   行数    1日分" }
    /// Heading: the lines that were held most often.
    most_frequent() { en: "most frequent", ja: "多い順" }
    /// Held lines of which only their number is known.
    forgotten(lines) {
        en: "{lines} more were held, of which it is not counted how often each came",
        ja: "ほかに保留 {lines}（1 行ごとの回数は数えていません）",
    }

    /// Label: a run's id.
    run() { en: "run", ja: "記録" }
    /// Label: when a run was opened.
    opened() { en: "opened", ja: "開始" }
    /// Label: how a run went.
    outcome() { en: "outcome", ja: "結果" }
    /// Label: who asked.
    who() { en: "who", ja: "操作者" }
    /// The effective user.
    acting_as(user) { en: "as {user}", ja: "権限 {user}" }
    /// The login user.
    logged_in_as(user) { en: "logged in as {user}", ja: "ログイン {user}" }
    /// Where an ssh session comes from.
    from(place) { en: "from {place}", ja: "接続元 {place}" }
    /// Label: the operator's host, terminal and folder.
    host() { en: "host", ja: "ホスト" }
    /// Label: the job that a run was part of.
    job() { en: "job", ja: "ジョブ" }
    /// What started a job.
    job_of(program) { en: "started by {program}", ja: "{program} が開始" }
    /// The systemd service of a job.
    job_in(unit) { en: "in {unit}", ja: "{unit} の中" }
    /// The systemd service of a job, and which start of it.
    job_in_start(unit, start) { en: "in {unit}, invocation {start}", ja: "{unit} の中（invocation {start}）" }
    /// The run in which a job was scheduled. Nothing but a variable says so.
    scheduled_by(run) {
        en: "scheduled by run {run} (KANMON_RUN says so)",
        ja: "予約した記録 {run}（KANMON_RUN による）",
    }
    /// The run in which a command was started. Nothing but a variable says so.
    started_within(run) {
        en: "started within run {run} (KANMON_RUN says so)",
        ja: "記録 {run} の中で開始（KANMON_RUN による）",
    }
    /// Label: a process above the gate.
    caller() { en: "caller", ja: "呼出元" }
    /// Label: the line as typed.
    line() { en: "line", ja: "行" }
    /// Label: a held call.
    held() { en: "held", ja: "保留" }
    /// A held call: its rule, words, target and user.
    held_call(rule, text, target, user) {
        en: "{rule}: {text} at {target} as {user}",
        ja: "{rule}: {text}（対象 {target}、実行者 {user}）",
    }
    /// The wrappers around a held call.
    held_via(via) { en: " via {via}", ja: " 経由 {via}" }
    /// Label: what is special of a run.
    mark() { en: "mark", ja: "種別" }
    /// A run that never executes.
    drill() { en: "drill", ja: "訓練" }
    /// A run past the gate.
    broken_glass() { en: "broken glass", ja: "緊急実行" }
    /// A run within one of an outer door, whose clearance it takes.
    within_cleared(run) { en: "cleared by run {run} of an outer door", ja: "外側の記録 {run} で通過済み" }
    /// A run within one of an outer door, of which only the call was repeated.
    within_called(run) {
        en: "within run {run} of an outer door: only the call was repeated",
        ja: "外側の記録 {run} の中（呼称だけを再度実施）",
    }
    /// A run within one of an outer door, of which all was asked again.
    within_asked(run) {
        en: "within run {run} of an outer door: all was asked again",
        ja: "外側の記録 {run} の中（すべて再度確認）",
    }

    /// Event: a run begins.
    event_opened() { en: "opened", ja: "開始" }
    /// Event: an answer of an earlier run stands.
    event_carried(step, question, answer, run) {
        en: "--  {step} ({question}): {answer}  [carried over from run {run}]",
        ja: "--  {step} ({question}): {answer}  [記録 {run} から引き継ぎ]",
    }
    /// Event: all steps were passed.
    event_cleared() { en: "cleared", ja: "通過" }
    /// Event: all steps were passed, with values called.
    event_cleared_with(values) { en: "cleared, called {values}", ja: "通過、指差し確認 {values}" }
    /// A permit that stood in for steps.
    event_permit(id, steps, by, giver, reason) {
        en: ", permit {id} for {steps} by {by} (given by {giver}: {reason})",
        ja: "、許可 {id}: {steps} に {by} が同意（発行 {giver}、{reason}）",
    }
    /// Event: a noted line.
    event_noted() { en: "noted", ja: "記録のみ" }
    /// Event: past the gate.
    event_broken(reason) { en: "glass broken: {reason}", ja: "緊急実行: {reason}" }
    /// Event: not all steps were passed.
    event_not_cleared(reason) { en: "not cleared: {reason}", ja: "通過せず: {reason}" }
    /// Event: the command runs.
    event_started(pid) { en: "started, process {pid}", ja: "実行開始、プロセス {pid}" }
    /// Event: the command could not be started.
    event_not_started(status, cause) {
        en: "not started ({status}): {cause}",
        ja: "起動できず ({status}): {cause}",
    }
    /// Event: the command ended by itself.
    event_ended(status, took) {
        en: "ended with {status} after {took}",
        ja: "終了 {status}（所要 {took}）",
    }
    /// Event: the command died of a signal.
    event_died(signal, took) {
        en: "died of signal {signal} after {took}",
        ja: "シグナル {signal} で終了（所要 {took}）",
    }
    /// Event: what an after saw.
    event_after(probe, value, mark) { en: "after {probe}: {value}{mark}", ja: "終了後 {probe}: {value}{mark}" }
    /// An after's value is as it should be.
    as_expected() { en: " (as expected)", ja: "（期待どおり）" }
    /// An after's value is not as it should be.
    not_as_expected() { en: " (NOT as expected)", ja: "（期待と違う）" }
    /// Event: a drill came to its end.
    event_drilled() { en: "drill passed", ja: "訓練 完了" }
}
