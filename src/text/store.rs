//! The sentences of `kanmonctl store` and `kanmonctl notify`.
//!
//! A label stands in a column of its own, nine columns wide.

super::texts! {
    /// Label: tables were made.
    made() { en: "made", ja: "作成" }
    /// Label: tables are as new as the program.
    current() { en: "current", ja: "最新" }
    /// Label: tables were brought up to date.
    migrated() { en: "migrated", ja: "更新" }
    /// A store and the version of its tables.
    tables_of(store, version) { en: "{store}: tables {version}", ja: "{store}: 表の版 {version}" }
    /// A store, and the versions of its tables before and now.
    tables_moved(store, before, now) { en: "{store}: tables {before} -> {now}", ja: "{store}: 表の版 {before} → {now}" }
    /// Label: the roles that were made.
    roles() { en: "roles", ja: "ロール" }
    /// Label: what to do now.
    next() { en: "next", ja: "次に" }
    /// No store is configured.
    not_named() { en: "no store is named", ja: "ストアが設定されていません" }
    /// What to do then.
    name_it() {
        en: "Name it in /etc/kanmon/config.toml: store = \"postgresql://…\"; for once, most of these commands take --url.",
        ja: "/etc/kanmon/config.toml に store = \"postgresql://…\" と書いてください。その場限りなら、多くのコマンドで --url を使えます。",
    }
    /// A configured address that is none.
    no_address(url, why) { en: "`{url}` names no store: {why}", ja: "`{url}` はストアのアドレスではありません: {why}" }
    /// What to do then.
    mend_address() { en: "Mend `store` in /etc/kanmon/config.toml.", ja: "/etc/kanmon/config.toml の `store` を直してください。" }
    /// How addresses of a person are written.
    give_address() {
        en: "--url names a store: postgresql://ROLE@HOST/DATABASE; what it leaves open, PG* variables and service files say.",
        ja: "--url でストアを指定します: postgresql://ロール@ホスト/データベース。書いていない部分は PG* 変数とサービスファイルに従います。",
    }
    /// Label: records were sent.
    sent() { en: "sent", ja: "送信" }
    /// One record of a ledger.
    one_record(file) { en: "1 record of {file}", ja: "{file} の記録 1 件" }
    /// Records of a ledger.
    records(count, file) { en: "{count} records of {file}", ja: "{file} の記録 {count} 件" }
    /// No reason was given.
    reason_empty() { en: "--reason is empty", ja: "--reason が空です" }
    /// What to do then.
    give_reason() { en: "Say why it is known that the run is over; it is recorded.", ja: "終わったと分かる理由を書いてください。記録に残ります。" }
    /// No such run is under way.
    no_run(run, host) { en: "no run `{run}` of `{host}` is under way", ja: "`{host}` に実行中の記録 `{run}` はありません" }
    /// What to do then.
    who_names() { en: "`kanmonctl who` names those that are.", ja: "実行中のものは `kanmonctl who` で確認できます。" }
    /// Label: a run is over.
    settled() { en: "settled", ja: "終了扱い" }
    /// A run of a host.
    run_of(run, host) { en: "{run} of {host}", ja: "{host} の {run}" }
    /// A store, and why it gave no answer.
    failed(store, why) { en: "{store}: {why}", ja: "{store}: {why}" }
    /// The role is not permitted.
    hint_rights() {
        en: "`kanmonctl store check` says what the role may. To read what all hosts recorded takes a role of kanmon_auditor, to give permits and approvals one of kanmon_approver; --url postgresql://ROLE@HOST/DATABASE names it (docs/store.md).",
        ja: "そのロールにできることは `kanmonctl store check` で確認できます。全ホストの記録を読むには kanmon_auditor、許可と承認には kanmon_approver のロールが必要です。--url postgresql://ロール@ホスト/データベース で指定します（docs/store.md）。",
    }
    /// No such role, wrong or missing password.
    hint_password() {
        en: "Name the role's password in a file with `passfile=` (a person's own: ~/.pgpass), or its certificate with `sslcert=` and `sslkey=`; nothing was changed.",
        ja: "`passfile=` でロールのパスワードのファイルを指定するか（個人のロールなら ~/.pgpass に書くか）、`sslcert=` と `sslkey=` で証明書を指定してください。何も変更していません。",
    }
    /// The server has no way in for such a connection.
    hint_way_in() {
        en: "pg_hba.conf of the server says who comes in, from where and how; `sslmode=` in the URL says whether TLS is spoken. Nothing was changed.",
        ja: "どのロールがどこからどの方法で接続できるかは、サーバーの pg_hba.conf で決まります。TLS を使うかどうかは URL の `sslmode=` で決まります。何も変更していません。",
    }
    /// The server's certificate is not the one that is wanted.
    hint_certificate() {
        en: "The server's certificate has to name the host as the URL does, by an authority that this host trusts or `sslrootcert=` names; nothing was changed.",
        ja: "サーバーの証明書には、URL と同じホスト名と、このホストが信頼する（または `sslrootcert=` で指定した）認証局の署名が必要です。何も変更していません。",
    }
    /// The store cannot be reached.
    hint_reach() {
        en: "Look whether the server runs and this host may reach it; nothing was changed.",
        ja: "サーバーが動いているか、このホストから接続できるかを確認してください。何も変更していません。",
    }
    /// Label: the store's address.
    store() { en: "store", ja: "ストア" }
    /// Label: the database server.
    server() { en: "server", ja: "サーバー" }
    /// Label: the version of the tables.
    tables() { en: "tables", ja: "表の版" }
    /// Label: one's own role.
    role() { en: "role", ja: "ロール" }
    /// Label: how the connection is encrypted.
    tls() { en: "tls", ja: "TLS" }
    /// Label: a warning.
    warning() { en: "warning", ja: "警告" }
    /// A role, and which of the store's roles it has.
    role_with(role, roles) { en: "{role} ({roles})", ja: "{role}（{roles}）" }
    /// It has none of them.
    no_role() { en: "none of the store's", ja: "ストアのロールなし" }
    /// The same, and how a host's gets one.
    grant_role(role) { en: "none of the store's; for a host: GRANT kanmon_host TO {role}", ja: "ストアのロールなし。ホスト用なら GRANT kanmon_host TO {role}" }
    /// There is none.
    none() { en: "none", ja: "なし" }
    /// The role could write records by itself.
    could_change() {
        en: "this role could change records; give hosts one of their own",
        ja: "このロールは記録を書き換えられます。ホストには専用のロールを使ってください",
    }
    /// The role reads what it need not.
    could_read() { en: "this host could read what others recorded", ja: "このホストは他のホストの記録を読めます" }
    /// The server does not write before it says so.
    not_durable() {
        en: "the server may lose what it said was written (fsync, synchronous_commit)",
        ja: "サーバーは書き込み済みと答えたものを失うことがあります（fsync、synchronous_commit）",
    }
    /// Nobody is configured who is told of runs.
    nobody_named() { en: "nobody is named who is told of runs", ja: "実行を知らせる相手が設定されていません" }
    /// What to do then.
    name_somebody() {
        en: "docs/notify.md says how [[notify]] in /etc/kanmon/config.toml is written.",
        ja: "/etc/kanmon/config.toml の [[notify]] の書き方は docs/notify.md にあります。",
    }
    /// Label: somebody was told.
    told() { en: "told", ja: "通知" }
    /// One message to somebody.
    one_message(name) { en: "1 message to {name}", ja: "{name} へ 1 件" }
    /// Messages to somebody.
    messages(count, name) { en: "{count} messages to {name}", ja: "{name} へ {count} 件" }
    /// Somebody could not be told now.
    tried(cause, times) { en: "{cause}; tried {times} times, once more later", ja: "{cause}（{times} 回失敗、後でもう一度送ります）" }
    /// Somebody could not be told before; nothing was tried now.
    waits(times, left) { en: "not told so far; tried {times} times, once more in {left}", ja: "まだ通知できていません（{times} 回失敗、{left} 後にもう一度送ります）" }
    /// Somebody will not be told.
    not_told(cause, run) { en: "{cause}; what happened to run {run} is not told", ja: "{cause}（記録 {run} の出来事は通知されません）" }
    /// Of whom a trouble is.
    of_sink(name, what) { en: "{name}: {what}", ja: "{name}: {what}" }
}
