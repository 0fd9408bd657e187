//! Causes: what errors below say, which stands within a sentence of the gate or in a record.
//!
//! A record keeps a cause in English, whoever made it; who reads it may speak another language. So a
//! cause is not made anew in each language where it comes about: it is told here, by its English
//! form. What the system or a database says beyond that stays as they say it.

use super::{Language, told};

/// English and Japanese of each cause, what varies in braces. The first row that fits counts.
pub const ROWS: &[(&str, &str)] = &[
    // The system.
    (
        "No such file or directory (os error 2)",
        "ファイルやフォルダがありません（os error 2）",
    ),
    (
        "Permission denied (os error 13)",
        "権限がありません（os error 13）",
    ),
    (
        "File exists (os error 17)",
        "すでに存在します（os error 17）",
    ),
    (
        "Not a directory (os error 20)",
        "フォルダではありません（os error 20）",
    ),
    (
        "Is a directory (os error 21)",
        "フォルダです（os error 21）",
    ),
    (
        "No space left on device (os error 28)",
        "ディスクに空きがありません（os error 28）",
    ),
    (
        "Read-only file system (os error 30)",
        "読み取り専用のファイルシステムです（os error 30）",
    ),
    (
        "Connection reset by peer (os error 104)",
        "接続が切断されました（os error 104）",
    ),
    (
        "Connection refused (os error 111)",
        "接続を拒否されました（os error 111）",
    ),
    (
        "No route to host (os error 113)",
        "ホストへの経路がありません（os error 113）",
    ),
    (
        "Connection timed out (os error 110)",
        "接続がタイムアウトしました（os error 110）",
    ),
    (
        "stream did not contain valid UTF-8",
        "UTF-8 の文字ではありません",
    ),
    ("database is locked", "データベースがロックされています"),
    (
        "attempt to write a readonly database",
        "データベースに書き込めません（読み取り専用）",
    ),
    ("database or disk is full", "ディスクに空きがありません"),
    (
        "file is not a database",
        "データベースのファイルではありません",
    ),
    ("password missing", "パスワードが指定されていません"),
    ("connection closed", "接続が切断されました"),
    (
        "database does not allow writes",
        "書き込みを受け付けないサーバーです",
    ),
    (
        "database is not read only",
        "書き込みを受け付けるサーバーです",
    ),
    (
        "server did not use channel binding",
        "サーバーがチャネルバインディングを使いませんでした",
    ),
    (
        "password authentication failed for user \"{user}\"",
        "ユーザー \"{user}\" のパスワードが違います",
    ),
    (
        "role \"{role}\" does not exist",
        "ロール \"{role}\" がありません",
    ),
    (
        "database \"{name}\" does not exist",
        "データベース \"{name}\" がありません",
    ),
    (
        "permission denied for {what}",
        "{what} を使う権限がありません",
    ),
    // Who may change a file.
    (
        "it belongs to user {user}; use `chown` or move it away",
        "所有者がユーザー {user} です。`chown` するか、別の場所へ移してください",
    ),
    (
        "others can write it (mode {mode}); use `chmod go-w`",
        "他のユーザーも書き込めます（モード {mode}）。`chmod go-w` を実行してください",
    ),
    (
        "`{path}` belongs to user {owner}; use `chown` or move it away",
        "`{path}` の所有者がユーザー {owner} です。`chown` するか、別の場所へ移してください",
    ),
    (
        "others can write `{path}` (mode {mode}); use `chmod go-w`",
        "`{path}` は他のユーザーも書き込めます（モード {mode}）。`chmod go-w` を実行してください",
    ),
    (
        "`{path}` belongs to user {owner}; use `chown`",
        "`{path}` の所有者がユーザー {owner} です。`chown` してください",
    ),
    (
        "others can read `{path}` (mode {mode}); use `chmod {mend}`",
        "`{path}` は他のユーザーも読めます（モード {mode}）。`chmod {mend}` を実行してください",
    ),
    (
        "group {group} can read `{path}` and is not the host's; use `chmod 0600`, or `kanmonctl init --host` and `chgrp {host}`",
        "`{path}` はホスト共有ではないグループ {group} も読めます。`chmod 0600` するか、`kanmonctl init --host` の後で `chgrp {host}` してください",
    ),
    (
        "`{path}` is not a regular file; move it away",
        "`{path}` は通常のファイルではありません。別の場所へ移してください",
    ),
    ("it is no regular file", "通常のファイルではありません"),
    (
        "cannot read `{path}`: {cause}",
        "`{path}` を読めません: {cause}",
    ),
    // Places.
    (
        "kanmon was started with raised rights (set-user-id or file capabilities); take them away",
        "kanmon が強い権限で起動されました（set-user-ID またはファイルケーパビリティ）。その権限を外してください",
    ),
    (
        "this user has no home folder; set `HOME` or `XDG_STATE_HOME` to an absolute path",
        "このユーザーにはホームフォルダがありません。`HOME` か `XDG_STATE_HOME` に絶対パスを設定してください",
    ),
    (
        "the path is not absolute, or names no file",
        "絶対パスではないか、ファイルの名前がありません",
    ),
    (
        "{cause}; the file is {owner}'s",
        "{cause}（所有者 {owner}）",
    ),
    (
        "`{path}` has mode {mode}; `kanmonctl init --host` puts it right",
        "`{path}` のモードが {mode} です。`kanmonctl init --host` で直せます",
    ),
    (
        "`{path}` does not count: {why}",
        "`{path}` は無効です: {why}",
    ),
    (
        "`{path}` has more than {most} files `{kind}-…`; root takes away what is none of kanmon's",
        "`{path}` に `{kind}-…` というファイルが {most} を超えてあります。kanmon のものでないファイルは root で取り除いてください",
    ),
    ("it has a second name", "別の名前（ハードリンク）があります"),
    ("it is too long", "長すぎます"),
    (
        "others than its owner can write it",
        "所有者以外も書き込めます",
    ),
    (
        "it is no answer of kanmon's",
        "kanmon の回答の形式ではありません",
    ),
    (
        "its name is not that of its owner and request",
        "名前が所有者や依頼と合いません",
    ),
    (
        "the name of a file in it is no text",
        "中に、名前が文字でないファイルがあります",
    ),
    // The ledger.
    (
        "cannot open `{place}`: {cause}",
        "`{place}` を開けません: {cause}",
    ),
    (
        "cannot write `{place}`: {cause}",
        "`{place}` に書き込めません: {cause}",
    ),
    (
        "cannot read the ledger: {cause}",
        "台帳を読めません: {cause}",
    ),
    (
        "record {seq} cannot be read: {cause}; `kanmonctl log verify` says more",
        "記録 {seq} を読めません: {cause}（詳細は `kanmonctl log verify`）",
    ),
    (
        "a newer kanmon wrote it (format {found}, this one writes {known}); it can be read, not written: use the newer kanmon",
        "新しい kanmon の台帳です（形式 {found}、この kanmon は {known}）。読めますが書けません。新しい kanmon を使ってください",
    ),
    (
        "this is not a ledger of kanmon; move the file away",
        "kanmon の台帳ではありません。別の場所へ移してください",
    ),
    (
        "the clock says {now}, but the newest record is of {newest}",
        "時計は {now} ですが、最新の記録は {newest} です",
    ),
    (
        "`{file}`: {cause}; syslog does not answer",
        "`{file}`: {cause}。syslog も応答しません",
    ),
    ("the ledger failed: {cause}", "台帳を使えません: {cause}"),
    // The store.
    (
        "the team's store `{place}` does not answer: {cause}",
        "チーム共有ストア `{place}` が応答しません: {cause}",
    ),
    (
        "no answer within {seconds} s",
        "{seconds} 秒以内に応答がありません",
    ),
    (
        "the host `{host}` is not known",
        "ホスト `{host}` が見つかりません",
    ),
    (
        "{count} records have to be sent first; `kanmonctl store sync` sends them, then type the command again",
        "未送信の記録 {count} 件を先に送る必要があります。`kanmonctl store sync` で送ってから、もう一度入力してください",
    ),
    (
        "its tables are of version {found}, this takes {wanted}: `kanmonctl store migrate`",
        "表の版は {found} ですが、この操作には {wanted} が必要です。`kanmonctl store migrate` を実行してください",
    ),
    (
        "its schema kanmon belongs to {owner}, not to {wanted}: nothing in it was called; look at it, then rename or drop it",
        "スキーマ kanmon の所有者が {wanted} ではなく {owner} です。中の関数は呼んでいません。確認のうえ、名前を変えるか削除してください",
    ),
    (
        "its tables are of an older kanmon; `kanmonctl store migrate` brings them up to date",
        "表が古い kanmon のものです。`kanmonctl store migrate` で更新できます",
    ),
    (
        "it has no tables of kanmon; `kanmonctl store init` makes them",
        "kanmon の表がありません。`kanmonctl store init` で作れます",
    ),
    (
        "its tables are of version {found}, this kanmon works with {wanted}",
        "表の版は {found} ですが、この kanmon は {wanted} に対応しています",
    ),
    (
        "the server is PostgreSQL {version}, 13 is the oldest that will do",
        "サーバーが PostgreSQL {version} です。13 以降が必要です",
    ),
    (
        "more than {seconds} s went by between its claim and its clearance, and another host may have been let through; look at `kanmonctl who` before you type it again",
        "予約から通過までに {seconds} 秒以上かかり、その間に別のホストが通過した可能性があります。入力し直す前に `kanmonctl who` で確認してください",
    ),
    (
        "it knows no open run {run}; type the command again",
        "実行 {run} はストアでは終了扱いか未登録です。もう一度入力してください",
    ),
    (
        "it has record {after} of this ledger, which ends at record {last}",
        "ストアにはこの台帳の記録 {after} がありますが、台帳は記録 {last} で終わっています",
    ),
    ("there is no store", "保管場所がありません"),
    // Its address.
    (
        "a store is `postgresql://USER@HOST:PORT/DATABASE?KEY=VALUE&…`",
        "ストアは `postgresql://ロール@ホスト:ポート/データベース?キー=値&…` と書きます",
    ),
    (
        "`{text}` is not percent-encoded text",
        "`{text}` はパーセント符号化された文字ではありません",
    ),
    ("`{text}` is no port", "`{text}` はポート番号ではありません"),
    (
        "the parameter `{name}` is not known",
        "`{name}` というパラメーターはありません",
    ),
    (
        "`{mode}` is no sslmode; these are: disable, prefer, require, verify-ca, verify-full",
        "`{mode}` という sslmode はありません。指定できるのは disable、prefer、require、verify-ca、verify-full です",
    ),
    (
        "`{mode}` is no channel_binding; these are: disable, prefer, require",
        "`{mode}` という channel_binding はありません。指定できるのは disable、prefer、require です",
    ),
    (
        "`{mode}` is no target_session_attrs; these are: any, read-write, primary, read-only, standby",
        "`{mode}` という target_session_attrs はありません。指定できるのは any、read-write、primary、read-only、standby です",
    ),
    (
        "there are {hosts} hosts and {ports} ports",
        "ホストが {hosts} 個、ポートが {ports} 個で、数が合いません",
    ),
    (
        "no role is named: `postgresql://USER@HOST/DATABASE`",
        "ロールがありません: `postgresql://ロール@ホスト/データベース`",
    ),
    (
        "a password has no place in it; name a file with `passfile=`",
        "パスワードは書けません。`passfile=` でファイルを指定してください",
    ),
    (
        "no service file has `[{name}]`",
        "`[{name}]` のあるサービスファイルがありません",
    ),
    (
        "no authority is known; name its certificate with `sslrootcert=`",
        "認証局が分かりません。`sslrootcert=` で証明書を指定してください",
    ),
    (
        "`sslcert` and `sslkey` belong together",
        "`sslcert` と `sslkey` は両方必要です",
    ),
    // Rule files and what is made of them.
    ("it cannot be read: {cause}", "読めません: {cause}"),
    (
        "it is a link or no regular file; put the file itself there",
        "リンクか、通常のファイルではありません。ファイルそのものを置いてください",
    ),
    (
        "`{path}` above it: {cause}",
        "上のフォルダ `{path}`: {cause}",
    ),
    (
        "it was changed while it was read; try again",
        "読んでいる間に変更されました。もう一度実行してください",
    ),
    ("it is longer than {size} MiB", "{size} MiB を超えています"),
    ("it is not UTF-8 text", "UTF-8 の文字ではありません"),
    (
        "there is no folder `{name}` in `{folder}` or above it",
        "`{folder}` にもその上にも `{name}` フォルダがありません",
    ),
    (
        "there is no folder `{folder}`",
        "フォルダ `{folder}` がありません",
    ),
    (
        "`{file}` cannot be written: {cause}",
        "`{file}` に書けません: {cause}",
    ),
    (
        "there is no rule file in `{folder}`",
        "`{folder}` にルールファイルがありません",
    ),
    (
        "`{folder}` cannot be read as a whole; it may have links or other things that are no files in it",
        "`{folder}` の全体を読めません。リンクなど、ファイルではないものが入っていないか確認してください",
    ),
    (
        "the rules cannot be encoded: {cause}",
        "ルールを変換できません: {cause}",
    ),
    (
        "a rule cannot be encoded: {cause}",
        "ルールを変換できません: {cause}",
    ),
    (
        "the rules do not fit into 4 GiB",
        "ルールが 4 GiB に収まりません",
    ),
    (
        "these are no compiled rules",
        "コンパイル済みのルールではありません",
    ),
    (
        "the compiled rules have version {found}, this program reads {known}",
        "コンパイル済みのルールは版 {found} ですが、このプログラムは {known} を読みます",
    ),
    (
        "the compiled rules are cut off or have something appended",
        "コンパイル済みのルールが途切れているか、余分なものが付いています",
    ),
    (
        "the compiled rules do not have the checksum that they state",
        "コンパイル済みのルールのチェックサムが合いません",
    ),
    (
        "the compiled rules are damaged",
        "コンパイル済みのルールが壊れています",
    ),
    (
        "another file that it builds on is broken",
        "前提とするほかのファイルが壊れています",
    ),
    ("the pattern is empty", "パターンが空です"),
    (
        "the regular expression does not compile: {reason}",
        "正規表現に誤りがあります: {reason}",
    ),
    // A runbook.
    ("it is larger than 16 MiB", "16 MiB を超えています"),
    (
        "it is neither UTF-8 nor UTF-16 nor Shift_JIS (CP932)",
        "UTF-8、UTF-16、Shift_JIS（CP932）のどれでもありません",
    ),
    (
        "no row names a column 手順 (or step)",
        "手順（または step）という列がありません",
    ),
    (
        "no row stands below the names of the columns",
        "列の名前の下に行がありません",
    ),
    (
        "no step has a command that a rule could be made of",
        "ルールにできるコマンドのある手順がありません",
    ),
    // An approval.
    (
        "this is your own request; somebody else has to approve it",
        "自分の依頼です。別の人の承認が必要です",
    ),
    (
        "approve from your own login, without sudo: root is no person",
        "sudo を使わず、自分のログインから承認してください（root は人ではありません）",
    ),
    ("the request is over", "依頼は終わっています"),
    (
        "only members of {groups} are asked",
        "{groups} のメンバーだけが承認できます",
    ),
    (
        "the rules hold this line otherwise here than where it was typed (variables of the shell, scripts that you cannot read, other rules); it cannot be approved from here",
        "ここでは依頼元と違う判定になるため、承認できません（シェル変数、読めないスクリプト、別のルールなど）",
    ),
    (
        "the approval cannot be written: {cause}",
        "承認を書き込めません: {cause}",
    ),
    // What a probe saw, and who approved, in a record.
    ("not seen: {why}", "確認できません: {why}"),
    ("ended with {status}: {said}", "終了コード {status}: {said}"),
    ("not started: {cause}", "起動できません: {cause}"),
    ("`{program}` not found", "`{program}` が見つかりません"),
    (
        "cannot execute `{program}`: {cause}",
        "`{program}` を実行できません: {cause}",
    ),
    (
        "cannot start a process: {cause}",
        "プロセスを起動できません: {cause}",
    ),
    ("nothing in its output fits", "出力から値を読み取れません"),
    (
        "`{host}` wants a login",
        "`{host}` がログインを求めています",
    ),
    (
        "`{line}` is not surely harmless",
        "`{line}` は何も変えないと言い切れません",
    ),
    (
        "`{word}` would run something on the way",
        "`{word}` により、そこへ行くだけで何かが実行されます",
    ),
    ("several targets at once", "対象が複数です"),
    // A line beyond a limit.
    (
        "the line has {found} bytes, the limit is {limit}",
        "コマンドラインが {found} バイトあります（上限 {limit}）",
    ),
    (
        "the line is nested more than {limit} levels deep",
        "コマンドラインの入れ子が {limit} 段を超えています",
    ),
    (
        "the texts within the line have more than {limit} bytes together",
        "コマンドラインの中で実行されるテキストが合計 {limit} バイトを超えています",
    ),
    (
        "the line contains more than {limit} commands",
        "コマンドラインに {limit} 個を超えるコマンドがあります",
    ),
    // JSON that is none, as serde_json says it.
    (
        "{what} at line {line} column {column}",
        "JSON として読めません（{line} 行 {column} 列: {what}）",
    ),
    ("EOF while parsing a list", "リストの途中で終わっています"),
    (
        "EOF while parsing an object",
        "オブジェクトの途中で終わっています",
    ),
    ("EOF while parsing a string", "文字列の途中で終わっています"),
    ("EOF while parsing a value", "値がありません"),
    ("expected `:`", "`:` が必要です"),
    ("expected `,` or `]`", "`,` か `]` が必要です"),
    ("expected `,` or `}`", "`,` か `}` が必要です"),
    ("expected ident", "値が正しくありません"),
    ("expected value", "値がありません"),
    ("invalid escape", "エスケープが正しくありません"),
    ("invalid number", "数値が正しくありません"),
    ("number out of range", "数値が範囲を超えています"),
    ("invalid unicode code point", "Unicode の文字ではありません"),
    (
        "control character (\\u0000-\\u001F) found while parsing a string",
        "文字列に制御文字（\\u0000〜\\u001F）があります",
    ),
    ("key must be a string", "キーは引用符で囲んだ文字列にします"),
    (
        "lone leading surrogate in hex escape",
        "サロゲートの片方しかありません",
    ),
    ("trailing comma", "最後の要素の後に `,` があります"),
    ("trailing characters", "後ろに余分な文字があります"),
    (
        "unexpected end of hex escape",
        "16 進のエスケープが途切れています",
    ),
    ("recursion limit exceeded", "入れ子が深すぎます"),
    // Settings of an agent.
    ("it is no JSON object", "JSON のオブジェクトではありません"),
    (
        "`{key}` is no object",
        "`{key}` がオブジェクトではありません",
    ),
    ("`{key}` is no list", "`{key}` がリストではありません"),
    ("`{key}` is no text", "`{key}` が文字列ではありません"),
    ("no text under `{key}`", "`{key}` に文字列がありません"),
    (
        "other things lie in it; shims need a folder of their own",
        "ほかのものが入っています。シムには専用のフォルダが必要です",
    ),
    // A cause behind the thing that it is about.
    ("`{what}`: {cause}", "`{what}`: {cause}"),
];

