//! What the terminal shows around what rules and probes say: labels, hints, questions.
//!
//! For translators: labels stand in a column, so keep them short. A hint stands behind a question.
//! Never say a call's value.

super::texts! {
    /// Head of the look screen.
    held() {
        en: "kanmon: this command is held",
        ja: "kanmon: このコマンドの実行を保留しました",
    }
    /// Head of the page before "go".
    last_look() {
        en: "kanmon: once more, the exact line",
        ja: "kanmon: 実行する行をもう一度確認してください",
    }
    /// Head of the page after the end.
    after() {
        en: "kanmon: after the command",
        ja: "kanmon: コマンド終了後の確認",
    }
    /// Stands under the head in a drill.
    drill() {
        en: "DRILL: nothing will be executed",
        ja: "訓練です。コマンドは実行されません",
    }
    /// Label of the command line.
    command() { en: "Command", ja: "コマンド" }
    /// Label of the part of the line that is held; plain mode only.
    held_part() { en: "Held part", ja: "止めた部分" }
    /// Label of the rule; plain mode only.
    rule() { en: "Rule", ja: "ルール" }
    /// Label of the risk; plain mode only.
    risk() { en: "Risk", ja: "危険度" }
    /// A risk, as `Risk: high`.
    risk_note() { en: "none, recorded only", ja: "なし（記録のみ）" }
    /// A risk, as `Risk: high`.
    risk_low() { en: "low", ja: "低" }
    /// A risk, as `Risk: high`.
    risk_medium() { en: "medium", ja: "中" }
    /// A risk, as `Risk: high`.
    risk_high() { en: "high", ja: "高" }
    /// A risk, as `Risk: high`.
    risk_critical() { en: "critical", ja: "最高" }
    /// Behind a rule's title: its id and how bad.
    rule_beside(id, risk) { en: "[{id}, risk: {risk}]", ja: "[{id}、危険度: {risk}]" }
    /// Label of what goes wrong.
    why() { en: "Why", ja: "理由" }
    /// Label of the safer way.
    instead() { en: "Instead", ja: "代わりに" }
    /// Label of where it takes effect.
    target() { en: "Target", ja: "対象" }
    /// Behind a list of targets: how many further ones there are.
    more_targets(count) { en: "and {count} more", ja: "ほか {count} 台" }
    /// Label of who it runs as.
    user() { en: "User", ja: "実行者" }
    /// Label of the wrappers around it.
    via() { en: "Via", ja: "経由" }
    /// Where in a script it stands.
    stands_at() { en: "Line", ja: "行" }
    /// Label of facts that could not be known.
    unknown() { en: "Unknown", ja: "不明" }
    /// Label of a freeze.
    frozen() { en: "Freeze", ja: "凍結" }
    /// The entry of a calendar by which changes are frozen now.
    frozen_until(calendar, until) {
        en: "frozen until {until} by the calendar {calendar}",
        ja: "カレンダー {calendar} により {until} まで凍結中",
    }
    /// The same, with its reason.
    frozen_because(until, reason) { en: "{until}: {reason}", ja: "{until}: {reason}" }
    /// Label of a permit.
    permit() { en: "Permit", ja: "許可" }
    /// A permit that stands in for steps.
    permitted(until, by, giver, steps, reason) {
        en: "already permitted until {until} by {by} (given by {giver}) for {steps}: {reason}",
        ja: "{until} まで許可済み（同意: {by}、発行: {giver}、対象: {steps}）: {reason}",
    }
    /// Label of a warning.
    warning() { en: "Warning", ja: "警告" }
    /// Label of how to take it back.
    undo() { en: "Undo", ja: "取り消し" }
    /// Label of how the command ended.
    ended() { en: "Ended", ja: "結果" }
    /// The command ended well.
    ended_well() { en: "successfully (status 0)", ja: "正常終了（終了コード 0）" }
    /// The command ended with another status.
    ended_status(status) { en: "with status {status}", ja: "異常終了（終了コード {status}）" }
    /// The command died of a signal.
    ended_signal() { en: "by a signal", ja: "シグナルで終了" }
    /// Plain mode, once, while probes run.
    looking() { en: "Looking at the target, please wait.", ja: "対象を確認しています。お待ちください。" }
    /// There were more lines than are shown.
    more_lines(count) { en: "({count} more lines)", ja: "（ほか {count} 行）" }
    /// A probe's value is empty.
    empty() { en: "(nothing)", ja: "（なし）" }
    /// Behind a check's value.
    expected(expected) { en: "(expected: {expected})", ja: "（期待値: {expected}）" }
    /// A probe could not look.
    not_seen(reason) { en: "not seen: {reason}", ja: "確認できません: {reason}" }
    /// Why a probe could not look.
    timed_out(seconds) { en: "no answer within {seconds} s", ja: "{seconds} 秒以内に応答がありません" }
    /// Why a probe could not look: it ended with 0, which is no success of it.
    unread() { en: "its output could not be read (it ended with status 0)", ja: "確認コマンドの出力を読み取れません（終了コード 0）" }
    /// The same, with what it said.
    unread_said(said) { en: "its output could not be read (it ended with status 0): {said}", ja: "確認コマンドの出力を読み取れません（終了コード 0、{said}）" }
    /// Why a probe could not look.
    status(status) { en: "the probe ended with status {status}", ja: "確認コマンドが終了コード {status} で失敗しました" }
    /// Why a probe could not look, with what it said.
    status_said(status, said) { en: "the probe ended with status {status}: {said}", ja: "確認コマンドが終了コード {status} で失敗しました（{said}）" }
    /// Why a probe could not look.
    not_started(cause) { en: "the probe could not be started: {cause}", ja: "確認コマンドを起動できません（{cause}）" }
    /// Why a probe could not look.
    no_fit() { en: "its output holds no value", ja: "出力から値を読み取れません" }
    /// Why a probe could not look.
    placeholder(cause) { en: "a placeholder has no value: {cause}", ja: "埋め込む値がありません（{cause}）" }
    /// Why a probe could not look.
    no_folder() { en: "the folder that the command runs in is not known", ja: "コマンドを実行するフォルダーが分かりません" }
    /// Why a probe could not look.
    wants_login(host) { en: "{host} asks for a password or a new host key", ja: "{host} がパスワードかホスト鍵の確認を求めています" }
    /// Why a probe could not look.
    would_run(word) { en: "the way there would already run something: {word}", ja: "そこへ行くだけで何かが実行されます（{word}）" }
    /// Why a probe could not look.
    not_harmless(line) { en: "it is not certain that this would change nothing: {line}", ja: "何も変えないと言い切れません（{line}）" }
    /// Why a probe could not look.
    many_targets() { en: "this goes to several targets, or to ones not known yet; look at them one by one", ja: "対象が複数か未確定のため、まとめて確認できません。1 台ずつ見てください" }
    /// The one key of a low risk.
    ask_key() { en: "Go on?", ja: "続けますか？" }
    /// A call.
    ask_call(label) { en: "Look and call: {label}", ja: "指差し確認: {label}" }
    /// A witness' call.
    ask_witness_call(witness, label) { en: "{witness}, look for yourself and call: {label}", ja: "{witness} さんも自分の目で見て指差し確認: {label}" }
    /// How to see what is called.
    look_with(command) { en: "See it with: {command}", ja: "確認用コマンド: {command}" }
    /// A probe could not look.
    ask_blind(label) { en: "\"{label}\" could not be seen. Why go on all the same?", ja: "「{label}」を確認できません。それでも進める理由は何ですか？" }
    /// Before glass is broken.
    ask_break_glass() { en: "Break glass: every step is skipped. Which target?", ja: "緊急実行: すべての手順を飛ばします。対象の名前は？" }
    /// A host wants a password.
    ask_log_in(host) { en: "{host} asks for a password. Log in to look?", ja: "{host} がパスワードを求めています。ログインして確認しますか？" }
    /// The last question.
    ask_go() { en: "Run it now?", ja: "実行しますか？" }
    /// Hint: one key.
    hint_key() { en: "[y/N, one key]", ja: "[y/N、1 キーで決定]" }
    /// Hint: yes or no.
    hint_yes_no() { en: "[y/N]", ja: "[y/N]" }
    /// Hint of a call.
    hint_call() { en: "(type the value exactly)", ja: "（値を正確に入力）" }
    /// Hint of a typed answer.
    hint_typed() { en: "(type an answer)", ja: "（回答を入力）" }
    /// Hint of a typed answer with a form.
    hint_form(form) { en: "(type an answer of the form {form})", ja: "（形式: {form}）" }
    /// Hint of a reason.
    hint_reason() { en: "(type a reason)", ja: "（理由を入力）" }
    /// Hint of a name.
    hint_name() { en: "(type the name)", ja: "（名前を入力）" }
    /// A block was pasted.
    refused_paste() {
        en: "A pasted block is no answer; please type it.",
        ja: "貼り付けは回答になりません。手で入力してください。",
    }
    /// More lines than one came at once.
    refused_block() {
        en: "Several lines at once are no answer; please type one line.",
        ja: "複数行をまとめて入力しても回答になりません。1 行ずつ手で入力してください。",
    }
    /// Bytes that are no UTF-8.
    refused_not_utf8() {
        en: "That was not UTF-8 text; please type it again.",
        ja: "UTF-8 の文字ではありません。もう一度入力してください。",
    }
    /// More characters than an answer may have.
    refused_too_long() {
        en: "That was too long; please type it again.",
        ja: "長すぎます。もう一度入力してください。",
    }
    /// The countdown, redrawn in place on one row; 40 columns at most.
    waiting(left) { en: "waiting, {left} left (Ctrl-C: give up)", ja: "待機中 残り {left}（Ctrl-C で中止）" }
    /// The countdown as a line of its own.
    waiting_plain(left) { en: "Waiting: {left} left. Ctrl-C gives up.", ja: "待機中です。残り {left}。Ctrl-C で中止します。" }
    /// The countdown is over.
    waited() { en: "The wait is over.", ja: "待機が終わりました。" }
    /// Part of a duration.
    seconds(count) { en: "{count} s", ja: "{count} 秒" }
    /// A duration.
    minutes(minutes, seconds) { en: "{minutes} min {seconds} s", ja: "{minutes} 分 {seconds} 秒" }
    /// A duration.
    hours(hours, minutes, seconds) { en: "{hours} h {minutes} min {seconds} s", ja: "{hours} 時間 {minutes} 分 {seconds} 秒" }
}
