//! What the gate's own options and a command that does not start say.

super::texts! {
    /// The program is not on the search path. Two lines: what happened, what to do.
    not_found(program) {
        en: "kanmon: `{program}` not found\n  check the spelling, or PATH; nothing has run\n",
        ja: "kanmon: `{program}` が見つかりません\n  綴りか PATH を確かめてください。何も実行されていません\n",
    }
    /// There is no file at the path that was typed.
    no_such_file(program) {
        en: "kanmon: no file `{program}`\n  check the path, and the interpreter that its first line names; nothing has run\n",
        ja: "kanmon: ファイル `{program}` がありません\n  パスと、先頭行が指すインタプリタを確かめてください。何も実行されていません\n",
    }
    /// The system refuses to execute the program.
    not_executable(program, cause) {
        en: "kanmon: cannot execute `{program}`: {cause}\n  check its permissions and its kind of file; nothing has run\n",
        ja: "kanmon: `{program}` を実行できません: {cause}\n  権限とファイルの種類を確かめてください。何も実行されていません\n",
    }
    /// There is no process or memory to start the command with.
    no_process(cause) {
        en: "kanmon: cannot start a process: {cause}\n  free processes or memory and run the line again; nothing has run\n",
        ja: "kanmon: プロセスを起動できません: {cause}\n  プロセスやメモリを空けてから、もう一度実行してください。何も実行されていません\n",
    }
    /// An option that kanmon does not have.
    unknown_option(option) {
        en: "kanmon: unknown option `{option}`\n  kanmon's own options come before the command; `kanmon --help` lists them\n  to run a command of that name: kanmon -- {option}\n",
        ja: "kanmon: 不明なオプション `{option}`\n  kanmon のオプションはコマンドの前に置きます。一覧は `kanmon --help`\n  その名前のコマンドを実行するには: kanmon -- {option}\n",
    }
    /// An option without the value that it needs.
    missing_value(option, value) {
        en: "kanmon: `{option}` needs {value}\n  for example: {option} {value}\n",
        ja: "kanmon: `{option}` には {value} が必要です\n  例: {option} {value}\n",
    }
    /// A value given to an option that takes none.
    needless_value(option) {
        en: "kanmon: `{option}` takes no value\n  leave out what follows the `=`\n",
        ja: "kanmon: `{option}` は値を取りません\n  `=` から後ろを取ってください\n",
    }
    /// A language that kanmon does not speak.
    unknown_language(tag) {
        en: "kanmon: unknown language `{tag}`\n  choose `en` or `ja`\n",
        ja: "kanmon: 不明な言語 `{tag}`\n  `en` か `ja` を選んでください\n",
    }
    /// One option says run nothing, the other run all.
    drill_and_break_glass() {
        en: "kanmon: `--drill` and `--break-glass` exclude each other; nothing was run\n  leave one of them out\n",
        ja: "kanmon: `--drill` と `--break-glass` は同時に使えません。何も実行していません\n  どちらかを取ってください\n",
    }
    /// The caller's rights are not those of the process.
    privileged() {
        en: "kanmon: started with more rights than its caller has (setuid, setgid or file capabilities)\n  its environment cannot be trusted then; take those rights from the file\n",
        ja: "kanmon: 呼び出し元より強い権限で起動されました (setuid、setgid、ファイルケーパビリティ)\n  この場合は環境変数を信用できません。ファイルからその権限を外してください\n",
    }
    /// A defect of the program.
    broken() {
        en: "kanmon: the gate itself failed; the command was not started by it\n  please report this with the line that you typed\n",
        ja: "kanmon: kanmon 自体が失敗しました。コマンドは起動していません\n  入力した行を添えて報告してください\n",
    }
    /// `kanmon --help`.
    help() {
        en: "kanmon: a pre-flight safety gate for production commands\n\n\
Usage: kanmon [OPTIONS] [--] COMMAND [ARG…]\n\
       kanmon [OPTIONS] -c LINE [NAME [ARG…]]\n\n\
Runs COMMAND, or LINE in `sh -c`. What no rule names runs at once and untouched; what a\n\
rule names runs after its steps have passed.\n\n\
Options, before the command:\n\
      --drill               go through every step, run nothing\n\
      --break-glass REASON  go past the gate; the reason is recorded\n\
      --plain               no frames and no redrawing, for screen readers\n\
      --lang en|ja          language of the gate\n\
  -c LINE                   a shell line; NAME and ARG are its $0, $1, …\n\
  -h, --help                this text\n\
  -V, --version             the version\n\n\
Exit status: the command's own; 124 not cleared; 125 the gate failed; 126 not executable;\n\
127 not found. Everything else: kanmonctl --help\n",
        ja: "kanmon (関門): 本番コマンドの前に立つ安全確認の門\n\n\
使い方: kanmon [オプション] [--] コマンド [引数…]\n\
        kanmon [オプション] -c 行 [名前 [引数…]]\n\n\
コマンド、または `sh -c` で行を実行します。どの規則も名指ししないものは、そのまますぐに\n\
実行します。規則が名指しするものは、手順をすべて通過してから実行します。\n\n\
オプション (コマンドの前に置く):\n\
      --drill               訓練: すべての手順を通り、何も実行しない\n\
      --break-glass 理由    門を破って進む。理由は記録される\n\
      --plain               枠も書き直しもなし (読み上げ用)\n\
      --lang en|ja          門の言語\n\
  -c 行                     シェルの行。名前と引数は行の中の $0、$1、…\n\
  -h, --help                この説明\n\
  -V, --version             版\n\n\
終了状態: コマンドのもの。124 通過できず、125 kanmon の失敗、126 実行不可、127 見つからない。\n\
ほかのすべて: kanmonctl --help\n",
    }
}
