//! What is said to a coding agent, and to the person who sits at it.

super::texts! {
    /// A line that a rule holds, for the person who is asked.
    held(title, rule, why) {
        en: "kanmon: {title} (rule {rule}). {why}",
        ja: "kanmon: {title}（ルール {rule}）。{why}",
    }
    /// A rule without a reason.
    held_briefly(title, rule) {
        en: "kanmon: {title} (rule {rule}).",
        ja: "kanmon: {title}（ルール {rule}）。",
    }
    /// The safer way.
    instead(way) {
        en: "Instead: {way}",
        ja: "代わりに: {way}",
    }
    /// Where a command takes effect.
    target(name) {
        en: "Target: {name}.",
        ja: "対象: {name}。",
    }
    /// The agent cannot ask: a person runs it at the gate.
    run_it_yourself() {
        en: "A person has to run this at a terminal, with `kanmon` in front of it.",
        ja: "人が端末で、先頭に `kanmon` を付けて実行してください。",
    }
    /// A line beyond a limit.
    refused(cause) {
        en: "kanmon: refused: {cause}. Put it into a script, or split it.",
        ja: "kanmon: 受け付けられません: {cause}。スクリプトにするか、分けてください。",
    }
    /// The line works on the gate itself.
    gate_itself(words) {
        en: "kanmon: `{words}` changes the gate or answers for a person. A person does that.",
        ja: "kanmon: `{words}` は関門そのものを変えるか、人に代わって答える操作です。人が行ってください。",
    }
    /// The event cannot be read.
    no_event(cause) {
        en: "kanmon: the event cannot be read: {cause}. Nothing was allowed; `kanmonctl hook --help` says what is expected.",
        ja: "kanmon: イベントを読めません: {cause}。何も許可していません。形式は `kanmonctl hook --help` にあります。",
    }
    /// The rules cannot be read.
    no_rules(cause) {
        en: "kanmon: the rules cannot be read: {cause}. Nothing was allowed; `kanmonctl doctor` says what to mend.",
        ja: "kanmon: ルールを読めません: {cause}。何も許可していません。直し方は `kanmonctl doctor` でわかります。",
    }
}
