//! What the gate says while it walks a plan.

super::texts! {
    /// The run was not cleared and the command has not run.
    not_cleared(reason) {
        en: "not cleared: {reason}; the command has not run",
        ja: "通過できません: {reason}。コマンドは実行されていません",
    }
}
