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
    /// sudo did not start what was cleared.
    not_by_sudo(cause) {
        en: "kanmon: sudo did not start the command: {cause}\n  what sudo itself says tells why; nothing has run\n",
        ja: "kanmon: sudo がコマンドを起動しませんでした: {cause}\n  理由は sudo 自身の表示を見てください。何も実行されていません\n",
    }
    /// An option that kanmon does not have.
    unknown_option(option) {
        en: "kanmon: unknown option `{option}`\n  kanmon's own options come before the command; `kanmon --help` lists them\n  to run a command of that name: kanmon -- {option}\n",
        ja: "kanmon: 不明なオプション `{option}`\n  kanmon のオプションはコマンドの前に置きます。一覧は `kanmon --help`\n  その名前のコマンドを実行するには: kanmon -- {option}\n",
    }
    /// An option without the value that it needs.
    missing_value(option, value) {
        en: "kanmon: `{option}` needs {value} behind it; nothing has run\n  how to write it: `kanmon --help`\n",
        ja: "kanmon: `{option}` の後に {value} が必要です。何も実行していません\n  書き方は `kanmon --help`\n",
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
    /// A command behind `--ssh`.
    ssh_with_command() {
        en: "kanmon: `--ssh` takes no command: it runs what sshd was asked for\n  put it alone into ForceCommand, or into command=\"…\" of authorized_keys\n",
        ja: "kanmon: `--ssh` の後にコマンドは書けません。sshd が受けたコマンドを実行します\n  ForceCommand か authorized_keys の command=\"…\" に、これだけを書いてください\n",
    }
    /// Something beside `--resume ID`.
    resume_with_command() {
        en: "kanmon: `--resume` takes the request's ID alone: it runs the line that was asked for\n  leave out the command, `--drill` and `--break-glass`; nothing was run\n",
        ja: "kanmon: `--resume` には依頼の ID だけを付けます。依頼したときのコマンドを実行します\n  コマンド、`--drill`、`--break-glass` を外してください。何も実行していません\n",
    }
    /// A request that cannot be gone on with.
    resume_unknown(id) {
        en: "kanmon: no request of yours on this host waits under `{id}`; it was used, is over, or was not put aside\n  type the command again; nothing was run\n",
        ja: "kanmon: このホストで保留した自分の依頼に `{id}` はありません（使用済み、期限切れ、または保留していないもの）\n  コマンドをもう一度入力してください。何も実行していません\n",
    }
    /// Somebody who was asked said no to the request.
    resume_refused(name, reason) {
        en: "kanmon: {name} said no: {reason}\n  nothing was run\n",
        ja: "kanmon: {name} が承認を断りました: {reason}\n  何も実行していません\n",
    }
    /// The no could not be recorded.
    resume_not_recorded(cause) {
        en: "  it is not in this host's record: {cause}\n",
        ja: "  このホストには記録できませんでした: {cause}\n",
    }
    /// Requests can be left only where the team has a store.
    resume_without_store() {
        en: "kanmon: no store of the team is named, so no request waits while its asker is away\n  type the command again; nothing was run\n",
        ja: "kanmon: チーム共有ストアの設定がないため、保留された依頼はありません\n  コマンドをもう一度入力してください。何も実行していません\n",
    }
    /// The request was made in another folder.
    resume_elsewhere(folder) {
        en: "kanmon: it was asked for in the folder {folder}\n  go there and type it again; nothing was run\n",
        ja: "kanmon: 依頼したときの作業ディレクトリは {folder} です\n  そこへ移動してもう一度実行してください。何も実行していません\n",
    }
    /// The store does not answer.
    resume_store_away(place, cause) {
        en: "kanmon: the team's store {place} does not answer: {cause}\n  once `kanmonctl store check` (as root) reaches it, type this again; nothing was run\n",
        ja: "kanmon: チーム共有ストア {place} が応答しません: {cause}\n  `kanmonctl store check`（root で）がつながったら、もう一度入力してください。何も実行していません\n",
    }
    /// A command behind `--sudo`.
    sudo_with_command() {
        en: "kanmon: `--sudo` takes no command: sudo's plugin starts it and tells it what to judge\n  to put the plugin in: kanmonctl sudo install\n",
        ja: "kanmon: `--sudo` の後にコマンドは書けません。sudo のプラグインが起動し、判定する内容を渡します\n  プラグインの導入: kanmonctl sudo install\n",
    }
    /// `--sudo` without sudo's plugin.
    sudo_without_plugin(cause) {
        en: "kanmon: `--sudo` is started by sudo's plugin, as root, and by nobody else: {cause}\n  to go through the gate by hand: kanmon sudo COMMAND\n",
        ja: "kanmon: `--sudo` は sudo のプラグインが root として起動するものです: {cause}\n  手で関門を通すには: kanmon sudo コマンド\n",
    }
    /// The folder in which sudo would run the command cannot be entered.
    sudo_folder(folder, cause) {
        en: "kanmon: cannot go to the folder `{folder}` to judge what sudo would run there: {cause}\n  go to another folder; nothing has run\n",
        ja: "kanmon: sudo が実行するフォルダ `{folder}` に入れないため判定できません: {cause}\n  別のフォルダで実行してください。何も実行していません\n",
    }
    /// One option says run nothing, the other run all.
    drill_and_break_glass() {
        en: "kanmon: `--drill` and `--break-glass` exclude each other; nothing was run\n  leave one of them out\n",
        ja: "kanmon: `--drill` と `--break-glass` は同時に使えません。何も実行していません\n  どちらかを取ってください\n",
    }
    /// The caller's rights are not those of the process.
    privileged() {
        en: "kanmon: started with more rights than its caller has (setuid, setgid or file capabilities)\n  its environment cannot be trusted then; take those rights from the file\n",
        ja: "kanmon: 呼び出し元より強い権限で起動されました （setuid、setgid、ファイルケーパビリティ）\n  この場合は環境変数を信用できません。ファイルからその権限を外してください\n",
    }
    /// A defect of the program.
    broken() {
        en: "kanmon: the gate itself failed; the command was not started by it\n  please report this with the line that you typed\n",
        ja: "kanmon: kanmon 自体が失敗しました。コマンドは起動していません\n  入力した行を添えて報告してください\n",
    }
    /// `kanmon --help`. The lines stand as they are printed: a `\` at a line's end would take the
    /// next line's indentation with it.
    help() {
        en: "kanmon: a pre-flight safety gate for production commands

Usage: kanmon [OPTIONS] [--] COMMAND [ARG…]
       kanmon [OPTIONS] -c LINE [NAME [ARG…]]
       kanmon [OPTIONS] --ssh

Runs COMMAND, or LINE in `sh -c`. What no rule names runs at once and
untouched; what a rule names runs after its steps have passed.

Options, before the command:
      --drill               go through every step, run nothing
      --break-glass REASON  past every step; asks for the target, is recorded
      --resume ID           go on with a line that waited for approval
      --plain               no frames, colours or redrawing, for screen readers
      --lang en|ja          the language, where it is not the locale's
  -c LINE                   a shell line; NAME and ARG are its $0, $1, …
      --ssh                 what sshd was asked for (ForceCommand)
      --sudo                what sudo's plugin tells of; it alone starts this
      --hook SHELL          a line that a shell is about to run; its hook starts
      --hook-end STATUS     this, and tells by this how the line ended
  -h, --help                this text
  -V, --version             the version

Exit status: the command's own; 124 not cleared; 125 the gate failed;
126 not executable; 127 not found. Everything else: kanmonctl --help
",
        ja: "kanmon (関門): 本番コマンドを実行する直前の安全確認

使い方: kanmon [オプション] [--] コマンド [引数…]
        kanmon [オプション] -c 行 [名前 [引数…]]
        kanmon [オプション] --ssh

コマンド、または `sh -c` で行を実行します。どのルールにも該当しないコマンドは、
そのまますぐに実行します。該当するものは、手順をすべて通過してから実行します。

オプション (コマンドの前に置く):
      --drill               訓練: すべての手順を通り、何も実行しない
      --break-glass 理由    緊急実行: 手順を飛ばす。対象の名前を入力。記録が残る
      --resume ID           承認を待って保留した行を再開する
      --plain               枠、色、書き直しなし (画面読み上げ用)
      --lang en|ja          表示言語 (省略時はロケールに従う)
  -c 行                     シェルの行。名前と引数は行の中の $0、$1、…
      --ssh                 sshd が受けたコマンド (ForceCommand 用)
      --sudo                sudo のプラグインだけが起動する
      --hook シェル         シェルのフックだけが起動する (入力行の判定)
      --hook-end 状態       同上 (その行の終了を記録)
  -h, --help                この説明
  -V, --version             バージョン

終了コード: コマンド自身のもの。124 通過できず、125 kanmon 自体の失敗、
126 実行不可、127 見つからない。ほかの機能: kanmonctl --help
",
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::help;
    use crate::text::Language;

    #[test]
    fn help_keeps_its_columns() {
        for language in [Language::English, Language::Japanese] {
            let help = help(language);
            for start in [
                "      --drill   ",
                "      --lang en|ja   ",
                "  -h, --help   ",
            ] {
                let rows = help.lines().filter(|row| row.starts_with(start)).count();
                assert_eq!(rows, 1, "{start:?} in\n{help}");
            }
            let widest = help.lines().map(|row| row.width()).max();
            assert!(widest <= Some(80), "{widest:?}");
        }
    }
}
