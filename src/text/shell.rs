//! What the hook of an interactive shell says.

super::texts! {
    /// The shell's line cannot be read.
    no_line(cause) {
        en: "kanmon: the shell's line cannot be read: {cause}\n  nothing has run; `kanmon_off` takes the hook out of this shell\n",
        ja: "kanmon: シェルの行を読めません: {cause}\n  何も実行していません。このシェルからフックを外すには `kanmon_off`\n",
    }
    /// The gate could not be asked; `%s` stands for its exit status.
    failed() {
        en: "kanmon: the gate did not judge this line (status %s); it has not run\n  `kanmonctl doctor` says what to mend; `kanmon_off` takes the hook out of this shell\n",
        ja: "kanmon: 関門がこの行を判定できませんでした（終了コード %s）。実行していません\n  直し方は `kanmonctl doctor`、このシェルからフックを外すには `kanmon_off`\n",
    }
    /// A line that did not come through the hook.
    not_judged() {
        en: "kanmon: this line did not come through the hook and has not run; type it again\n",
        ja: "kanmon: この行はフックを通っていないため実行していません。もう一度入力してください\n",
    }
    /// A declined command of several lines.
    in_history() {
        en: "kanmon: the command comes back to the prompt with all its lines; it is in the history too\n",
        ja: "kanmon: 入力した行はすべてプロンプトに戻しました。履歴にもあります\n",
    }
    /// Line editing was switched off, or would be.
    editing() {
        en: "kanmon: the hook reads lines where line editing is on (`set -o emacs` or `set -o vi`); without it nothing is judged\n  to go on without the hook: `kanmon_off`\n",
        ja: "kanmon: フックは行編集（`set -o emacs` か `set -o vi`）で行を読みます。無効のままでは判定できません\n  フックなしで続けるには `kanmon_off`\n",
    }
    /// The line's command was stopped, so what was to be shown at its end is not.
    stopped() {
        en: "kanmon: the line was stopped: what its rules show at the end is not shown, and that end is not recorded",
        ja: "kanmon: 行が停止されました。ルールが終了後に示すものは示さず、その後の終了も記録しません",
    }
    /// The hook was taken out; `install` puts it back.
    off(install) {
        en: "kanmon: the hook is out of this shell; to put it back: {install}\n",
        ja: "kanmon: このシェルからフックを外しました。戻すには: {install}\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn a_status_is_called_in_japanese_as_everywhere() {
        assert!(failed(Language::Japanese).contains("（終了コード %s）"));
    }
}
