//! The help of `kanmonctl` in Japanese, and what its argument parser says.
//!
//! The English of a help stands at the argument that it is about, where the parser and the manual
//! page take it; here stands each once more with its Japanese. A help that lacks its row, and a row
//! whose help was changed, fail a test.
//!
//! For translators: keep each short, with no full stop at the end.

use super::Language;

/// English and Japanese of every help.
pub const ROWS: &[(&str, &str)] = &[
    // The programs and their subcommands.
    (
        "A pre-flight safety gate for production commands",
        "本番コマンドを実行する直前の安全確認",
    ),
    (
        "Say the verdict on a line, or on each of many",
        "コマンドの判定を表示する（複数行も可）",
    ),
    (
        "Draw what was understood of a line, and which rules hold it",
        "コマンドをどう読み取り、どのルールが止めるかを図で示す",
    ),
    (
        "Go through every step of a held line; nothing is run",
        "止まるコマンドの手順を最後まで訓練する（何も実行しない）",
    ),
    (
        "Stand in front of what a coding agent runs",
        "コーディングエージェントが実行するコマンドを確認する",
    ),
    ("List, show and test the rules", "ルールの一覧、表示、試験"),
    (
        "Trust the rule files of a project folder (.kanmon) with the content that they have now",
        "プロジェクトのフォルダ（.kanmon）のルールファイルを、今の内容で信頼する",
    ),
    (
        "Say what counts here, and what is to be mended",
        "ここで有効な設定と、直すべき点を示す",
    ),
    ("Read the ledger", "台帳を読む"),
    (
        "Say what is asked or runs now, where, and for whom it waits",
        "いま確認中・実行中のもの、その場所、誰を待っているかを示す",
    ),
    (
        "Give, list and take back permission for others",
        "他の人への許可の発行、一覧、取り消し",
    ),
    (
        "List what waits for approval, or approve it",
        "承認待ちの一覧、または承認",
    ),
    (
        "Say whether a run stands behind this start of the host; for a service at boot",
        "今回のホスト起動に対応する記録があるかを調べる（起動時のサービス用）",
    ),
    (
        "Put the gate before programs by name, for scripts, cron and at",
        "プログラム名で関門を置く（スクリプト、cron、at 用）",
    ),
    (
        "Make what is shared on this host",
        "このホストで共有するものを作る",
    ),
    (
        "Stand in front of what sudo runs, by a plugin in sudo.conf",
        "sudo.conf のプラグインで、sudo が実行するものを確認する",
    ),
    (
        "Make the team's store in PostgreSQL, and look at it",
        "PostgreSQL のチーム共有ストアを作り、調べる",
    ),
    (
        "Tell people of runs, as the system's configuration says; for a timer",
        "システムの設定に従い、実行を人に知らせる（タイマー用）",
    ),
    (
        "Print a script by which a shell completes kanmonctl or kanmon",
        "kanmonctl または kanmon のシェル補完スクリプトを出力する",
    ),
    (
        "Print the manual page of kanmonctl or kanmon",
        "kanmonctl または kanmon のマニュアルを出力する",
    ),
    (
        "Print this message or the help of the given subcommand(s)",
        "この説明、または指定したサブコマンドの説明を表示する",
    ),
    ("Print help", "この説明を表示する"),
    ("Print help (see more with '--help')", "この説明を表示する"),
    ("Print version", "バージョンを表示する"),
    // What many have.
    ("Answer in JSON", "JSON で出力する"),
    (
        "Judge with this machine's host, user and environment; otherwise they are unknown",
        "このマシンのホスト、ユーザー、環境変数で判定する（なければ不明として扱う）",
    ),
    (
        "Which rules are in, where it is not the prefix door's profile",
        "使うルールの範囲（省略時は kanmon を前に付けた場合と同じ）",
    ),
    (
        "Which rules are in, where it is not the agent door's profile",
        "使うルールの範囲（省略時はエージェント用と同じ）",
    ),
    ("Which rules are in", "使うルールの範囲"),
    ("All rules", "すべてのルール"),
    (
        "Without those for production alone",
        "本番専用のルールを除く",
    ),
    (
        "The gate's language, where it is not the locale's",
        "確認画面の言語（省略時はロケールに従う）",
    ),
    (
        "The language of reasons, where it is not the locale's",
        "理由の言語（省略時はロケールに従う）",
    ),
    (
        "The language of titles, where it is not the locale's",
        "題名の言語（省略時はロケールに従う）",
    ),
    (
        "The language of its texts, where it is not the locale's",
        "文面の言語（省略時はロケールに従う）",
    ),
    (
        "The language, where it is not the locale's",
        "言語（省略時はロケールに従う）",
    ),
    (
        "Another store than the system's, or as another role: postgresql://ROLE@HOST/DATABASE; what it leaves open, PG* variables, service files and ~/.pgpass say",
        "システムの設定と別のストア、または別のロール: postgresql://ロール@ホスト/データベース。書いていない部分は PG* 変数、サービスファイル、~/.pgpass に従う",
    ),
    (
        "Another store than the system's, or as another role: postgresql://ROLE@HOST/DATABASE",
        "システムの設定と別のストア、または別のロール: postgresql://ロール@ホスト/データベース",
    ),
    // check, explain, drill
    (
        "The command line to judge, as one word: quote it",
        "判定するコマンド行（引用符で囲み、1 語として渡す）",
    ),
    (
        "The command line to explain, as one word: quote it",
        "調べるコマンド行（引用符で囲み、1 語として渡す）",
    ),
    (
        "Read one JSON object a line from standard input: {\"cmd\": \"…\", \"env\": {…}, \"aliases\": {…}}",
        "標準入力から 1 行に 1 つの JSON を読む: {\"cmd\": \"…\", \"env\": {…}, \"aliases\": {…}}",
    ),
    ("The command", "コマンド"),
    (
        "Take the first argument as a command line for `sh -c`",
        "最初の引数を `sh -c` に渡す行として扱う",
    ),
    (
        "No frames and no redrawing",
        "枠と書き直しなし（画面読み上げ用）",
    ),
    // hook
    (
        "Answer a PreToolUse event of Claude Code",
        "Claude Code の PreToolUse イベントに答える",
    ),
    (
        "Answer {\"command\": \"…\", \"cwd\": \"…\", \"can_ask\": true} of any agent",
        "任意のエージェントの {\"command\": \"…\", \"cwd\": \"…\", \"can_ask\": true} に答える",
    ),
    (
        "Put the hook into an agent's settings; everything else in them stays",
        "エージェントの設定にフックを入れる（ほかの設定は変えない）",
    ),
    (
        "Take the hook out of an agent's settings; everything else in them stays",
        "エージェントの設定からフックを外す（ほかの設定は変えない）",
    ),
    ("The agent", "エージェント"),
    ("Claude Code", "Claude Code"),
    (
        "Its settings file, where it is not the user's own (~/.claude/settings.json)",
        "設定ファイル（省略時は本人の ~/.claude/settings.json）",
    ),
    // rules
    ("List all rules", "すべてのルールを一覧する"),
    ("Show one rule", "ルールを 1 つ表示する"),
    (
        "The rule's full id, as `list` prints it",
        "ルールの完全な ID（`list` の表示どおり）",
    ),
    (
        "Print the JSON schema of rule files, for editors",
        "ルールファイルの JSON スキーマを出力する（エディター用）",
    ),
    (
        "Make a pack to finish of a runbook from a spreadsheet",
        "表計算の手順書から、ルールのパックの下書きを作る",
    ),
    (
        "A runbook saved as CSV, with the columns 手順, 確認事項, 期待値, 確認者 (or step, check, expected, checked by)",
        "CSV で保存した手順書。列は 手順、確認事項、期待値、確認者（または step、check、expected、checked by）",
    ),
    (
        "Write the pack to this file, which must not be there yet, instead of standard output",
        "標準出力の代わりにこのファイルへ書く（既存のファイルは不可）",
    ),
    (
        "The pack's id, where it is not made of the file's name",
        "パックの ID（省略時はファイル名から作る）",
    ),
    (
        "The pack's title, where it is not the file's name",
        "パックの題名（省略時はファイル名）",
    ),
    (
        "Say which lines of a shell's history would have been held, and how many a day",
        "シェルの履歴のうち止まっていたはずの行と、1 日あたりの数を示す",
    ),
    (
        "A history file of bash, zsh or fish; - for standard input",
        "bash、zsh、fish の履歴ファイル（- は標準入力）",
    ),
    (
        "Which shell wrote it, where that is not seen from its beginning",
        "書いたシェル（先頭から分からない場合）",
    ),
    (
        "bash, with or without times",
        "bash（日時の有無は問わない）",
    ),
    ("zsh, extended or not", "zsh（拡張形式も可）"),
    ("fish", "fish"),
    (
        "How many of the most frequent held lines to print",
        "多い順に表示する保留行の数",
    ),
    (
        "Print every line that would have been held, in its place",
        "止まっていたはずの行をすべて順に表示する",
    ),
    (
        "Compile the system's rule files into the set that every gate of this host maps",
        "システムのルールファイルを、このホストで使う形にコンパイルする",
    ),
    (
        "Your own files instead, into your cache folder",
        "代わりに自分のファイルを自分のキャッシュへコンパイルする",
    ),
    (
        "Tell all mistakes of rule files at once, and what should be written otherwise",
        "ルールファイルの誤りと、書き方を直すべき点をまとめて示す",
    ),
    (
        "Rule files and folders of them; those of the system, the user and the project where there is none",
        "ルールファイル、またはそのフォルダ（省略時はシステム、ユーザー、プロジェクトのもの）",
    ),
    ("How to answer", "出力の形式"),
    (
        "For a person, each with its line underlined",
        "人が読む形式（該当箇所に下線）",
    ),
    ("One JSON array", "1 つの JSON 配列"),
    (
        "Workflow commands of GitHub, which mark the lines",
        "GitHub のワークフローコマンド（該当行に印が付く）",
    ),
    (
        "Try each rule on its own test lines, and the cases of *.test.toml",
        "各ルールの試験行と *.test.toml の事例を試す",
    ),
    (
        "Rule files and folders of them; all rules that count here where there is none",
        "ルールファイル、またはそのフォルダ（省略時はここで有効なすべて）",
    ),
    // trust
    (
        "The project, where it is not that of the working directory",
        "プロジェクト（省略時は作業ディレクトリのもの）",
    ),
    ("List what is trusted instead", "信頼済みのものを一覧する"),
    ("Trust it no longer", "信頼を取り消す"),
    // log
    ("List the newest runs", "新しい記録を一覧する"),
    ("How many", "件数"),
    (
        "Show all that is recorded of one run",
        "1 つの記録のすべてを表示する",
    ),
    (
        "The run's id, as `list` prints it",
        "記録の ID（`list` の表示どおり）",
    ),
    (
        "Write all runs with their questions and answers as a table",
        "すべての記録を、確認と回答も含めて表に出力する",
    ),
    (
        "As CSV for spreadsheets; the only form there is",
        "表計算用の CSV（ほかの形式はない）",
    ),
    ("Only the newest so many runs", "新しい方からこの件数だけ"),
    (
        "Look whether records were changed, removed or reordered",
        "記録の書き換え、削除、入れ替えがないか調べる",
    ),
    (
        "In the team's store, every host's chain, as --team",
        "チーム共有ストアにある全ホストの台帳を調べる（--team と同じ）",
    ),
    (
        "Read the ledger at this path instead of the host's or your own",
        "ホストや本人の台帳の代わりに、このパスの台帳を読む",
    ),
    (
        "Runs of all hosts, from the team's store; as a role that may read all (kanmon_auditor)",
        "チーム共有ストアにある全ホストの記録（すべてを読めるロール kanmon_auditor で）",
    ),
    (
        "Of the team's runs only those of this host",
        "チームの記録のうち、このホストのものだけ",
    ),
    (
        "Tell what is recorded as it comes, until interrupted",
        "記録されるたびに表示し続ける（中断するまで）",
    ),
    // permit
    (
        "Permit others to run something without being asked",
        "確認なしで実行することを他の人に許可する",
    ),
    (
        "List the permits of this host, or with --team those that count on every host",
        "このホストの許可（--team では全ホスト共通の許可）を一覧する",
    ),
    ("Take a permit back", "許可を取り消す"),
    (
        "Its id, as `list` prints it",
        "許可の ID（`list` の表示どおり）",
    ),
    (
        "Rules by full id, a pattern such as 'reboot.*'",
        "ルールの完全な ID（'reboot.*' のようなパターンも可）",
    ),
    (
        "Targets by name, a pattern such as 'web?'",
        "対象の名前（'web?' のようなパターンも可）",
    ),
    (
        "Who may use it; anybody but you where left out",
        "使える人（省略時は本人以外の全員）",
    ),
    (
        "When it ends: 18:00, \"2026-11-27 18:00\", 2h",
        "終了: 18:00、\"2026-11-27 18:00\"、2h",
    ),
    ("When it begins; now where left out", "開始（省略時は今）"),
    ("Who agreed to it", "同意した人"),
    ("Why", "理由"),
    ("How often it may be used", "使える回数"),
    (
        "What it stands in for, such as confirm,call; all that can be where left out",
        "代わりになる手順（confirm,call など。省略時は可能なすべて）",
    ),
    (
        "In the team's store: on every host; as a role of kanmon_approver that is called as you are",
        "チーム共有ストアに置き、全ホストで有効にする（自分と同じ名前で kanmon_approver のロールで）",
    ),
    // approve
    (
        "The request, as the asker's screen or the list names it",
        "依頼の ID（依頼者の画面や一覧の表示どおり）",
    ),
    (
        "Stay, and show each request as it comes; at a terminal, look and answer at once",
        "終了せず、届いた依頼を順に表示する（端末ではその場で確認して回答）",
    ),
    (
        "Say no instead, and why: the asker sees it at once, and the line does not run",
        "承認せず、理由を伝える（依頼者にすぐ表示され、コマンドは実行されない）",
    ),
    (
        "Take your yes back, as long as it is not used",
        "自分の承認を取り消す（使われる前に限る）",
    ),
    // boot-check
    (
        "Rules, besides the built-in ones, whose runs start the host anew",
        "組み込みのルール以外で、ホストを再起動するルール",
    ),
    (
        "How many minutes before the host started such a run may have been cleared",
        "ホスト起動の何分前までに通過した記録を対応するものとみなすか",
    ),
    // shim
    (
        "Put the gate before these programs",
        "これらのプログラムの前に関門を置く",
    ),
    ("Names of programs", "プログラムの名前"),
    (
        "List the shims, and what each starts",
        "シムと、それぞれが起動するものを一覧する",
    ),
    (
        "Take the gate away from before these programs",
        "これらのプログラムの前から関門を外す",
    ),
    (
        "Say what is broken, and in which PATH the folder comes first",
        "壊れている点と、どの PATH で先頭にあるかを示す",
    ),
    (
        "Folder of the shims [default: /usr/local/lib/kanmon/shims for root, else kanmon/shims in $XDG_DATA_HOME]",
        "シムのフォルダ [省略時: root は /usr/local/lib/kanmon/shims、ほかは $XDG_DATA_HOME の kanmon/shims]",
    ),
    // init
    (
        "Print the hook of this shell: eval \"$(kanmonctl init bash)\"",
        "このシェルのフックを出力する: eval \"$(kanmonctl init bash)\"",
    ),
    ("bash, from 4.4", "bash 4.4 以降"),
    ("zsh 5", "zsh 5"),
    ("fish 3.6", "fish 3.6"),
    (
        "Make the host's ledger and its place for permits in /var/lib/kanmon",
        "ホストの台帳と許可の置き場所を /var/lib/kanmon に作る",
    ),
    ("The group whose members share them", "共有するグループ"),
    (
        "Write the word list of the hooks anew; they do it themselves where rules changed",
        "フックの語の一覧を書き直す（ルールが変わればフック自身が行う）",
    ),
    // sudo
    (
        "Try the plugin with a copy of sudo.conf, then put its two lines in",
        "sudo.conf の写しでプラグインを試してから、2 行を入れる",
    ),
    (
        "Say whether the plugin is in, and can be loaded",
        "プラグインが入っていて、読み込めるかを調べる",
    ),
    (
        "Take its two lines out; all else stays byte for byte",
        "プラグインの 2 行を外す（ほかは 1 バイトも変えない）",
    ),
    ("sudo's own settings", "sudo の設定ファイル"),
    ("The plugin", "プラグイン"),
    (
        "The gate that the plugin starts",
        "プラグインが起動する kanmon",
    ),
    ("The sudo with which it is tried", "試すときに使う sudo"),
    // store
    (
        "Make roles and tables; as a role that may make roles and schemas",
        "ロールと表を作る（ロールとスキーマを作れるロールで）",
    ),
    (
        "Bring tables of an older kanmon up to date",
        "古い kanmon の表を新しくする",
    ),
    (
        "Send the records of this host that wait, and say which runs are over",
        "このホストの未送信の記録を送り、終わった実行を知らせる",
    ),
    (
        "Say nothing where nothing is named or waits; for a timer",
        "設定も未送信もなければ何も表示しない（タイマー用）",
    ),
    (
        "Say that a run is over whose host will not say it any more; as the store's owner",
        "ホストがもう知らせない実行を終了扱いにする（ストアの所有者で）",
    ),
    (
        "The host, as `who` and `log --team` name it",
        "ホスト（`who` や `log --team` の表示どおり）",
    ),
    ("The run's id", "記録の ID"),
    ("Why it is known to be over", "終わったと分かる理由"),
    (
        "Say what the store is and what the own role may do there",
        "ストアの状態と、自分のロールにできることを示す",
    ),
    // notify
    (
        "Say nothing where nobody is named or all is told; for a timer",
        "設定がないか、すべて通知済みなら何も表示しない（タイマー用）",
    ),
    // completions, man
    ("The shell that is to complete", "補完するシェル"),
    ("bash", "bash"),
    ("zsh", "zsh"),
    (
        "The program whose words it completes",
        "補完の対象のプログラム",
    ),
    (
        "The program that the page is about",
        "マニュアルの対象のプログラム",
    ),
    ("The gate", "関門"),
    ("Everything beside it", "関門以外のすべて"),
];

