//! Mistakes in rule files and in the configuration, in Japanese: what is wrong, and how to mend it.
//!
//! The reader of rule files runs when the program is built, too, and says all in English, as `--json`
//! keeps it; who reads it at a terminal is told here, by the English form. What stands within a
//! sentence under `what`, `wanted`, `found` or `cause` is told as well; the names of keys stay.

use super::{mend, told, words_of_files};

/// English and Japanese of each mistake and lint, what varies in braces. The first row that fits counts.
pub const ROWS: &[(&str, &str)] = &[
    // Anything of TOML: types, keys, tables.
    (
        "expected a number from {low} to {high}",
        "{low} から {high} までの数にします",
    ),
    (
        "expected {wanted}, found {found}",
        "{wanted}にします（{found}になっています）",
    ),
    ("the text is empty", "文字列が空です"),
    ("the list is empty", "リストが空です"),
    (
        "no header may stand within a rule: `{header}`",
        "ルールの中に見出し `{header}` は置けません",
    ),
    (
        "unknown key `{name}` in {what}",
        "{what}に `{name}` というキーはありません",
    ),
    (
        "`{key}` may only stand in the files of the system",
        "`{key}` はシステムのファイルにだけ書けます",
    ),
    (
        "`rerun` and `declined` need a matcher that names its programs",
        "`rerun` と `declined` には、プログラムを名指しする `match` が必要です",
    ),
    (
        "`again` needs matchers that name their programs",
        "`again` には、プログラムを名指しする `match` が必要です",
    ),
    (
        "a file with rules needs a [pack]",
        "ルールのあるファイルには [pack] が必要です",
    ),
    ("a probe needs a command", "調査にはコマンドが必要です"),
    (
        "a wrapper needs `inner` or `writes`",
        "ラッパーには `inner` か `writes` が必要です",
    ),
    (
        "`sql` needs a program that is named in full",
        "`sql` には、名前をすべて書いたプログラムが必要です",
    ),
    (
        "`@{set}` needs a program that is named in full",
        "`@{set}` には、名前をすべて書いたプログラムが必要です",
    ),
    (
        "`by` needs a client and an option",
        "`by` にはクライアントとオプションが必要です",
    ),
    ("{what} needs `{key}`", "{what}には `{key}` が必要です"),
    (
        "`{key}` can only be \"{wanted_text}\" or \"{other}\"",
        "`{key}` に書けるのは \"{wanted_text}\" か \"{other}\" だけです",
    ),
    (
        "`{key}` can only be \"{wanted_text}\"",
        "`{key}` に書けるのは \"{wanted_text}\" だけです",
    ),
    // Names of what is in a file.
    ("`{name}` is no id", "`{name}` は ID に使えません"),
    ("`{name}` is no name", "`{name}` は名前に使えません"),
    ("`{name}` is no language", "`{name}` という言語はありません"),
    (
        "the pack id `{id}` is the program's own",
        "パックの ID `{id}` は kanmon 自身のものです",
    ),
    (
        "the pack id `{id}` is taken",
        "パックの ID `{id}` はすでに使われています",
    ),
    ("the rule id is taken", "ルールの ID がすでに使われています"),
    (
        "there is no file `{name}` beside this one",
        "このファイルと同じフォルダに `{name}` がありません",
    ),
    (
        "there is no time zone `{name}`: write a name of the tz database, such as Asia/Tokyo or UTC",
        "`{name}` というタイムゾーンはありません。Asia/Tokyo や UTC など、tz データベースの名前を書いてください",
    ),
    (
        "there is no {what} `{name}`",
        "{what} `{name}` がありません",
    ),
    (
        "there are no words for `{name}`",
        "`{name}` の語（words）がありません",
    ),
    (
        "`{source}` has no translation in [{language}]",
        "`{source}` の訳が [{language}] にありません",
    ),
    (
        "no text of the pack reads `{source}`",
        "パックに `{source}` という文はありません",
    ),
    (
        "text and translation have different placeholders",
        "元の文と訳でプレースホルダーが違います",
    ),
    (
        "unknown placeholder `{name}`",
        "`{name}` というプレースホルダーはありません",
    ),
    (
        "`{name}` is no placeholder",
        "`{name}` はプレースホルダーではありません",
    ),
    (
        "`{name}` is bound by some matchers only",
        "`{name}` は一部の `match` でしか決まりません",
    ),
    (
        "`{name}` stands within quotes",
        "`{name}` が引用符の中にあります",
    ),
    (
        "`{name}` stands in a test line",
        "試験行に `{name}` があります",
    ),
    // Choices.
    ("`{name}` is no risk", "`{name}` という危険度はありません"),
    ("`{name}` is no verdict", "`{name}` という判定はありません"),
    (
        "`{name}` is no profile",
        "`{name}` というプロファイルはありません",
    ),
    ("`{name}` is no scope", "`{name}` という範囲はありません"),
    (
        "`{name}` is no form of a command",
        "`{name}` というコマンドの形はありません",
    ),
    ("`{name}` is no form", "`{name}` という形式はありません"),
    (
        "`{name}` is no kind of statement",
        "`{name}` という文の種類はありません",
    ),
    (
        "`{name}` is no reason for being opaque",
        "`{name}` という不透明の理由はありません",
    ),
    (
        "`{name}` is no dialect of SQL",
        "`{name}` という SQL の方言はありません",
    ),
    (
        "`{name}` is no part of a target",
        "`{name}` は対象の一部ではありません",
    ),
    (
        "`{name}` is no place for a probe",
        "`{name}` で調査はできません",
    ),
    (
        "`{name}` is no place for a command",
        "`{name}` にコマンドは置けません",
    ),
    (
        "`{name}` is no way to pick",
        "`{name}` という取り出し方はありません",
    ),
    (
        "`{name}` is no way to write options",
        "`{name}` というオプションの書き方はありません",
    ),
    (
        "`{name}` is no end of an earlier run",
        "`{name}` という以前の実行の終わり方はありません",
    ),
    (
        "`{name}` is no end of a command",
        "`{name}` というコマンドの終わり方はありません",
    ),
    (
        "`{name}` is no number of times",
        "`{name}` は回数として読めません",
    ),
    (
        "`{name}` is nothing to do without the store",
        "`{name}` は、ストアなしの動作として選べません",
    ),
    (
        "`{name}` is nothing that a gap can be per",
        "`{name}` ごとに間隔を取ることはできません",
    ),
    (
        "`{name}` is nothing that a wrapper changes",
        "`{name}` はラッパーが変えるものではありません",
    ),
    (
        "`{name}` is nothing that a rerun can be",
        "`{name}` は再実行の条件として読めません",
    ),
    (
        "`{name}` is nothing that can be told",
        "`{name}` は通知できません",
    ),
    // Values.
    (
        "`{text}` is no duration: write a number with s, m, h or d, such as \"30s\" or \"15m\"",
        "`{text}` は時間として読めません。\"30s\" や \"15m\" のように、数に s、m、h、d を付けてください",
    ),
    (
        "`{text}` is out of bounds: a duration is from 1s to 366d",
        "`{text}` は範囲外です。時間は 1s から 366d までです",
    ),
    (
        "`{text}` is no number: write digits, with k, M, G or T for sizes",
        "`{text}` は数として読めません。数字で書き、サイズには k、M、G、T を付けてください",
    ),
    (
        "`{text}` is no drift: write a number, a share such as \"5%\", or \"any\"",
        "`{text}` はずれの幅として読めません。数、\"5%\" のような割合、または \"any\" と書いてください",
    ),
    ("nothing stands after `!=`", "`!=` の後に何もありません"),
    (
        "`{text}` is no time range: write days, times and a zone, such as \"Mon-Fri 09:00-18:00 Asia/Tokyo\"",
        "`{text}` は時間帯として読めません。\"Mon-Fri 09:00-18:00 Asia/Tokyo\" のように、曜日、時刻、タイムゾーンを書いてください",
    ),
    (
        "`{text}` names no zone: end it with one, such as Asia/Tokyo or UTC",
        "`{text}` にタイムゾーンがありません。最後に Asia/Tokyo や UTC などを付けてください",
    ),
    (
        "`{text}` names no zone, and the calendar has none: add `zone`, such as \"Asia/Tokyo\"",
        "`{text}` にもカレンダーにもタイムゾーンがありません。\"Asia/Tokyo\" などの `zone` を付けてください",
    ),
    (
        "`{text}` is no day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun",
        "`{text}` は曜日として読めません。Mon、Tue、Wed、Thu、Fri、Sat、Sun で書いてください",
    ),
    (
        "`{text}` is no time of day: write it from 00:00 to 24:00",
        "`{text}` は時刻として読めません。00:00 から 24:00 までで書いてください",
    ),
    (
        "`{text}` begins and ends at the same time: the whole day is 00:00-24:00",
        "`{text}` は始まりと終わりが同じです。終日は 00:00-24:00 と書きます",
    ),
    (
        "`{text}` is no date: write 2026-12-28, 2026-12-28T18:00 or 2026-12-28T18:00+09:00",
        "`{text}` は日付として読めません。2026-12-28、2026-12-28T18:00、2026-12-28T18:00+09:00 のように書いてください",
    ),
    ("`{text}` is no moment", "`{text}` は日時として読めません"),
    (
        "`{to}` is not after `{from}`",
        "`{to}` が `{from}` より後ではありません",
    ),
    (
        "the first row is no header: write `from,to,reason`",
        "先頭の行が見出しではありません。`from,to,reason` と書いてください",
    ),
    ("no entry stands in it", "項目がありません"),
    (
        "row {row} has not the columns of the header",
        "{row} 行目の列が見出しと合いません",
    ),
    ("row {row}: {cause}", "{row} 行目: {cause}"),
    (
        "the calendar has no entries",
        "カレンダーに項目がありません",
    ),
    (
        "a calendar has one of `entries`, `csv` and `file`",
        "カレンダーには `entries`、`csv`、`file` のどれか 1 つを書きます",
    ),
    ("the pattern is empty", "パターンが空です"),
    (
        "the regular expression does not compile: {cause}",
        "正規表現として読めません: {cause}",
    ),
    (
        "`{text}` is no option: an option begins with `-`, `+` or `/`",
        "`{text}` はオプションではありません。オプションは `-`、`+`、`/` のどれかで始まります",
    ),
    (
        "`{text}` is no option",
        "`{text}` はオプションではありません",
    ),
    ("no option stands in it", "オプションがありません"),
    (
        "`{text}` mixes alternatives with more than one option: write one entry for each",
        "`{text}` には、複数のオプションと「または」が混ざっています。1 つずつ別の項目にしてください",
    ),
    ("`docs` is a URL", "`docs` には URL を書きます"),
    // Matchers and conditions.
    (
        "`!*` means that there is no operand, so nothing can stand beside it",
        "`!*` は引数がないという意味なので、ほかと並べられません",
    ),
    ("`without` takes no `!`", "`without` に `!` は書けません"),
    ("`sql` takes no `!`", "`sql` に `!` は書けません"),
    (
        "`line` looks at raw text and is easy to evade",
        "`line` は文字そのものを見るので、簡単にすり抜けられます",
    ),
    (
        "the matcher names nothing that it looks at",
        "この `match` は見るものを何も挙げていません",
    ),
    (
        "every command fits this matcher",
        "この `match` にはどのコマンドも当てはまります",
    ),
    (
        "the same matcher stands in this rule before it",
        "同じ `match` がこのルールの前にあります",
    ),
    ("the condition is empty", "条件が空です"),
    (
        "all that this rule holds is held by `{rule}` before it, at no lower risk",
        "このルールで止まるものは、前にある `{rule}` が同じかそれ以上の危険度ですべて止めます",
    ),
    (
        "`{name}` has no words, so how it reads its words is a guess",
        "`{name}` の語（words）がなく、引数の読み方は推測です",
    ),
    (
        "the words of `{name}` do not say where its SQL is",
        "`{name}` の語（words）に、SQL の場所がありません",
    ),
    (
        "the words of `{name}` have no set `{set}`",
        "`{name}` の語（words）に `{set}` という集まりはありません",
    ),
    // Probes.
    (
        "a probe has one of `run`, `pwsh`, `again` and `sql`",
        "調査には `run`、`pwsh`、`again`、`sql` のどれか 1 つを書きます",
    ),
    (
        "a probe has `count` or `pick`, not both",
        "調査に書けるのは `count` か `pick` の一方です",
    ),
    (
        "`root` belongs to `run` and `again`",
        "`root` は `run` か `again` と一緒に書きます",
    ),
    (
        "`{key}` belongs to `{other}`",
        "`{key}` は `{other}` と一緒に書きます",
    ),
    (
        "`again` and `verb` take neither quotes nor placeholders",
        "`again` と `verb` に、引用符やプレースホルダーは書けません",
    ),
    (
        "`{line}` is not known to be harmless",
        "`{line}` は何も変えないと確かめられません",
    ),
    (
        "`{line}` is not known to only read",
        "`{line}` は読むだけと確かめられません",
    ),
    (
        "`{text}` takes no placeholders",
        "`{text}` にプレースホルダーは書けません",
    ),
    (
        "it is not known how `{name}` is told its server",
        "`{name}` へのサーバーの伝え方が分かりません",
    ),
    (
        "a pipe hides that its first command failed",
        "パイプでは、先頭のコマンドの失敗が分かりません",
    ),
    // Steps and rules.
    ("the step has no kind", "手順の種類がありません"),
    (
        "the step has several kinds: {kinds}",
        "手順の種類が複数あります: {kinds}",
    ),
    (
        "the step list `{name}` contains itself",
        "手順リスト `{name}` が自分自身を含んでいます",
    ),
    (
        "`{kind_name}` cannot stand in `after`",
        "`{kind_name}` は `after` に置けません",
    ),
    (
        "`reason` says why a call measures nothing",
        "`reason` は、測らない `call` の理由です",
    ),
    (
        "`like` belongs to a typed answer",
        "`like` は、文字で答える質問にだけ書けます",
    ),
    (
        "`no` belongs to a yes or no, not to a typed answer",
        "`no` は、はい・いいえで答える質問にだけ書けます",
    ),
    (
        "`per = \"rule\"` counts every target, `group` some",
        "`per = \"rule\"` はすべての対象を、`group` は一部を数えます",
    ),
    (
        "operands are numbered from `arg.1`",
        "引数の番号は `arg.1` からです",
    ),
    (
        "an operand is called that one of the matchers excludes",
        "`match` の 1 つが除いている引数を呼称させています",
    ),
    (
        "the rule to run first does not bind `{name}`",
        "先に実行するルールでは `{name}` が決まりません",
    ),
    (
        "the rule does not test itself",
        "ルールに試験行がありません",
    ),
    (
        "the steps are not written in the order in which they are passed",
        "手順が、通る順に書かれていません",
    ),
    (
        "what is called was not measured at the target",
        "呼称する値が、対象で測られていません",
    ),
    (
        "{typed} answers are typed, this risk allows {allowed}",
        "文字で答える質問が {typed} 個あります。この危険度では {allowed} 個までです",
    ),
    (
        "the case expects nothing",
        "事例に、期待するものがありません",
    ),
    // Tunes, words, wrappers.
    ("the tune changes nothing", "この tune は何も変えません"),
    (
        "no step of `{rule}` is `{step}`",
        "`{rule}` に `{step}` という手順はありません",
    ),
    (
        "`{name}` has words already",
        "`{name}` の語（words）はすでにあります",
    ),
    (
        "`{name}` is like itself",
        "`{name}` が自分自身を `like` にしています",
    ),
    (
        "`{name}` is a known program",
        "`{name}` は既知のプログラムです",
    ),
    (
        "`inner` does not say where the command is",
        "`inner` にコマンドの場所がありません",
    ),
    (
        "`{name}` does not belong to this form of `inner`",
        "`{name}` は、この形の `inner` には書けません",
    ),
    // The configuration.
    (
        "a store begins with `postgresql://`",
        "ストアは `postgresql://` で始まります",
    ),
    (
        "a password here can be read by everybody",
        "ここのパスワードは誰でも読めます",
    ),
    ("`{name}` is told twice", "`{name}` が 2 回書かれています"),
    (
        "[[notify]] takes one way",
        "[[notify]] の送り方は 1 つだけです",
    ),
    (
        "`{key}` goes with `{way}`",
        "`{key}` は `{way}` と一緒に書きます",
    ),
    (
        "`{path}` is no absolute path",
        "`{path}` は絶対パスではありません",
    ),
    (
        "`{address}` is no mail address",
        "`{address}` はメールアドレスではありません",
    ),
];

/// Returns what is wrong, or how to mend it, in Japanese; what is not known stays as it is.
#[must_use]
pub fn japanese(english: &str) -> String {
    let rows = [ROWS, mend::ROWS, words_of_files::ROWS];
    told::japanese(&rows, english, |name| {
        matches!(name, "what" | "wanted" | "found" | "cause")
    })
}
