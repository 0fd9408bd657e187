//! What people are told of runs by a chat, a mail or a program.

super::texts! {
    /// Heading: a line is held that takes somebody's approval.
    request() { en: "kanmon: approval wanted", ja: "kanmon: 承認依頼" }
    /// Heading: a line is held.
    held() { en: "kanmon: held", ja: "kanmon: 確認中" }
    /// Heading: a held line was cleared and starts.
    cleared() { en: "kanmon: cleared", ja: "kanmon: 通過" }
    /// Heading: a command ended well.
    ended() { en: "kanmon: ended well", ja: "kanmon: 正常終了" }
    /// Heading: a command failed.
    failed() { en: "kanmon: failed", ja: "kanmon: 失敗" }
    /// Heading: a gate was broken through.
    broken_glass() { en: "kanmon: the gate was broken through", ja: "kanmon: 緊急実行" }
    /// Label: the line.
    line_label() { en: "line", ja: "コマンド" }
    /// Label: who, on which host.
    who_label() { en: "who", ja: "実行者" }
    /// Label: a rule and its target.
    rule_label() { en: "held by", ja: "ルール" }
    /// Label: what came of it, or why.
    detail_label() { en: "note", ja: "内容" }
    /// Label: the run.
    run_label() { en: "run", ja: "記録" }
    /// Label: when.
    time_label() { en: "time", ja: "時刻" }
    /// How a run is approved.
    how_to_approve() {
        en: "`kanmonctl approve` lists what waits",
        ja: "`kanmonctl approve` で承認待ちを表示できます",
    }
    /// A permit that stood in for steps.
    by_permit(id, giver, by, reason) {
        en: "permit {id} given by {giver}, by {by}: {reason}",
        ja: "許可 {id}（{giver} が付与、{by}）: {reason}",
    }
}