/// Returns a cause in this language; what is not known stays as it is.
#[must_use]
pub fn of(english: &str, language: Language) -> String {
    match language {
        Language::English => english.to_owned(),
        Language::Japanese => told::japanese(&[ROWS], english, |_| true),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::told::placeholder;
    use super::*;

    #[test]
    fn a_cause_is_told_with_what_varies_and_the_cause_within() {
        let of = |english| of(english, Language::Japanese);
        assert_eq!(
            of("cannot open `/x/ledger`: No such file or directory (os error 2)"),
            "`/x/ledger` を開けません: ファイルやフォルダがありません（os error 2）"
        );
        assert_eq!(of("no answer within 3 s"), "3 秒以内に応答がありません");
        assert_eq!(of("`batchctl` not found"), "`batchctl` が見つかりません");
        assert_eq!(of("something else: no answer"), "something else: no answer");
        assert_eq!(of(""), "");
        let deep = "`a`: ".repeat(50);
        assert_eq!(of(&deep), deep);
    }

    #[test]
    fn what_is_no_json_is_told_in_japanese() {
        let deep = "[".repeat(200);
        let broken = [
            "",
            "[",
            "{",
            "{\"a",
            "{\"a\" 1}",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "nul",
            "x",
            "\"\\q\"",
            "01",
            "1e999",
            "\"\\udfff\"",
            "\"\n\"",
            "{ broken",
            "\"\\ud800x\"",
            "[1,]",
            "{\"a\":1,}",
            "{} x",
            "\"\\ud8\"",
            "{\"a\":",
            deep.as_str(),
        ];
        for text in broken {
            let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
            let told = of(&error.to_string(), Language::Japanese);
            let words = told.replace("JSON", "").replace("Unicode", "");
            let words = words.replace("\\u0000〜\\u001F", "");
            assert!(
                !words.contains(|c: char| c.is_ascii_alphabetic()),
                "{text}: {error}: {told}"
            );
        }
    }

    #[test]
    fn both_languages_have_the_same_placeholders() {
        let names = |form: &str| {
            let mut names = BTreeSet::new();
            let mut rest = form;
            while let Some((_, name, after)) = placeholder(rest) {
                names.insert(name.to_owned());
                rest = after;
            }
            names
        };
        for (english, japanese) in ROWS {
            assert_eq!(names(english), names(japanese), "{english}");
            let filled = of(&english.replace(['{', '}'], ""), Language::Japanese);
            assert_ne!(filled, "", "{english}");
            assert!(
                !japanese.is_ascii() || *english == "`{what}`: {cause}",
                "{english}"
            );
        }
    }
}
