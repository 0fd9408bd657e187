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
        en: "cannot be seen here: a chain whose end or all of which the database's owner made anew; it would differ from the host's own ledger (`kanmonctl log verify` there) and its syslog",
        ja: "ここでは分からないこと: データベースの所有者が台帳の末尾や全体を作り直した場合。各ホストの台帳 (そこで `kanmonctl log verify`) や syslog と違ってきます",
    }
}
