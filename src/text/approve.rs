//! What an approver is told who answers at the team's store.

super::texts! {
    /// Who asks, from which host and folder, and how old the screen is.
    asker(user, host, folder, ago) {
        en: "Asked for by {user} on {host}, in the folder {folder}. Looked at by their gate {ago} ago, not by yours.",
        ja: "依頼者 {user}（{host}）、作業ディレクトリ {folder}。表示は依頼者側が {ago} 前に確認した内容です。",
    }
    /// The approver said yes.
    approved(id) {
        en: "approved {id}",
        ja: "承認しました: {id}",
    }
    /// The approver did not say yes.
    not_approved(reason) {
        en: "not approved: {reason}",
        ja: "承認していません: {reason}",
    }
    /// It is the approver's own request.
    own() {
        en: "this is your own request; somebody else has to approve it",
        ja: "自分の依頼です。別の人の承認が必要です",
    }
    /// A role is no person.
    no_person() {
        en: "the role that you log in with is no person who may approve; take one of your own, of kanmon_approver alone",
        ja: "このロールでは承認できません。kanmon_approver だけを持つ本人用のロールでログインしてください",
    }
    /// It is over.
    over() {
        en: "the request is over: its time has passed, or the asker has left or runs it already",
        ja: "依頼は終わっています（時間切れ、依頼者の離脱、または実行済み）",
    }
    /// Only others are asked.
    group(groups) {
        en: "only members of {groups} are asked",
        ja: "{groups} のメンバーだけが承認できます",
    }
    /// The same person answered under another name.
    already() {
        en: "you have answered it already, under another role or login; each person counts once",
        ja: "別のロールまたはログインですでに回答しています（1人1回です）",
    }
    /// A newer kanmon asks.
    newer(host) {
        en: "a newer kanmon asks on {host}; update this one to approve it",
        ja: "{host} の kanmon の方が新しいため表示できません。こちらを更新してください",
    }
    /// A request is too long to be listed.
    long(host, id) {
        en: "what {host} asks is too long for a list; look at it with `kanmonctl approve {id}`",
        ja: "{host} からの依頼は長いため一覧に表示できません。`kanmonctl approve {id}` で確認してください",
    }
    /// The text in the store is not what its hash is of.
    damaged(host) {
        en: "what {host} asks cannot be read; it cannot be approved",
        ja: "{host} からの依頼を読めないため、承認できません",
    }
    /// One's own yes was taken back.
    taken_back() {
        en: "you have taken your yes to it back; what is asked anew can be approved anew",
        ja: "承認を取り消し済みです。改めて依頼されれば、また承認できます",
    }
    /// The approver said no.
    refused(id) {
        en: "said no to {id}: it does not run, and the asker is told why",
        ja: "{id} を断りました。実行されず、依頼者に理由が伝わります",
    }
    /// A yes was taken back.
    took_back(id) {
        en: "your yes to {id} is taken back",
        ja: "{id} の承認を取り消しました",
    }
    /// There is no yes to take back.
    no_yes(id) {
        en: "you have not approved `{id}`",
        ja: "`{id}` は承認していません",
    }
    /// A no without a reason.
    no_reason() {
        en: "say why: --no 'REASON', which the asker reads",
        ja: "理由が必要です: --no '理由'（依頼者に表示されます）",
    }
    /// A no with a reason that is too long.
    long_reason(limit) {
        en: "the reason is longer than {limit} bytes; nothing was said, and the request waits on: say it shorter",
        ja: "理由が長すぎます（{limit} バイトまで）。まだ断っていません。受付は続いているので、短くして入力し直してください",
    }
    /// How one says no, where one only did not say yes.
    no_hint(id) {
        en: "It waits on. `kanmonctl approve {id} --no REASON` says no: the asker is told at once.",
        ja: "受付は続いています。断るには kanmonctl approve {id} --no 理由（依頼者にすぐ伝わります）",
    }
    /// Several requests fit what was typed.
    several(id, all) {
        en: "`{id}` fits several open requests: {all}",
        ja: "`{id}` に当てはまる依頼が複数あります: {all}",
    }
    /// There is no such request.
    unknown(id) {
        en: "no open request is called `{id}`",
        ja: "`{id}` という受付中の依頼はありません",
    }
    /// Where the open requests are listed.
    list_hint() {
        en: "`kanmonctl approve` lists those that are open.",
        ja: "受付中の依頼は `kanmonctl approve` で一覧できます。",
    }
    /// Nothing waits.
    nothing_waits() {
        en: "nothing waits for approval",
        ja: "承認待ちの依頼はありません",
    }
    /// A row of the list: who asks where, and how long it is open.
    row(id, user, host, left) {
        en: "{id}  {user}@{host}  {left} left",
        ja: "{id}  {user}@{host}  残り {left}",
    }
    /// A row of the list: who asks on this host, and until when it is open.
    row_until(id, user, time) {
        en: "{id}  {user}  until {time}",
        ja: "{id}  {user}  {time} まで",
    }
    /// What waits is watched.
    watching() {
        en: "Watching for requests; Ctrl-C ends it.",
        ja: "承認の依頼を待っています。Ctrl-C で終了します。",
    }
    /// A request was answered, withdrawn, or its time has passed.
    waits_no_longer(id) {
        en: "{id} waits no longer",
        ja: "{id} の受付は終わりました",
    }
    /// A mark in the list: it is the reader's own.
    mark_own() { en: "your own", ja: "自分の依頼" }
    /// A mark in the list: it is a drill.
    mark_drill() { en: "DRILL", ja: "訓練" }
    /// A mark in the list: it has all its yeses, and nothing has run by it.
    mark_to_run() { en: "approved, not run yet", ja: "承認済み・未実行" }
    /// It has all its yeses already.
    is_to_run(id) {
        en: "{id} has all its approvals already; it has not run yet",
        ja: "{id} は必要な承認がそろっています（まだ実行されていません）",
    }
    /// What can still be said to what has all its yeses.
    to_run_hint(id) {
        en: "`kanmonctl approve {id} --no REASON` still stops it; --take-back takes your own yes back.",
        ja: "まだ止められます: kanmonctl approve {id} --no 理由。自分の承認の取り消しは --take-back",
    }
    /// A mark in the list: who said yes so far.
    mark_answered(names) { en: "approved by {names}", ja: "承認済み: {names}" }
    /// Rule and target in the list.
    held_at(rule, target) { en: "{rule} at {target}", ja: "{rule}（対象 {target}）" }
    /// This host has no place for requests.
    make_place() {
        en: "This host's place for them is made by `kanmonctl init --host`; `--url` names the team's store.",
        ja: "このホストの置き場所は `kanmonctl init --host` で作ります。チーム共有ストアは `--url` で指定します。",
    }
}