/// English and Japanese of what a value is called; a name that says itself has no row.
pub const NAMES: &[(&str, &str)] = &[
    ("AGENT", "エージェント"),
    ("COMMAND", "コマンド"),
    ("COUNT", "件数"),
    ("DIR", "フォルダ"),
    ("FILE", "ファイル"),
    ("FILE.csv", "ファイル.csv"),
    ("FORM", "形式"),
    ("FORMAT", "形式"),
    ("HOST", "ホスト"),
    ("ID", "ID"),
    ("LINE", "行"),
    ("MINUTES", "分"),
    ("N", "数"),
    ("NAME", "名前"),
    ("PATH", "パス"),
    ("PATHS", "パス"),
    ("PATTERN", "パターン"),
    ("PROGRAM", "プログラム"),
    ("REASON", "理由"),
    ("RUN", "記録"),
    ("SHELL", "シェル"),
    ("STEPS", "手順"),
    ("TIME", "時刻"),
    ("TITLE", "題名"),
    ("URL", "URL"),
    ("WHO", "人"),
    ("WHY", "理由"),
    ("en|ja", "en|ja"),
];

/// Returns a help in this language, as far as it is known in it.
#[must_use]
pub fn of(english: &str, language: Language) -> String {
    found(ROWS, english, language)
}

