//! The sentences of `kanmonctl rules` and `kanmonctl trust`.

super::texts! {
    /// Rules that are part of the program cannot be read.
    built_in_broken(why) { en: "the built-in rules cannot be read: {why}", ja: "組み込みのルールを読めません: {why}" }
    /// The rules' packs cannot be read.
    packs_broken(why) { en: "the packs cannot be read: {why}", ja: "ルールのパックを読めません: {why}" }
    /// What to do then.
    install_anew() { en: "Install kanmon anew.", ja: "kanmon をインストールし直してください。" }
    /// A language that is not spoken.
    no_language() { en: "there is no such language", ja: "その言語には対応していません" }
    /// What to do then.
    use_language() { en: "Use --lang en or --lang ja.", ja: "--lang en か --lang ja を指定してください。" }
    /// No rule has this id.
    no_rule(id) { en: "there is no rule `{id}`", ja: "`{id}` というルールはありません" }
    /// It is the id of a pack.
    is_pack(id) { en: "`{id}` is a pack; `kanmonctl rules list` names its rules.", ja: "`{id}` はパックです。そのルールは `kanmonctl rules list` で一覧できます。" }
    /// A rule's id that is like it.
    did_you_mean(id) { en: "Did you mean `{id}`?", ja: "`{id}` のことですか？" }
    /// Where all are.
    list_names() { en: "`kanmonctl rules list` names them all.", ja: "すべて `kanmonctl rules list` で一覧できます。" }
    /// What becomes of a line where the store does not answer: it is held.
    on_down_hold() { en: "hold", ja: "保留する" }
    /// The same: it goes on with what this host knows.
    on_down_local() { en: "local", ja: "このホストの記録だけで続ける" }

    /// Files were compiled: into what, of how many rules and files.
    compiled(file, rules, files) { en: "{file}: {rules}, {files}", ja: "{file}: {rules}、{files}" }
    /// One rule.
    one_rule() { en: "1 rule", ja: "ルール 1 件" }
    /// Rules.
    n_rules(n) { en: "{n} rules", ja: "ルール {n} 件" }
    /// One file.
    one_file() { en: "1 file", ja: "ファイル 1 件" }
    /// Files.
    n_files(n) { en: "{n} files", ja: "ファイル {n} 件" }
    /// One mistake.
    one_mistake() { en: "1 mistake", ja: "誤り 1 件" }
    /// Mistakes.
    n_mistakes(n) { en: "{n} mistakes", ja: "誤り {n} 件" }
    /// One lint.
    one_lint() { en: "1 lint", ja: "改善点 1 件" }
    /// Lints.
    n_lints(n) { en: "{n} lints", ja: "改善点 {n} 件" }
    /// One test line.
    one_line() { en: "1 line", ja: "1 行" }
    /// Test lines.
    n_lines(n) { en: "{n} lines", ja: "{n} 行" }
    /// One case.
    one_case() { en: "1 case", ja: "事例 1 件" }
    /// Cases.
    n_cases(n) { en: "{n} cases", ja: "事例 {n} 件" }
    /// The compiled set does not count yet.
    ahead_of_clock() {
        en: "A file has a time that lies ahead of the clock, so this set does not count; set the clock right and compile again.",
        ja: "時計より先の日時のファイルがあるため、この結果は使われません。時計を合わせて、もう一度コンパイルしてください。",
    }
    /// One file cannot be used.
    one_broken() { en: "1 file cannot be used; see above", ja: "使えないファイルが 1 件あります（上を参照）" }
    /// Files cannot be used.
    n_broken(n) { en: "{n} files cannot be used; see above", ja: "使えないファイルが {n} 件あります（上を参照）" }
    /// The system's folder is not there.
    make_folder(folder) {
        en: "Make {folder} and {folder}/rules.d as root (mode 0755) and put rule files there.",
        ja: "root で {folder} と {folder}/rules.d を作り（モード 0755）、ルールファイルを置いてください。",
    }
    /// Who writes the system's set.
    root_writes() { en: "The system's set is written by root.", ja: "システムのルールは root がコンパイルします。" }

    /// How many mistakes there are, and where.
    mistakes_in_files(count) { en: "{count} in rule files", ja: "ルールファイルに{count}" }
    /// A folder without rule files.
    no_file(folder) { en: "{folder}: there is no rule file in it", ja: "{folder}: ルールファイルがありません" }
    /// A file and what is wrong with it.
    of_file(file, why) { en: "{file}: {why}", ja: "{file}: {why}" }
    /// Where to look.
    look_at_path() { en: "Look at the path as it was typed.", ja: "入力したパスを確認してください。" }
    /// What was found, in a row: files, mistakes, lints.
    found(files, mistakes, lints) { en: "{files}: {mistakes}, {lints}", ja: "{files}: {mistakes}、{lints}" }

    /// How a difference is marked.
    marks() { en: "(-) expected  (+) found", ja: "(-) 期待  (+) 実際" }
    /// What was tried, and how many failed.
    tried(lines, cases, failed) { en: "{lines} and {cases} tried, {failed} failed", ja: "{lines}、{cases}を試し、失敗 {failed} 件" }
    /// Heading: a rule that is not tested as a whole.
    untested() { en: "untested", ja: "未試験" }
    /// Headings: lines that hold, lines that pass, steps that are expected; 6, 6 and no columns.
    untested_columns() { en: "hold  pass  steps expected", ja: "保留  通過  期待した手順" }
    /// It has such a line; 4 columns.
    yes() { en: "yes ", ja: "あり" }
    /// It has none; 4 columns.
    no() { en: "no  ", ja: "なし" }
    /// Of how many steps how many are expected.
    of_steps(expected, all) { en: "{expected} of {all}", ja: "{all} 中 {expected}" }
    /// A step that no case expects.
    never(step) { en: "never: {step}", ja: "試験なし: {step}" }
    /// What of a line differs.
    verdict() { en: "verdict", ja: "判定" }
    /// What of a line differs.
    rules() { en: "rules", ja: "ルール" }
    /// What of a line differs.
    plan() { en: "plan", ja: "手順" }

    /// A pack was made and has mistakes.
    pack_mistakes(shown) { en: "the pack has mistakes\n\n{shown}", ja: "作ったパックに誤りがあります\n\n{shown}" }
    /// How the columns of a runbook are named.
    name_columns() {
        en: "One row names the columns: 手順, 確認事項, 期待値, 確認者, or step, check, expected, checked by.",
        ja: "列の名前の行を書いてください: 手順、確認事項、期待値、確認者（または step、check、expected、checked by）",
    }
    /// How a runbook is saved.
    save_as_csv() { en: "Save it as CSV in UTF-8.", ja: "UTF-8 の CSV で保存してください。" }
    /// How commands in a runbook are written.
    write_commands() {
        en: "Write a command in a row of its own, `$ ` before it: $ postsuper -H ALL",
        ja: "コマンドは独立した行に、先頭に `$ ` を付けて書いてください: $ postsuper -H ALL",
    }
    /// The id is none, or is taken.
    other_id() { en: "Give another id with --id.", ja: "--id で別の ID を指定してください。" }

    /// A project folder counts now.
    trusted(folder, rules) { en: "trusted: {folder}, {rules}, as they are now", ja: "信頼しました: {folder}（{rules}、現在の内容）" }
    /// A project folder that does not count anyway.
    not_trusted(folder) { en: "`{folder}` is not trusted", ja: "`{folder}` は信頼されていません" }
    /// Where all are.
    trust_list() { en: "`kanmonctl trust --list` names all that are.", ja: "信頼済みのものは `kanmonctl trust --list` で一覧できます。" }
    /// No project folder is trusted.
    none_trusted() { en: "no project is trusted", ja: "信頼済みのプロジェクトはありません" }
    /// A project folder counts no longer.
    no_longer(folder) { en: "no longer trusted: {folder}", ja: "信頼を取り消しました: {folder}" }
    /// What a project folder is.
    what_is_project() {
        en: "A project's rules lie in .kanmon, in the working directory or above it; docs/layers.md says how.",
        ja: "プロジェクトのルールは、作業ディレクトリかその上の .kanmon に置きます（docs/layers.md を参照）。",
    }
}
