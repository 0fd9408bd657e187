//! Words that stand in records and rules, for people who read them: a record keeps the word itself.

use super::Language;

/// A word of a record, and what it is called in English and in Japanese.
type Row = (&'static str, &'static str, &'static str);

/// Why a run was not cleared.
pub const REASONS: &[Row] = &[
    ("interrupted", "interrupted", "中断"),
    ("quit", "quit", "中断 (Ctrl-\\)"),
    ("end-of-input", "end of input", "入力の終わり（Ctrl-D）"),
    ("hung-up", "hung up", "接続の切断"),
    ("terminated", "terminated", "強制終了"),
    ("terminal-vanished", "the terminal vanished", "端末の消失"),
    ("no-terminal", "no terminal", "端末なし"),
    ("declined", "declined", "実行しないと回答"),
    ("wrong-call", "wrong call", "指差し確認の誤り"),
    ("no-answer", "no answer", "回答なし"),
    ("window", "outside the window", "時間帯の外"),
    (
        "first",
        "what has to run first has not",
        "先に必要な実行がない",
    ),
    ("permit", "the permit ended", "許可の終了"),
    ("said-no", "somebody who was asked said no", "承認者が拒否"),
    ("not-approved", "not approved", "承認なし"),
    (
        "store",
        "the team's store is away",
        "チーム共有ストアの応答なし",
    ),
    (
        "not-claimed",
        "the team's store did not take it",
        "チーム共有ストアが受け付けず",
    ),
    ("no-store", "nobody could be asked", "承認を依頼できず"),
    (
        "rules",
        "the rules changed meanwhile",
        "途中でルールや対象が変化",
    ),
    ("outer-ended", "the outer run ended", "外側の実行の終了"),
    (
        "outer-used",
        "the outer clearance was used",
        "外側の通過は使用済み",
    ),
    ("gap", "the gap is not over", "間隔が不足"),
    ("check", "a check failed", "確認値が期待と違う"),
    ("not-seen", "not seen", "確認できず"),
    (
        "keeps-changing",
        "the value kept changing",
        "値が変化し続けた",
    ),
    ("script-changed", "the script changed", "スクリプトの変更"),
    ("put-aside", "put aside", "承認待ちで保留"),
    (
        "answer-unread",
        "an answer could not be read",
        "回答を読めず",
    ),
    ("refused", "refused", "拒否"),
    ("ledger", "the ledger failed", "台帳の障害"),
];

/// Kinds of what was shown, asked and answered.
pub const STEPS: &[Row] = &[
    ("show", "show", "表示"),
    ("check", "check", "確認"),
    ("key", "key", "キー"),
    ("confirm", "confirm", "確認質問"),
    ("checklist", "checklist", "チェックリスト"),
    ("call", "call", "指差し確認"),
    ("witness", "witness", "立会人"),
    ("witness-call", "witness call", "立会人の指差し確認"),
    ("approve", "approve", "承認"),
    ("cooldown", "cooldown", "待機"),
    ("blind", "blind", "確認できないまま進む理由"),
    ("break-glass", "break glass", "緊急実行"),
    ("log-in-to-look", "log in to look", "確認のためのログイン"),
    ("go", "go", "実行の最終確認"),
];

/// Kinds of records.
pub const KINDS: &[Row] = &[
    ("opened", "opened", "開始"),
    ("cleared", "cleared", "通過"),
    ("noted", "noted", "記録のみ"),
    ("broken-glass", "broken glass", "緊急実行"),
    ("not-cleared", "not cleared", "通過せず"),
    ("started", "started", "実行開始"),
    ("not-started", "not started", "起動できず"),
    ("ended", "ended", "終了"),
    ("after", "after", "終了後の確認"),
    ("drilled", "drill passed", "訓練 完了"),
    ("host-started", "host started", "ホスト起動"),
];

/// How much a command may hurt.
pub const RISKS: &[Row] = &[
    ("note", "note", "記録のみ"),
    ("low", "low", "低"),
    ("medium", "medium", "中"),
    ("high", "high", "高"),
    ("critical", "critical", "最高"),
];

/// Where rules come from.
pub const LAYERS: &[Row] = &[
    ("stand-in", "stand-in", "代替"),
    ("built-in", "built-in", "内蔵"),
    ("user", "user", "ユーザー"),
    ("project", "project", "プロジェクト"),
    ("system", "system", "システム"),
];

/// Verdicts.
pub const VERDICTS: &[Row] = &[
    ("pass", "pass", "通す"),
    ("note", "note", "記録のみ"),
    ("hold", "hold", "保留"),
    ("refuse", "refuse", "拒否"),
];

/// Returns what a word is called; one that has no row stands for itself.
#[must_use]
pub fn of(rows: &[Row], word: &str, language: Language) -> String {
    let row = rows.iter().find(|(known, _, _)| *known == word);
    match (row, language) {
        (Some((_, english, _)), Language::English) => (*english).to_owned(),
        (Some((_, _, japanese)), Language::Japanese) => (*japanese).to_owned(),
        (None, _) => word.to_owned(),
    }
}

/// Returns what steps are called, as a list.
#[must_use]
pub fn steps(steps: impl IntoIterator<Item: AsRef<str>>, language: Language) -> String {
    let steps = steps.into_iter();
    let steps: Vec<String> = steps
        .map(|step| of(STEPS, step.as_ref(), language))
        .collect();
    steps.join(language.comma())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the words that a function of this source gives, `fn` to the next doc comment.
    fn words(source: &str, function: &str) -> Vec<String> {
        let body = source.split(function).nth(1).unwrap();
        let body = body.split("\n    /// ").next().unwrap();
        let body = body.split("\n}\n").next().unwrap();
        let word = regex::Regex::new(r#""([a-z-]+)""#).unwrap();
        let found = word.captures_iter(body);
        found.map(|found| found[1].to_owned()).collect()
    }

    #[test]
    fn every_word_that_is_recorded_has_its_row() {
        let gate = include_str!("../gate/not_cleared.rs");
        let reasons = words(gate, "pub fn reason(&self)");
        assert!(reasons.len() > 20, "{reasons:?}");
        let steps = words(include_str!("../gate/passage.rs"), "fn step_name(");
        assert!(steps.len() > 8, "{steps:?}");
        let kinds = words(include_str!("../ledger/store.rs"), "pub fn kind(");
        assert!(kinds.len() > 10, "{kinds:?}");
        // An answer is called by its step.
        let kinds = kinds
            .into_iter()
            .filter(|kind| kind != "answered" && kind != "carried");
        let has = |rows: &[Row], word: &String| rows.iter().any(|(known, _, _)| known == word);
        for (rows, words) in [(REASONS, reasons), (STEPS, steps), (KINDS, kinds.collect())] {
            for word in words {
                assert!(has(rows, &word), "{word}");
            }
        }
    }

    #[test]
    fn every_word_is_said_in_japanese() {
        for rows in [REASONS, STEPS, KINDS, RISKS, LAYERS, VERDICTS] {
            for (word, english, japanese) in rows {
                assert!(english.is_ascii(), "{word}");
                assert!(!japanese.is_ascii(), "{word}");
            }
        }
    }
}