/// Returns what a value is called in this language.
#[must_use]
pub fn name(english: &str, language: Language) -> String {
    found(NAMES, english, language)
}

/// Returns a row's text.
fn found(rows: &[(&str, &str)], english: &str, language: Language) -> String {
    let row = rows.iter().find(|(text, _)| *text == english);
    match (language, row) {
        (Language::Japanese, Some((_, japanese))) => (*japanese).to_owned(),
        (Language::Japanese, None) | (Language::English, _) => english.to_owned(),
    }
}

super::texts! {
    /// Head of how a command is typed.
    usage() { en: "Usage:", ja: "使い方:" }
    /// Head of the subcommands.
    commands() { en: "Commands:", ja: "コマンド:" }
    /// Head of what stands without a name.
    arguments() { en: "Arguments:", ja: "引数:" }
    /// Head of the options.
    options() { en: "Options:", ja: "オプション:" }
    /// Stands in a usage for any option.
    any_option() { en: "[OPTIONS]", ja: "[オプション]" }
    /// What counts where nothing is given.
    default(value) { en: "[default: {value}]", ja: "[省略時: {value}]" }
    /// Head of the values that there are.
    possible() { en: "Possible values:", ja: "指定できる値:" }
    /// Before what is wrong.
    error() { en: "error:", ja: "エラー:" }
    /// Before what may have been meant.
    tip() { en: "tip:", ja: "ヒント:" }
    /// Where all is told.
    more() { en: "For more information, try '--help'.", ja: "くわしくは '--help' を付けて実行してください。" }
    /// An argument twice.
    twice(arg) { en: "the argument '{arg}' cannot be used multiple times", ja: "'{arg}' は 1 回しか指定できません" }
    /// Two that exclude each other.
    not_together(arg, other) { en: "the argument '{arg}' cannot be used with {other}", ja: "'{arg}' は {other} と同時に指定できません" }
    /// Something else that was typed, which is not known more exactly.
    other_arguments() { en: "other arguments", ja: "ほかの引数" }
    /// An option without its value.
    no_value(arg) { en: "a value is required for '{arg}' but none was supplied", ja: "'{arg}' には値が必要です" }
    /// A value that is none.
    bad_value(value, arg) { en: "invalid value '{value}' for '{arg}'", ja: "'{arg}' に '{value}' は指定できません" }
    /// A value that is none, and what the parser says of it.
    bad_value_because(value, arg, why) { en: "invalid value '{value}' for '{arg}': {why}", ja: "'{arg}' に '{value}' は指定できません（{why}）" }
    /// The values that there are.
    values(values) { en: "[possible values: {values}]", ja: "[指定できる値: {values}]" }
    /// A value given to an option that takes none.
    needless_value(value, arg) { en: "unexpected value '{value}' for '{arg}' found", ja: "'{arg}' は値を取りません（'{value}'）" }
    /// No such subcommand.
    no_subcommand(name) { en: "unrecognized subcommand '{name}'", ja: "'{name}' というサブコマンドはありません" }
    /// A subcommand is needed.
    subcommand_needed(name) { en: "'{name}' requires a subcommand", ja: "'{name}' にはサブコマンドが必要です" }
    /// The subcommands that there are.
    subcommands(names) { en: "[subcommands: {names}]", ja: "[サブコマンド: {names}]" }
    /// What has to be given.
    missing() { en: "the following required arguments were not provided:", ja: "次の引数が必要です:" }
    /// No such option, or one word too many.
    unexpected(arg) { en: "unexpected argument '{arg}' found", ja: "'{arg}' という引数はありません" }
    /// Bytes that are no text.
    not_utf8() { en: "an argument is not UTF-8 text", ja: "UTF-8 ではない引数があります" }
    /// Anything else.
    other(what) { en: "{what}", ja: "引数を読み取れません（{what}）" }
    /// A name that is like it.
    similar(name) { en: "a similar one exists: '{name}'", ja: "'{name}' のことですか？" }
    /// Whether the verbatim word was meant.
    as_a_value(word) { en: "to pass '{word}' as a value, use '-- {word}'", ja: "'{word}' を値として渡すには '-- {word}' と書きます" }
}
