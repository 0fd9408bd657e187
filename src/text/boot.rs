//! The sentences of `kanmonctl boot-check`.

super::texts! {
    /// The ledger knows no earlier start of the host.
    first(started) {
        en: "the host started at {started}; the ledger knows no earlier start, so nothing is compared",
        ja: "ホスト起動 {started}。台帳にそれより前の起動の記録がなく、比較できません",
    }
    /// A run stands behind the start.
    by_run(started, run) {
        en: "the host started at {started}, by run {run}",
        ja: "ホスト起動 {started}、記録 {run} による再起動",
    }
    /// No run stands behind the start.
    no_run(started) {
        en: "restart without a run: the host started at {started}, and nobody was cleared to restart it",
        ja: "記録のない再起動: ホスト起動 {started}。再起動を許された記録がありません",
    }
    /// No run stands behind the start; the last one that could was too far away.
    no_run_but(started, run) {
        en: "restart without a run: the host started at {started}; the last run that was cleared to restart it, {run}, was not near",
        ja: "記録のない再起動: ホスト起動 {started}。最後に再起動を許された記録 {run} とは時刻が離れています",
    }
    /// Outcome of a record of a start: by a run.
    outcome_by(run) { en: "host started, by run {run}", ja: "ホスト起動（記録 {run}）" }
    /// Outcome of a record of a start: without one.
    outcome_no_run() { en: "RESTART WITHOUT A RUN", ja: "記録のない再起動" }
    /// Outcome of a record of a start: nothing to compare.
    outcome_first() { en: "host started", ja: "ホスト起動" }
    /// The kernel tells no start from another.
    no_boot_id() { en: "this host does not tell its starts apart", ja: "このホストでは起動ごとの区別ができません" }
    /// What to do then.
    mend_boot_id() { en: "/proc/sys/kernel/random/boot_id has to be readable.", ja: "/proc/sys/kernel/random/boot_id を読めるようにしてください。" }
    /// Where the ledger is looked for.
    doctor_says() { en: "`kanmonctl doctor` says where the ledger lies.", ja: "台帳の場所は `kanmonctl doctor` で確認できます。" }
}
