//! The sentences of `kanmonctl shim`, and of `kanmonctl doctor` about shims.

super::texts! {
    /// There is no folder of shims.
    no_folder(folder) { en: "{folder} is not there: no shims", ja: "{folder} がなく、シムはありません" }
    /// A folder of shims.
    folder(folder, n) { en: "{folder} (shims: {n})", ja: "{folder}（シム {n} 個）" }
    /// No shims are on this host.
    none() {
        en: "no shims; `kanmonctl shim add PROGRAM` makes one",
        ja: "シムはありません。`kanmonctl shim add プログラム` で作れます",
    }
    /// Label of doctor.
    label() { en: "shims", ja: "シム" }

    /// The folder comes first in a PATH.
    first() { en: "comes first", ja: "先頭にあります" }
    /// Programs come before the folder in a PATH.
    late() { en: "comes after a program that it stands for", ja: "対象プログラムより後ろにあります" }
    /// The folder is not in a PATH.
    absent() { en: "is not in it", ja: "入っていません" }
    /// A PATH cannot be seen.
    unknown(why) { en: "cannot be seen: {why}", ja: "確認できません: {why}" }

    /// The folder cannot be read.
    unreadable(folder, why) { en: "{folder} cannot be read: {why}", ja: "{folder} を読めません: {why}" }
    /// Mend: look at the folder.
    see_the_folder() { en: "look at its mode and owner", ja: "権限と所有者を確認してください" }
    /// Others could swap what lies there.
    writable(path, why) {
        en: "{path} could be changed by others: {why}",
        ja: "{path} は他人が書き換えられます: {why}",
    }
    /// Mend: owner and mode.
    take_it_over(path) {
        en: "`chmod go-w {path}`, and `chown` it to root or yourself",
        ja: "`chmod go-w {path}` を実行し、所有者を root か本人にしてください",
    }
    /// The folder is not in PATH.
    not_in_path(folder) { en: "{folder} is not in PATH", ja: "{folder} が PATH にありません" }
    /// Another program comes before a shim.
    behind(name, other) {
        en: "`{name}` is found as {other} before its shim",
        ja: "`{name}` はシムより先に {other} が見つかります",
    }
    /// Mend: the folder first in PATH.
    put_first(folder) {
        en: "put the folder first: PATH={folder}:$PATH",
        ja: "PATH の先頭に置いてください: PATH={folder}:$PATH",
    }
    /// Something else lies in the folder.
    no_shim(name) {
        en: "`{name}` is no shim, and no shim starts it",
        ja: "`{name}` はシムではなく、シムからも起動されません",
    }
    /// Mend: move it away.
    move_it_away(folder, name) { en: "move {folder}/{name} away", ja: "{folder}/{name} を移してください" }
    /// The gate is not where the link leads.
    dangling(name, target) {
        en: "`{name}` leads nowhere, so the gate is passed by: {target} is not there",
        ja: "`{name}` のリンク先 {target} がなく、確認なしで実行されます",
    }
    /// Something else is where the link leads.
    not_the_gate(name, target) {
        en: "`{name}` leads to {target}, which is not kanmon",
        ja: "`{name}` のリンク先 {target} は kanmon ではありません",
    }
    /// Mend: link anew.
    add_again(folder, name) {
        en: "`kanmonctl shim add {name} --dir {folder}`",
        ja: "`kanmonctl shim add {name} --dir {folder}` を実行してください",
    }
    /// The gate cannot be executed.
    not_executable(name, target) {
        en: "`{name}` leads to {target}, which you may not execute, so the gate is passed by",
        ja: "`{name}` のリンク先 {target} に実行権がなく、確認なしで実行されます",
    }
    /// Mend: make the gate executable.
    make_executable(target) { en: "`chmod +x {target}`", ja: "`chmod +x {target}` を実行してください" }
    /// There is no program for which a shim stands.
    no_program(name) {
        en: "behind `{name}` there is no program of this name in PATH",
        ja: "`{name}` という名前の本来のプログラムが PATH にありません",
    }
    /// Mend: remove the shim.
    remove_it(folder, name) {
        en: "install it, or `kanmonctl shim remove {name} --dir {folder}`",
        ja: "インストールするか、`kanmonctl shim remove {name} --dir {folder}` で削除してください",
    }

    /// No folder for a user's shims.
    no_home() { en: "this user has no home folder", ja: "このユーザーにはホームフォルダがありません" }
    /// What to do then.
    name_folder() { en: "Name a folder with `--dir`.", ja: "`--dir` でフォルダを指定してください。" }
    /// Something else has the name of a shim.
    no_link(path) { en: "`{path}` is there and is no link", ja: "`{path}` がすでにあり、リンクではありません" }
    /// What to do then.
    move_away() {
        en: "Move it away: nothing but shims belongs into this folder.",
        ja: "別の場所へ移してください。このフォルダにはシムだけを置きます。",
    }
    /// No such shim.
    no_such_shim(path) { en: "there is no shim `{path}`", ja: "シム `{path}` はありません" }
    /// Where all are.
    list_names() { en: "`kanmonctl shim list` names them.", ja: "シムは `kanmonctl shim list` で一覧できます。" }
    /// A shim was taken away.
    removed(path) { en: "removed {path}", ja: "削除しました: {path}" }
    /// A name that no program in `PATH` can have.
    no_name(name) { en: "`{name}` is no program's name", ja: "`{name}` はプログラムの名前ではありません" }
    /// What to do then.
    name_in_path() {
        en: "A shim stands for a name in PATH, such as `reboot`.",
        ja: "PATH にある名前を指定してください（例: `reboot`）。",
    }
    /// A name for which there is no program.
    no_such_program(name) {
        en: "there is no program `{name}` in PATH or the folders of the system; no shim was made",
        ja: "`{name}` というプログラムは PATH にもシステムのフォルダにもありません。シムは作っていません",
    }
    /// What to do then.
    install_first() {
        en: "Look at its spelling, or install it first.",
        ja: "綴りを確認するか、先にインストールしてください。",
    }
    /// A shim of the gate.
    gate_itself(name) { en: "`{name}` is the gate itself", ja: "`{name}` は関門そのものです" }
    /// What to do then.
    another_program() {
        en: "A shim stands for another program, such as `reboot`.",
        ja: "ほかのプログラムを指定してください（例: `reboot`）。",
    }
    /// The gate is not found.
    no_gate() {
        en: "the program `kanmon` is neither beside `kanmonctl` nor in PATH",
        ja: "`kanmon` が `kanmonctl` と同じフォルダにも PATH にもありません",
    }
    /// What to do then.
    install_both() { en: "Install both into one folder.", ja: "両方を同じフォルダに置いてください。" }
    /// What to do where a folder cannot be read or written.
    other_folder() {
        en: "Name another folder with `--dir`, or run it as the folder's owner.",
        ja: "`--dir` で別のフォルダを指定するか、フォルダの所有者で実行してください。",
    }
}
