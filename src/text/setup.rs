//! The sentences of `kanmonctl init`, `hook install` and `drill`.
//!
//! A label stands in a column of its own, nine columns wide.

super::texts! {
    /// Another user than root.
    only_root() { en: "only root can make the host's place", ja: "ホスト共有の場所を作れるのは root だけです" }
    /// What to do then.
    use_sudo() { en: "Run `sudo kanmonctl init --host`.", ja: "`sudo kanmonctl init --host` を実行してください。" }
    /// No such group.
    no_group(group) { en: "there is no group `{group}`", ja: "グループ `{group}` がありません" }
    /// What to do then.
    make_group(group) {
        en: "Make it with `groupadd --system {group}`, and put operators into it with `usermod -aG {group} NAME`.",
        ja: "`groupadd --system {group}` で作り、`usermod -aG {group} 名前` で利用者を追加してください。",
    }
    /// The place went away.
    not_there() { en: "the place was made and is not there", ja: "作った場所が見つかりません" }
    /// What to do then.
    look_at_place() { en: "Look at /var/lib/kanmon, and run it again.", ja: "/var/lib/kanmon を確認し、もう一度実行してください。" }
    /// Label: the ledger.
    ledger() { en: "ledger", ja: "台帳" }
    /// Label: permits.
    permits() { en: "permits", ja: "許可" }
    /// Label: the group.
    group() { en: "group", ja: "グループ" }
    /// The hooks' word list cannot be written.
    no_list(why) { en: "no word list for shells: {why}", ja: "シェル用の語の一覧を作れません: {why}" }
    /// What that means.
    asked_always() {
        en: "Until there is one, shells ask the gate about every line.",
        ja: "できるまで、シェルはすべての行を関門に尋ねます。",
    }
    /// An agent has the hook already.
    has_hook(file) { en: "{file} has the hook already", ja: "{file} にはフックがすでに入っています" }
    /// The hook was put in.
    hook_in(file, tool) { en: "{file}: hook for {tool} put in", ja: "{file}: {tool} のフックを入れました" }
    /// An agent has no hook.
    no_hook(file) { en: "{file} has no hook of kanmon", ja: "{file} に kanmon のフックはありません" }
    /// The hook was taken out.
    hook_out(file) { en: "{file}: hook taken out", ja: "{file}: フックを外しました" }
    /// The program's path cannot stand in JSON.
    odd_path(path) { en: "the path {path} is no text", ja: "パス {path} は文字として書けません" }
    /// What to do then.
    plain_path() { en: "Install kanmonctl where its path is plain text.", ja: "文字として書けるパスに kanmonctl を置いてください。" }
    /// No folder for the settings.
    no_home() { en: "there is no home folder", ja: "ホームフォルダがありません" }
    /// What to do then.
    name_settings() { en: "Name the file: --settings FILE.", ja: "ファイルを指定してください: --settings ファイル" }
    /// A file cannot be read.
    cannot_read(file, why) { en: "cannot read {file}: {why}", ja: "{file} を読めません: {why}" }
    /// A file cannot be written.
    cannot_write(file, why) { en: "cannot write {file}: {why}", ja: "{file} に書けません: {why}" }
    /// A file that is not what it should be.
    left(file, why) { en: "{file} was left as it is: {why}", ja: "{file} は変更していません: {why}" }
    /// What to do then.
    mend_settings() { en: "Mend it, or name another: --settings FILE.", ja: "直すか、別のファイルを指定してください: --settings ファイル" }
    /// Bytes that no argument can have.
    nul() { en: "an argument contains a NUL byte", ja: "引数に NUL バイトがあります" }
}
