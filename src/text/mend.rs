//! How mistakes of rule files are mended, in Japanese; [`super::mistake`] reads it.

/// English and Japanese of each mend, what varies in braces. The first row that fits counts.
pub const ROWS: &[(&str, &str)] = &[
    ("did you mean `{name}`?", "`{name}` のことですか？"),
    ("put it into `[` and `]`", "`[` と `]` で囲んでください"),
    (
        "write an entry or leave the key out",
        "項目を書くか、キーごと消してください",
    ),
    (
        "root puts it into a file in /etc/kanmon/rules.d",
        "root が /etc/kanmon/rules.d のファイルに書きます",
    ),
    (
        "root adds [words.{name}] to a file in /etc/kanmon/rules.d",
        "root が /etc/kanmon/rules.d のファイルに [words.{name}] を書きます",
    ),
    (
        "write `{mended}` in the rule itself",
        "ルールの中に `{mended}` と書いてください",
    ),
    (
        "a file may have {keys}, and languages such as ja",
        "ファイルに書けるのは {keys} と、ja などの言語です",
    ),
    ("{what} may have {keys}", "{what}に書けるキー: {keys}"),
    (
        "write one of `webhook = FILE`, `mail = [ADDRESS]`, `command = [PATH]`",
        "`webhook = ファイル`、`mail = [アドレス]`、`command = [パス]` のどれか 1 つを書いてください",
    ),
    ("write one of {names}", "書けるもの: {names}"),
    ("add `title = …`", "`title = …` を加えてください"),
    (
        "add `run = …`, `pwsh = …`, `again = …` or `sql = …`",
        "`run = …`、`pwsh = …`、`again = …`、`sql = …` のどれかを加えてください",
    ),
    (
        "add `test.hold = […]` and `test.pass = […]`",
        "`test.hold = […]` と `test.pass = […]` を加えてください",
    ),
    (
        "add `entries = {entries}`, `csv = {csv}` or `file = {file}`",
        "`entries = {entries}`、`csv = {csv}`、`file = {file}` のどれかを加えてください",
    ),
    (
        "add `let = {binding}` to the other matchers",
        "ほかの `match` にも `let = {binding}` を加えてください",
    ),
    (
        "bind it in the matcher with `let = {binding}`, or write `{braces}` for the braces themselves",
        "`match` の中で `let = {binding}` として決めるか、波括弧そのものなら `{braces}` と書いてください",
    ),
    (
        "bind it with `let` in each of its matchers",
        "そのルールの `match` のそれぞれで `let` を使って決めてください",
    ),
    (
        "add `{key}` to [words.{name}]",
        "[words.{name}] に `{key}` を加えてください",
    ),
    (
        "add it to `set.read` of [words.{name}]",
        "[words.{name}] の `set.read` に加えてください",
    ),
    (
        "add one of the words to `dry` of [words.{name}]",
        "そのどれかを [words.{name}] の `dry` に加えてください",
    ),
    ("add it to [{language}]", "[{language}] に加えてください"),
    ("add [words.{name}]", "[words.{name}] を加えてください"),
    ("add one of {names}", "どれかを加えてください: {names}"),
    ("add `{key}`", "`{key}` を加えてください"),
    ("add {names}", "加えられるもの: {names}"),
    (
        "use a-z, 0-9, - and _, beginning with a letter",
        "a-z、0-9、-、_ を使い、英字で始めてください",
    ),
    ("use a-z, 0-9 and -", "a-z、0-9、- を使ってください"),
    ("{file} has it too", "{file} にもあります"),
    (
        "line {line} of {file} has them too",
        "{file} の {line} 行目にもあります",
    ),
    (
        "begin the file with `[pack]`, `id = …` and `title = …`",
        "ファイルの先頭に `[pack]`、`id = …`、`title = …` を書いてください",
    ),
    (
        "write two letters, such as \"en\"",
        "\"en\" のように 2 文字で書いてください",
    ),
    ("begin it with https://", "https:// で始めてください"),
    ("write two matchers", "`match` を 2 つに分けてください"),
    (
        "a harmless statement excuses no other in the same text",
        "害のない文があっても、同じテキストのほかの文は見逃せません",
    ),
    (
        "name programs, or add a key that narrows it",
        "プログラムを名指しするか、絞り込むキーを加えてください",
    ),
    (
        "name the programs: only what a rule held or noted is recorded",
        "プログラムを名指ししてください。記録されるのは、ルールで保留または記録されたものだけです",
    ),
    (
        "name them in full, without `*`, `?` and `|`",
        "`*`、`?`、`|` を使わず、名前をすべて書いてください",
    ),
    ("make one rule of both", "1 つのルールにまとめてください"),
    ("leave one of them out", "どちらかを消してください"),
    (
        "leave `when` out for always",
        "いつでもよいなら `when` を消してください",
    ),
    (
        "leave it out: a probe measures",
        "消してください。調査が測ります",
    ),
    (
        "ids are unique within a pack",
        "パックの中で ID は 1 つずつです",
    ),
    (
        "write what an operator types",
        "入力するとおりのコマンドを書いてください",
    ),
    (
        "call a probe, or say why nothing can be measured: `{example}`",
        "調査の値を呼称させるか、測れない理由を書いてください: `{example}`",
    ),
    (
        "count with `count`, take a part with `pick`",
        "数えるなら `count`、一部を取り出すなら `pick` を使ってください",
    ),
    (
        "make some of them yes or no",
        "いくつかを、はい・いいえの質問にしてください",
    ),
    (
        "window, gap, first; show, check; checklist, confirm; witness, approve; cooldown; call",
        "順番: window、gap、first → show、check → checklist、confirm → witness、approve → cooldown → call",
    ),
    (
        "take the quotes away: it becomes one quoted word by itself; or write `{braces}` for the braces themselves",
        "引用符を外してください（そのまま引用された 1 語になります）。波括弧そのものなら `{braces}` と書いてください",
    ),
    (
        "write plain words with spaces between",
        "単語を空白で区切って書いてください",
    ),
    (
        "write the client, and last the option that takes SQL: `psql -At -c`",
        "クライアントを書き、最後に SQL を取るオプションを書いてください: `psql -At -c`",
    ),
    (
        "write the statement without placeholders, or `{rows}` alone",
        "プレースホルダーなしで文を書くか、`{rows}` だけにしてください",
    ),
    (
        "write it without braces, such as \"arg.1\"",
        "\"arg.1\" のように、波括弧なしで書いてください",
    ),
    ("write one step for each", "1 つずつ別の手順にしてください"),
    (
        "use `show` or `check`",
        "`show` か `check` を使ってください",
    ),
    (
        "give `off`, `risk`, `when`, `drop`, `add` or `on_store_down`",
        "`off`、`risk`、`when`、`drop`、`add`、`on_store_down` のどれかを書いてください",
    ),
    (
        "write a step's kind or its `id`",
        "手順の種類か `id` を書いてください",
    ),
    (
        "write \"failed 1h\" or \"any 1h\"",
        "\"failed 1h\" か \"any 1h\" と書いてください",
    ),
    (
        "write how often in which time: \"2 in 1h\"",
        "どれだけの時間に何回かを書いてください: \"2 in 1h\"",
    ),
    (
        "a user or a project may only add programs",
        "ユーザーとプロジェクトは、プログラムを加えることだけができます",
    ),
    (
        "say with `inner` where the wrapped command is",
        "包まれたコマンドの場所を `inner` に書いてください",
    ),
    (
        "write \"rest\", \"stdin\", \"script\" or a table",
        "\"rest\"、\"stdin\"、\"script\" またはテーブルを書いてください",
    ),
    (
        "it has `after`, `if_flag`, `value_of`, `file_of` or `operand`",
        "書けるのは `after`、`if_flag`、`value_of`、`file_of`、`operand` です",
    ),
    (
        "or a list of options whose values are files",
        "または、値がファイルであるオプションのリスト",
    ),
    (
        "its name ends in .csv, and it lies in the folder of this file",
        "名前は .csv で終わり、このファイルと同じフォルダに置きます",
    ),
    (
        "write it with its zone: 2026-11-26T12:00:00+09:00",
        "タイムゾーンを付けて書いてください: 2026-11-26T12:00:00+09:00",
    ),
    (
        "name a file of its own with `{parameter}`",
        "`{parameter}` で専用のファイルを指定してください",
    ),
    ("each name stands once", "同じ名前は 1 回だけ書けます"),
    (
        "letters, digits and `-`",
        "英字、数字、`-` を使ってください",
    ),
    (
        "a secret URL stands in a file that only root reads: {example}",
        "秘密の URL は、root だけが読めるファイルに書きます: {example}",
    ),
];
