//! The sentences of `kanmonctl permit`.

super::texts! {
    /// Nobody gives permits with the rights of another.
    raised_rights() { en: "kanmonctl was started with raised rights", ja: "kanmonctl が強い権限で起動されました" }
    /// What to do then.
    take_rights_away() {
        en: "Take set-user-ID and file capabilities away from it; no permit was given.",
        ja: "set-user-ID とファイルケーパビリティを外してください。許可は発行していません。",
    }
    /// Its end is not after its beginning.
    ends_before() { en: "the permit would end before it begins", ja: "許可の終了が開始より前です" }
    /// What to do then.
    give_later_end() { en: "Give a later time with --until.", ja: "--until にもっと後の時刻を指定してください。" }
    /// A text that has to be there is empty.
    is_empty(name) { en: "{name} is empty", ja: "{name} が空です" }
    /// What to do then.
    write_it() { en: "Write it out: it is shown to whoever uses the permit, and recorded.", ja: "内容を書いてください。許可を使う人に表示され、記録にも残ります。" }
    /// No such permit, or more than one.
    not_one(id) { en: "there is no one permit `{id}`", ja: "`{id}` に当てはまる許可が 1 つに決まりません" }
    /// What to do then.
    list_names(command) { en: "`{command}` names them all.", ja: "`{command}` で一覧できます。" }
    /// It is another's.
    only_giver(giver) { en: "only {giver} and root can take it back", ja: "取り消せるのは {giver} と root だけです" }
    /// It is another's, in the team's store.
    only_giver_of_team(giver) { en: "only {giver} and the store's owner can take it back", ja: "取り消せるのは {giver} とストアの所有者だけです" }
    /// What to do then.
    ask_giver() { en: "Ask them; the permit is as it was.", ja: "その人に頼んでください。許可は変更していません。" }
    /// No step of this name.
    no_step(name) { en: "no permit stands in for `{name}`", ja: "許可は `{name}` の代わりになりません" }
    /// What to do then.
    name_some(names) { en: "Name some of {names}.", ja: "{names} から指定してください。" }
    /// A time that is none.
    no_time(text) { en: "`{text}` is no time", ja: "`{text}` は時刻として読めません" }
    /// How times are written.
    write_time() {
        en: "Write 18:00, \"2026-11-27 18:00\", 2026-11-27T18:00:00+09:00 or 2h.",
        ja: "18:00、\"2026-11-27 18:00\"、2026-11-27T18:00:00+09:00、2h のように書きます。",
    }
    /// The place is not there or cannot be used.
    make_place() {
        en: "This host's place for them is made by `kanmonctl init --host`; members of its group can give permits. `--team` goes to the team's store.",
        ja: "このホストの置き場所は `kanmonctl init --host` で作ります。そのグループの人が許可を出せます。チーム共有ストアは `--team` で使います。",
    }
    /// It was given.
    given(id, end) { en: "permit {id} until {end}", ja: "許可 {id} を発行しました（{end} まで）" }
    /// It was taken back.
    revoked(id) { en: "permit {id} revoked", ja: "許可 {id} を取り消しました" }
    /// There is none.
    none() { en: "no permits", ja: "許可はありません" }
    /// State: it begins later.
    not_yet() { en: "not yet", ja: "開始前" }
    /// State: its time is over.
    over() { en: "over", ja: "期限切れ" }
    /// State: it has no use left.
    used_up() { en: "used up", ja: "使用済み" }
    /// State: it can be used.
    open() { en: "open", ja: "有効" }
    /// It may be used any number of times.
    any_number() { en: "any number", ja: "回数制限なし" }
    /// How often it was used, of how often it may be.
    used(uses, count) { en: "used {uses}/{count}", ja: "使用 {uses}/{count} 回" }
    /// It stands in for all steps that a permit can.
    all_steps() { en: "all steps", ja: "全手順" }
    /// Whoever is not its giver.
    anybody_else() { en: "anybody else", ja: "本人以外の全員" }
    /// A permit: what it permits, and to whom.
    scope(until, rules, targets, users) {
        en: "until {until}  {rules} at {targets} for {users}",
        ja: "{until} まで  {rules}（対象 {targets}、使う人 {users}）",
    }
    /// Who gave it, who agreed, and why.
    by(giver, by, reason) { en: "given by {giver}, by {by}: {reason}", ja: "発行 {giver}、同意 {by}: {reason}" }
}
