//! What is said of the team's store: what was found in it, what runs now, what is told of a run.

super::texts! {
    /// Something is wrong in a host's chain; `what` is a sentence of its own, of one record or several.
    fault_in_chain(host, chain, what) {
        en: "{host}, chain {chain}: {what}",
        ja: "{host}、台帳 {chain}: {what}",
    }
    /// How many faults of a chain are not named one by one.
    more_faults(count) {
        en: "{count} more faults",
        ja: "ほかに異常 {count} 件",
    }
    /// A chain in which nothing is wrong as far as can be seen.
    chain_is_whole(host, chain, records, last, hash) {
        en: "{host}, chain {chain}: {records} records, each as it was written; the last: {last}, hash {hash}",
        ja: "{host}、台帳 {chain}: 記録 {records} 件、すべて書き込み時のままです。最後の記録: {last}、ハッシュ {hash}",
    }
    /// A row of another table says something else than the records.
    row_differs(table, row) {
        en: "table `{table}` differs from the records: {row}",
        ja: "表 `{table}` が記録と違います: {row}",
    }
    /// A limit of the check.
    cannot_see() {
        en: "cannot be seen here: a chain whose end or all of which the database's owner made anew, times moved by less than a minute, permits and approvals that the owner wrote; a chain would differ from the host's own ledger (`kanmonctl log verify` there) and its syslog",
        ja: "ここでは分からないこと: データベースの所有者が台帳の末尾や全体を作り直した場合、1 分未満の時刻の変更、所有者が書いた許可や承認。作り直された台帳は、そのホスト自身の台帳（ホストで `kanmonctl log verify`）や syslog と食い違います",
    }
    /// Label: by which role and chain a run came to the store.
    told_by() { en: "store", ja: "共有" }
    /// A record that is not told; the cause is the reader's.
    unread(host, chain, seq, cause) {
        en: "kanmonctl: record {seq} of {host}, chain {chain}, cannot be read and is left out: {cause}",
        ja: "kanmonctl: {host}、台帳 {chain} の記録 {seq} は読めないため省きます: {cause}",
    }
    /// What is recorded from now on is told.
    following() {
        en: "kanmonctl: what is recorded from now on; Ctrl-C ends",
        ja: "kanmonctl: これ以降の記録を表示します。Ctrl-C で終わります",
    }
    /// A rule, and where it holds.
    rule_at(rule, target) { en: "{rule} at {target}", ja: "{rule} ({target})" }
    /// Nothing is asked or runs.
    nothing_runs() { en: "nothing is asked or runs", ja: "確認中・実行中のものはありません" }
    /// How long a run has been under way.
    runs_since(time) { en: "runs for {time}", ja: "実行中 {time}" }
    /// How long a run has been asked, and who has to answer.
    asked_since(time, person) {
        en: "asked for {time}, waits for {person}",
        ja: "確認中 {time}、{person} の回答待ち",
    }
    /// How long a run has been asked, and whose yes it waits for.
    waits_since(time, whom) {
        en: "asked for {time}, waits for approval: {whom}",
        ja: "確認中 {time}、承認待ち: {whom}",
    }
    /// So many others.
    yes_of_others(count) { en: "{count} by anybody else", ja: "別の人 {count} 人" }
    /// So many of a group.
    yes_of_group(count, group) { en: "{count} of group {group}", ja: "グループ {group} から {count} 人" }
    /// The store cannot be asked; the cause is of the system or the store.
    only_this_host(cause) {
        en: "Only this host's runs are seen: {cause}",
        ja: "見えているのはこのホストの分だけです: {cause}",
    }
    /// The store cannot be asked, and the host's ledger is not the reader's; the cause is of the system or the
    /// store.
    only_your_own_because(cause) {
        en: "Only your own runs are seen: {cause}",
        ja: "見えているのは本人の分だけです: {cause}",
    }
    /// One's own ledger.
    only_your_own() {
        en: "Only your own runs are known here.",
        ja: "見えているのは本人の分だけです。",
    }
}
