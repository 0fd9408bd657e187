//! The sentences of `kanmonctl sudo`, and of `kanmonctl doctor` about sudo's plugin.

super::texts! {
    /// Somebody else than root.
    only_root() { en: "only root can change sudo's settings", ja: "sudo の設定を変更できるのは root だけです" }
    /// Mend: become root.
    from_a_root_shell() {
        en: "Run it from a root shell: keep one open while sudo changes.",
        ja: "root のシェルから実行してください。sudo を変更する間は root のシェルを開いたままにしてください。",
    }
    /// The plugin was there before.
    has_already(conf) {
        en: "{conf} has the plugin already; sudo works with it",
        ja: "{conf} にはプラグインがすでに入っています。sudo は正常に動きます",
    }
    /// The plugin was put in.
    put_in(conf) {
        en: "{conf}: plugin put in; sudo was tried with it",
        ja: "{conf}: プラグインを入れました。sudo の動作を確認済みです",
    }
    /// There is nothing to take out.
    has_none(conf) { en: "{conf} has no plugin of kanmon", ja: "{conf} に kanmon のプラグインはありません" }
    /// The plugin was taken out.
    taken_out(conf) { en: "{conf}: plugin taken out", ja: "{conf}: プラグインを外しました" }
    /// The plugin is not there.
    put_it_in(conf) {
        en: "{conf} has no plugin of kanmon; put it in: kanmonctl sudo install",
        ja: "{conf} に kanmon のプラグインはありません。導入: kanmonctl sudo install",
    }
    /// Another plugin or gate is named.
    others(conf, plugin, gate) {
        en: "{conf} has lines of kanmon, but not those for {plugin} and {gate}; mend: kanmonctl sudo install",
        ja: "{conf} の kanmon の行が {plugin} と {gate} のものではありません。修正: kanmonctl sudo install",
    }
    /// All is well.
    is_in(conf) {
        en: "{conf}: the plugin is in, and sudo works with it",
        ja: "{conf}: プラグインが入っており、sudo は正常に動きます",
    }
    /// A path that sudo.conf cannot hold.
    odd_path(path) { en: "sudo.conf cannot hold the path {path}", ja: "sudo.conf にパス {path} は書けません" }
    /// Mend: another path.
    plain_path() {
        en: "Give an absolute path without blanks and quotes.",
        ja: "空白と引用符のない絶対パスを指定してください。",
    }
    /// A file cannot be read.
    cannot_read(file, why) { en: "cannot read {file}: {why}", ja: "{file} を読めません: {why}" }
    /// A file cannot be written.
    cannot_write(file, why) { en: "cannot write {file}: {why}", ja: "{file} に書けません: {why}" }
    /// A file cannot be looked at.
    cannot_look(file, why) { en: "cannot look at {file}: {why}", ja: "{file} を確認できません: {why}" }
    /// The plugin or the gate is not there.
    not_there(file) { en: "{file} is not there", ja: "{file} がありません" }
    /// Mend: get it.
    install_package() {
        en: "Install the package that brings it, or build the plugin (`ci/sudo-plugin build --release`) and copy it there; docs/doors.md says how. Elsewhere: --plugin FILE, --gate FILE.",
        ja: "パッケージを入れるか、プラグインを作って (`ci/sudo-plugin build --release`) そこへ置いてください。手順は docs/doors.md にあります。別の場所なら --plugin ファイル、--gate ファイル。",
    }
    /// A link, a folder or a device.
    no_plain_file(file) { en: "{file} is no plain file", ja: "{file} は通常のファイルではありません" }
    /// Mend: name the file.
    name_the_file() { en: "Name the file itself: --conf FILE.", ja: "ファイルそのものを指定してください: --conf ファイル" }
    /// A file of somebody else's.
    not_roots(file, uid) {
        en: "{file} belongs to user {uid}, not to root",
        ja: "{file} の所有者は root ではなく、ユーザー {uid} です",
    }
    /// Mend: give it to root.
    chown(file) {
        en: "Run `chown root {file}`; sudo.conf is as it was.",
        ja: "`chown root {file}` を実行してください。sudo.conf は変更していません。",
    }
    /// A file that others write.
    writable(file, mode) {
        en: "{file} can be written by others (mode {mode})",
        ja: "{file} は他のユーザーも書き込めます（モード {mode}）",
    }
    /// Mend: take that away.
    chmod(file) {
        en: "Run `chmod go-w {file}`; sudo.conf is as it was.",
        ja: "`chmod go-w {file}` を実行してください。sudo.conf は変更していません。",
    }
    /// sudo could not be started.
    cannot_try(why) { en: "cannot try sudo: {why}", ja: "sudo を試せません: {why}" }
    /// sudo does not work with the plugin.
    does_not_work(plugin, what, said) {
        en: "sudo does not work with {plugin}: {what}\n{said}",
        ja: "{plugin} を入れると sudo が動きません: {what}\n{said}",
    }
    /// Nothing changed.
    unchanged() { en: "Nothing in sudo's settings has changed.", ja: "sudo の設定は変更していません。" }
    /// The plugin does not load.
    no_load() { en: "it does not load", ja: "読み込めません" }
    /// sudo reads other settings.
    not_read(conf) { en: "it does not read {conf}", ja: "{conf} を読んでいません" }
    /// A command that ran before fails.
    fails() { en: "`sudo -n true` fails", ja: "`sudo -n true` が失敗します" }
}
