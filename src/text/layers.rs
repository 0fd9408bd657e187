//! What is said of rule files: which cannot be used, what counts in their place, what to do.

super::texts! {
    /// Title of the rule that stands for a file that cannot be used.
    title_of_broken(file) {
        en: "Run what the broken rule file {file} may guard",
        ja: "壊れたルールファイル {file} が守っていたかもしれない操作",
    }
    /// The question of that rule.
    ask_in_spite_of(file) {
        en: "The rules of {file} do not count until it is mended. Run the command all the same?",
        ja: "{file} を直すまで、そのルールは効きません。それでも実行しますか?",
    }
    /// Title of the rule that stands for a folder that cannot be read.
    title_of_unread(folder) {
        en: "Run a command while the rules in {folder} cannot be read",
        ja: "{folder} のルールを読めないままの実行",
    }
    /// The question of that rule.
    ask_without(folder) {
        en: "No rule of {folder} counts. Run the command all the same?",
        ja: "{folder} のルールは一つも効いていません。それでも実行しますか?",
    }
    /// How many mistakes are not shown.
    more_mistakes(n) {
        en: "… and {n} more: `kanmonctl rules lint` shows all",
        ja: "… ほか {n} 件。すべては `kanmonctl rules lint` で確認できます",
    }
    /// A file's last good version counts.
    replaced(file, why) {
        en: "rule file {file} cannot be used ({why}); its last good version counts",
        ja: "ルールファイル {file} は使えません（{why}）。最後の正しい版が効いています",
    }
    /// A file counts for nothing.
    out(file, why) {
        en: "rule file {file} cannot be used ({why}); every program that it names is held",
        ja: "ルールファイル {file} は使えません（{why}）。そこに名前のあるプログラムはすべて止めます",
    }
    /// The rules are not compiled.
    not_compiled(file) {
        en: "the rules are not compiled, so every start reads them anew; run `kanmonctl rules compile` ({file})",
        ja: "ルールがコンパイルされておらず、起動のたびに読み直しています。`kanmonctl rules compile` を実行してください（{file}）",
    }
    /// The compiled rules are not used.
    compiled_not_used(file, why) {
        en: "the compiled rules {file} are not used ({why}); run `kanmonctl rules compile`",
        ja: "コンパイル済みのルール {file} は使っていません（{why}）。`kanmonctl rules compile` を実行してください",
    }
    /// Why: a file was changed.
    changed(file) { en: "{file} was changed", ja: "{file} が変更されています" }
    /// Why: a file had just been changed.
    recent() { en: "a file had just been changed", ja: "直前に変更されたファイルがありました" }
    /// Why: another version of the program.
    other_version() { en: "another version of kanmon made them", ja: "別の版の kanmon が作りました" }
    /// Why: damaged.
    damaged() { en: "they are damaged", ja: "壊れています" }
    /// The user's folder is somebody else's.
    foreign(folder, owner) {
        en: "the rules in {folder} do not count here: the folder belongs to user {owner}",
        ja: "{folder} はユーザー {owner} のものなので、そのルールはここでは効きません",
    }
    /// A project folder was never trusted.
    project_untrusted(folder) {
        en: "the rules in {folder} do not count: nobody trusted them; read them, then run `kanmonctl trust`",
        ja: "{folder} のルールは信頼されていないため効きません。内容を読んでから `kanmonctl trust` を実行してください",
    }
    /// A project folder was trusted with another content.
    project_changed(folder) {
        en: "the rules in {folder} do not count: they were changed since you trusted them; read them, then run `kanmonctl trust`",
        ja: "{folder} のルールは、信頼した後に変更されたため効きません。内容を読んでから `kanmonctl trust` を実行してください",
    }
}
