//! The labels and sentences of `kanmonctl doctor`.
//!
//! A label stands in a column of its own, ten columns wide; what is to be mended stands in the row
//! below, after an arrow.

super::texts! {
    /// State: nothing to do.
    well() { en: "ok", ja: "正常" }
    /// State: something is to be mended.
    mend() { en: "MEND", ja: "要対応" }
    /// State: it is not there, and need not be.
    none() { en: "none", ja: "なし" }

    /// Label: the rules in the program.
    built_in() { en: "built-in", ja: "内蔵" }
    /// Label: the team's files.
    system() { en: "system", ja: "システム" }
    /// Label: the user's files.
    user() { en: "user", ja: "ユーザー" }
    /// Label: a project's files.
    project() { en: "project", ja: "プロジェクト" }
    /// Label: the compiled set.
    compiled() { en: "compiled", ja: "コンパイル" }
    /// Label: the ledger.
    ledger() { en: "ledger", ja: "台帳" }
    /// Label: the host's place.
    host() { en: "host", ja: "共有" }
    /// Label: the team's store.
    team() { en: "store", ja: "チーム" }
    /// The team's store answers.
    store_answers(store, role) {
        en: "{store} answers, as role {role}",
        ja: "{store} は応答しています（ロール {role}）",
    }
    /// The store may lose what it said it wrote.
    store_forgets(store) {
        en: "{store} may lose what it was told when its server loses power",
        ja: "{store} はサーバーの電源断で書き込みを失うことがあります",
    }
    /// Mend: what makes it durable.
    mend_store() {
        en: "set `fsync = on` and `synchronous_commit = on` there",
        ja: "サーバーで `fsync = on` と `synchronous_commit = on` にしてください",
    }
    /// Mend: what becomes of lines meanwhile, and where to look.
    mend_store_away() {
        en: "rules with `on_store_down = \"hold\"`, and all with `approve`, are held until it answers; docs/store.md says what it takes",
        ja: "`on_store_down = \"hold\"` のルールと `approve` のあるルールは、応答するまで保留されます（docs/store.md を参照）",
    }
    /// Label: permits and approvals.
    given() { en: "permits", ja: "許可" }
    /// Label: syslog.
    syslog() { en: "syslog", ja: "syslog" }

    /// How many rules are built in.
    rules(n) { en: "{n} rules", ja: "ルール {n} 件" }
    /// The rules cannot be put together.
    no_rules(why) {
        en: "the rules cannot be put together: {why}",
        ja: "ルールを組み立てられません: {why}",
    }
    /// Mend: install anew.
    install_anew() { en: "install kanmon anew", ja: "kanmon をインストールし直してください" }
    /// A folder and how many files count in it.
    files(folder, n) { en: "{folder} (files: {n})", ja: "{folder}（ファイル {n} 件）" }
    /// A folder that is not there.
    no_folder(folder) { en: "{folder} is not there", ja: "{folder} はありません" }
    /// A folder whose files count for nothing, because of what the rows below it say.
    not_counting(folder, n) {
        en: "{folder} (files: {n}) does not count",
        ja: "{folder}（ファイル {n} 件）は効いていません",
    }
    /// Mend: look at the mistakes.
    lint() {
        en: "`kanmonctl rules lint` shows every mistake",
        ja: "すべての誤りは `kanmonctl rules lint` で確認できます",
    }
    /// The compiled set is fresh.
    fresh() { en: "the compiled rules are current", ja: "コンパイル済みのルールは最新です" }
    /// There is nothing to compile.
    nothing_to_compile() {
        en: "only the built-in rules; nothing is to be compiled",
        ja: "内蔵ルールだけなので、コンパイルは不要です",
    }

    /// The user's own ledger.
    ledger_own(file) { en: "{file}, your own", ja: "{file}（本人用）" }
    /// The host's ledger.
    ledger_host(file) { en: "{file}, of this host", ja: "{file}（ホスト共有）" }
    /// The ledger is not there yet.
    ledger_later(file) {
        en: "{file}; the first held command makes it",
        ja: "{file}（最初に止めたコマンドの実行時に作ります）",
    }
    /// The ledger cannot be made.
    ledger_never(file, folder) {
        en: "{file} cannot be made: {folder} cannot be written",
        ja: "{file} を作れません: {folder} に書き込めません",
    }
    /// Mend: what is held until then.
    ledger_mend() {
        en: "held commands do not run until it can be written",
        ja: "書き込めるようになるまで、止めたコマンドは実行できません",
    }

    /// There is no host ledger.
    no_host() {
        en: "no shared ledger and no permits; root makes them with `kanmonctl init --host`",
        ja: "共有の台帳と許可はありません。root が `kanmonctl init --host` で作れます",
    }
    /// The host's ledger is shared with this user.
    member() { en: "you are of its group", ja: "グループに入っています" }
    /// The host's ledger is not this user's.
    not_member() {
        en: "you are not of its group, so only your own runs are known",
        ja: "グループに入っていないため、本人の記録しか見えません",
    }
    /// Mend: join the group.
    join(folder) {
        en: "root puts you into the group of {folder} with `usermod -aG`",
        ja: "root が `usermod -aG` で {folder} のグループに追加してください",
    }
    /// How many permits count.
    permits(n) { en: "{n} files", ja: "{n} 件" }
    /// Mend: put the host's place right.
    init_again() {
        en: "root puts it right with `kanmonctl init --host`",
        ja: "root が `kanmonctl init --host` で直してください",
    }
    /// Mend: take a file away.
    take_away() {
        en: "`kanmonctl permit list` names them; their owner takes them away",
        ja: "`kanmonctl permit list` で確認し、所有者が削除してください",
    }

    /// Syslog answers.
    syslog_answers() {
        en: "/dev/log takes the heads of the ledger",
        ja: "/dev/log に台帳の先頭ハッシュを送れます",
    }
    /// There is no syslog.
    no_syslog() {
        en: "/dev/log is not there; that the ledger's end was cut off would not show",
        ja: "/dev/log がありません。台帳の末尾が切り取られても分かりません",
    }
    /// Syslog is there and does not answer.
    syslog_dead(why) { en: "/dev/log does not answer: {why}", ja: "/dev/log が応答しません: {why}" }
    /// Mend: start it.
    start_syslog() {
        en: "start the syslog service of this host",
        ja: "このホストの syslog サービスを起動してください",
    }

    /// The end: all is well.
    all_well() { en: "nothing is to be mended", ja: "対応が必要なものはありません" }
    /// The end: how much is to be mended.
    to_mend(n) { en: "to be mended: {n}", ja: "要対応: {n} 件" }

    /// Label: hooks of shells.
    shells() { en: "shell hooks", ja: "シェル" }
    /// Label: coding agents.
    agents() { en: "agents", ja: "エージェント" }
    /// A file puts the hook into a shell.
    hooked(file, shell) { en: "{file}: hook of {shell}", ja: "{file}: {shell} のフック" }
    /// No shell has the hook.
    no_shells() {
        en: "no hook; `eval \"$(kanmonctl init bash)\"` at the end of ~/.bashrc puts it in (zsh, fish: docs/doors.md)",
        ja: "フックはありません。~/.bashrc の末尾に `eval \"$(kanmonctl init bash)\"` と書くと入ります（zsh、fish は docs/doors.md）",
    }
    /// Mend: the hook of another shell.
    other_shell(shell) {
        en: "{shell} reads this file: write `init {shell}` there",
        ja: "このファイルは {shell} が読みます。`init {shell}` と書いてください",
    }
    /// sshd forces a command.
    forced(file, command) { en: "{file}: {command}", ja: "{file}: {command}" }
    /// A user's login shell is the gate.
    login_shell(user, shell) { en: "login shell of {user}: {shell}", ja: "{user} のログインシェル: {shell}" }
    /// ssh does not lead through the gate.
    no_ssh() {
        en: "no ForceCommand, key or login shell that leads through the gate",
        ja: "関門を通す ForceCommand、鍵、ログインシェルはありません",
    }
    /// An agent has the hook.
    agent_hooked(file) { en: "{file}: hook of Claude Code", ja: "{file}: Claude Code のフック" }
    /// No agent has the hook.
    no_agents() {
        en: "no hook; `kanmonctl hook install claude-code` puts it in",
        ja: "フックはありません。`kanmonctl hook install claude-code` で入れます",
    }
    /// Mend: an agent's settings are no JSON.
    no_json(why) {
        en: "the agent cannot read its settings ({why}): mend the file",
        ja: "エージェントが設定を読めません（{why}）。ファイルを直してください",
    }
    /// Mend: the program of a door is not there.
    no_program(program) {
        en: "`{program}` cannot be started: install it there, or write the path at which it lies",
        ja: "`{program}` を起動できません。そこに入れるか、実際のパスを書いてください",
    }
    /// Mend: others can write the file of a door.
    file_of_others(file, why) {
        en: "whoever can write {file} can take the gate away: {why}",
        ja: "{file} に書ける人は関門を外せます: {why}",
    }
    /// sudo has no plugin of kanmon.
    no_plugin() {
        en: "no plugin; `kanmonctl sudo install` puts it in",
        ja: "プラグインはありません。`kanmonctl sudo install` で入れます",
    }
    /// sudo's plugin is not as it has to be.
    plugin_broken(why) {
        en: "the plugin in /etc/sudo.conf: {why}",
        ja: "/etc/sudo.conf のプラグイン: {why}",
    }
    /// Mend: put it in anew, or take it out.
    mend_plugin() {
        en: "mend that and run `kanmonctl sudo check`, or take the plugin out: `kanmonctl sudo remove`",
        ja: "修正して `kanmonctl sudo check` を実行するか、`kanmonctl sudo remove` で外してください",
    }
}
