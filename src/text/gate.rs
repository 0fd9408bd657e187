//! What the gate says while it walks a plan.

super::texts! {
    /// The run was not cleared and the command has not run.
    not_cleared(reason) {
        en: "not cleared: {reason}\nThe command has not run.",
        ja: "通過できません: {reason}\nコマンドは実行していません。",
    }
    /// sudo was called so that no person answers.
    sudo_may_not_ask() {
        en: "With -n, -A or -S sudo lets no person answer: leave them out, or have a permit given.",
        ja: "-n、-A、-S のついた sudo では人に質問できません。外して実行するか、許可をもらってください。",
    }
    /// The operator said no.
    declined() {
        en: "declined, the answer was not yes",
        ja: "「はい」の回答がないため中止しました",
    }
    /// Three wrong calls.
    wrong_call() {
        en: "three calls were wrong; look at the target again before you retry",
        ja: "呼称を3回間違えました。対象をもう一度見てからやり直してください",
    }
    /// Three answers without the form wanted.
    no_answer() {
        en: "no usable answer was typed",
        ja: "使える答えが入力されませんでした",
    }
    /// A check is not as it should be.
    check_failed(label, value, expected) {
        en: "{label} is `{value}`, expected `{expected}`; mend that first, or use --break-glass REASON",
        ja: "{label} が `{value}` です（期待値 `{expected}`）。先に直すか、--break-glass 理由 を使ってください",
    }
    /// A check that must look could not.
    must_be_seen(label) {
        en: "{label} could not be looked at, and this rule demands it; mend that first, or use --break-glass REASON",
        ja: "{label} を確認できませんでした（必須です）。先に直すか、--break-glass 理由 を使ってください",
    }
    /// The run of the outer door has ended meanwhile.
    outer_ended(run) {
        en: "the line was part of run {run}, which has ended meanwhile; start again",
        ja: "この行は記録 {run} の一部でしたが、その実行はもう終わっています。最初からやり直してください",
    }
    /// Other lines within the outer run took what it held.
    outer_used(run) {
        en: "run {run} was good for as many calls as it held, and others have taken them meanwhile; start again",
        ja: "記録 {run} で通過したのは、その行にあった回数だけです。ほかの実行が先に使いました。最初からやり直してください",
    }
    /// On the look screen: what was passed at an outer door.
    passed_outside(door, run) {
        en: "Asked already at the door `{door}` (run {run}): only what is called is asked again.",
        ja: "入口 `{door}` で確認済みです（記録 {run}）。呼称だけをもう一度行います。",
    }
    /// A script changed between reading and start.
    script_changed(path) {
        en: "`{path}` has changed since it was read; start again, so that what runs is what was asked about",
        ja: "`{path}` が読んだ後に変わりました。実行されるものを確認できるよう、最初からやり直してください",
    }
    /// A measured value keeps changing.
    keeps_changing(label) {
        en: "{label} keeps changing; wait until it is steady",
        ja: "{label} が変わり続けています。落ち着いてからやり直してください",
    }
    /// A measured value changed between call and start.
    changed(label) {
        en: "{label} has changed since you called it. Look again.",
        ja: "{label} が呼称後に変わりました。もう一度見てください。",
    }
    /// The ledger fails.
    ledger_failed(cause) {
        en: "the run cannot be recorded: {cause}\nWithout a record nothing guarded runs; --break-glass REASON always works.",
        ja: "記録できません: {cause}\n記録なしでは実行できません。--break-glass 理由 は常に使えます。",
    }
    /// The ledger cannot be opened.
    ledger_open(place, cause) {
        en: "cannot open the ledger `{place}`: {cause}",
        ja: "台帳 `{place}` を開けません: {cause}",
    }
    /// The ledger cannot be written.
    ledger_write(place, cause) {
        en: "cannot write the ledger `{place}`: {cause}",
        ja: "台帳 `{place}` に書けません: {cause}",
    }
    /// The clock was set back.
    clock_back(now, newest) {
        en: "the clock says {now}, but the newest record is of {newest}; set the clock right first",
        ja: "時計が {now} を示していますが、最新の記録は {newest} です。先に時計を合わせてください",
    }
    /// Ctrl-C.
    interrupted() {
        en: "interrupted",
        ja: "中断されました",
    }
    /// SIGQUIT.
    quit() {
        en: "quit",
        ja: "中断されました（SIGQUIT）",
    }
    /// Ctrl-D.
    end_of_input() {
        en: "end of input",
        ja: "入力が終わりました",
    }
    /// SIGHUP.
    hung_up() {
        en: "the terminal hung up",
        ja: "端末が切断されました",
    }
    /// SIGTERM.
    terminated() {
        en: "terminated",
        ja: "終了を求められました（SIGTERM）",
    }
    /// The terminal is gone.
    vanished() {
        en: "the terminal is gone",
        ja: "端末がなくなりました",
    }
    /// There is no terminal.
    no_terminal() {
        en: "there is no terminal, so nobody can answer; run it from a login with a terminal (ssh -t, docker exec -t)",
        ja: "端末がないため、答える人がいません。端末のあるログインから実行してください（ssh -t, docker exec -t）",
    }
    /// Which rules hold a line that nobody can answer for.
    held_by(rule, title) {
        en: "kanmon: held by rule {rule}: {title}",
        ja: "kanmon: ルール {rule} が止めました: {title}",
    }
    /// A gap is not over.
    gap_not_over(rule, user, ago, time, left) {
        en: "{user} ran this {ago} ago ({rule}); {time} must lie between two runs, {left} to go",
        ja: "{user} が {ago} 前に実行しています（{rule}）。間隔は {time} 必要です（残り {left}）",
    }
    /// A run of the same rule is under way.
    under_way(rule, user, ago, run) {
        en: "{user} is running this now ({rule}, since {ago}, run {run}); wait until it ends",
        ja: "{user} が実行中です（{rule}、{ago} 前から、記録 {run}）。終わるまで待ってください",
    }
    /// The same, where the run may be another host's, which may never come back.
    under_way_in_team(rule, user, ago, run) {
        en: "{user} is running this now ({rule}, since {ago}, run {run}); wait until it ends. If its host never comes back: `kanmonctl store settle` (docs/store.md)",
        ja: "{user} が実行中です（{rule}、{ago} 前から、記録 {run}）。終わるまで待ってください。そのホストがもう戻らない場合は `kanmonctl store settle` を使います（docs/store.md）",
    }
    /// The same ran before and failed; `user` with host.
    ran_not_well(user, ago, run) {
        en: "The last run of this, by {user} {ago} ago, did not end well (run {run}).",
        ja: "前回の実行（{user}、{ago} 前、記録 {run}）は正常終了していません。",
    }
    /// The same ran before.
    ran_well(user, ago, run) {
        en: "{user} ran this {ago} ago, and it ended well (run {run}).",
        ja: "{user} が {ago} 前に実行し、正常終了しています（記録 {run}）。",
    }
    /// The same runs.
    runs_still(user, ago, run) {
        en: "{user} is running this now, since {ago} (run {run}).",
        ja: "{user} が {ago} 前から実行中です（記録 {run}）。",
    }
    /// Only one's own runs are known.
    only_own_runs() {
        en: "For the gap only your own runs are known.",
        ja: "間隔の確認は自分の実行記録だけが対象です。",
    }
    /// Who asks for an approval, and from which folder.
    approve_asker(user, folder) {
        en: "Asked for by {user}, in the folder {folder}.",
        ja: "依頼者 {user}、作業ディレクトリ {folder}。",
    }
    /// An answer of a quarter of an hour ago stands for a step.
    carried_in_session(step, question, answer, at, run) {
        en: "{step} {question}\n  carried over: {answer} (answered at {at}, run {run})",
        ja: "{step} {question}\n  前回の回答を引き継ぎ: {answer}（{at} に回答、記録 {run}）",
    }
    /// An answer of the last day stands for a step about unchanged scripts.
    carried_for_scripts(step, question, answer, at, run) {
        en: "{step} {question}\n  answered by you: {answer} (at {at}, run {run}; the script has not changed)",
        ja: "{step} {question}\n  回答済み: {answer}（{at}、記録 {run}。スクリプトに変更なし）",
    }
    /// The host has a ledger, but the operator is not of its group.
    not_in_group() {
        en: "This host's ledger is not open to you (group kanmon); your own is used.",
        ja: "このホストの台帳を使えません（kanmon グループ外）。自分の台帳に記録します。",
    }
    /// The team's store does not answer and the rule holds without it.
    store_is_away(place, cause) {
        en: "the team's store {place} does not answer: {cause}; this rule is held without it. Once `kanmonctl store check` (as root) reaches it, type the command again; --break-glass REASON always works",
        ja: "チーム共有ストア {place} が応答しません: {cause}。このルールは共有ストアなしでは実行できません。`kanmonctl store check`（root で）がつながったら、もう一度入力してください。--break-glass 理由 は常に使えます",
    }
    /// The team's store does not answer, and others have to be asked there for their yes.
    nobody_to_ask(place, cause) {
        en: "the team's store {place} does not answer: {cause}; without it nobody can approve this. Once `kanmonctl store check` (as root) reaches it, type the command again; --break-glass REASON always works",
        ja: "チーム共有ストア {place} が応答しません: {cause}。応答がなければ誰も承認できません。`kanmonctl store check`（root で）がつながったら、もう一度入力してください。--break-glass 理由 は常に使えます",
    }
    /// The team's store answers, and has not taken the run: whatever its rules say of a store that is away.
    store_took_no_claim(place, cause) {
        en: "the team's store {place} has not taken this run: {cause}",
        ja: "チーム共有ストア {place} がこの実行を受け付けていません: {cause}",
    }
    /// The team's store does not answer; what is asked goes on with what this host knows.
    goes_on_without_store(place, cause) {
        en: "The team's store {place} does not answer ({cause}): only runs from this host are known; records are sent later.",
        ja: "チーム共有ストア {place} が応答しません（{cause}）。このホストからの実行しか分かりません。記録は後で送ります。",
    }
    /// The store was cut off while the run went on; its records are sent later.
    records_wait(place, cause) {
        en: "The team's store {place} does not answer ({cause}): this run's records are sent later.",
        ja: "チーム共有ストア {place} が応答しません（{cause}）。この実行の記録は後で送ります。",
    }
    /// A gap of the whole team counts as one of the host.
    team_counts_as_host() {
        en: "The gap is meant for the whole team; only runs from this host are known.",
        ja: "チーム全体の間隔ですが、このホストからの実行しか分かりません。",
    }
    /// Now is outside of the windows.
    window_closed(windows, opens) {
        en: "now is outside the allowed time ({windows}); it opens {opens}",
        ja: "実行できる時間帯（{windows}）の外です。次は {opens} からです",
    }
    /// The windows are never open together.
    window_never(windows) {
        en: "now is outside the allowed time ({windows}), and these never overlap; the rules have to be mended",
        ja: "実行できる時間帯（{windows}）の外です。重なる時間がないため、ルールの見直しが必要です",
    }
    /// What has to run first has not.
    not_first(rule, target, within, why) {
        en: "{rule} has to end well on {target} first, at most {within} before: {why}",
        ja: "先に {rule} を {target} で正常終了させる必要があります（{within} 以内）: {why}",
    }
    /// Why a first run does not count: no ledger but one's own.
    first_own_ledger() {
        en: "only the host's ledger counts, and you use your own (`kanmonctl init --host` makes the host's, for members of group kanmon)",
        ja: "ホストの台帳の記録だけが有効ですが、自分の台帳を使っています（`kanmonctl init --host` で作成、kanmon グループが対象）",
    }
    /// Why a first run does not count: there is none.
    first_none() {
        en: "no such run is recorded",
        ja: "その記録がありません",
    }
    /// Why a first run does not count: its values differ.
    first_differs(names) {
        en: "it ran, but not with the same {names}",
        ja: "実行されていますが、{names} が違います",
    }
    /// Why a first run does not count: it failed, or runs still.
    first_not_well(user, ago) {
        en: "the last run, by {user} {ago} ago, did not end well",
        ja: "最後の実行（{user}、{ago} 前）は正常終了していません",
    }
    /// Why a first run does not count: too long ago.
    first_too_old(user, ago) {
        en: "the last run, by {user}, was {ago} ago",
        ja: "最後の実行（{user}）は {ago} 前です",
    }
    /// Who is asked for a yes: anybody else.
    approve_anybody() {
        en: "other people on this host",
        ja: "このホストの別の人",
    }
    /// Who is asked for a yes: anybody else of the team.
    approve_team(names) {
        en: "other people of the team ({names})",
        ja: "チームの別の人: {names}",
    }
    /// Who is asked for a yes: members of a group.
    approve_group(group, members) {
        en: "others of group {group} ({members})",
        ja: "グループ {group} の別の人: {members}",
    }
    /// The same of a group in which nobody else is known.
    approve_group_of_none(group) {
        en: "others of group {group}, where nobody else is known",
        ja: "グループ {group} の別の人。該当者が見つかりません",
    }
    /// Who is asked for a yes: anybody else of a team in which nobody else is known.
    approve_team_of_none() {
        en: "other people of the team, where nobody else is known",
        ja: "チームの別の人。該当者が見つかりません",
    }
    /// Others are asked for their yes.
    approve_asked(count, whom, id, open) {
        en: "Approvals needed: {count}, by {whom}.\nThey type: kanmonctl approve {id}\nOpen for {open}; Ctrl-C withdraws it.",
        ja: "承認が必要です: {count} 人（{whom}）。\n承認者の操作: kanmonctl approve {id}\n受付は {open}。Ctrl-C で取り下げます。",
    }
    /// The asker may leave while others are asked.
    approve_may_leave(id) {
        en: "Ctrl-D leaves it waiting. To go on: kanmon --resume {id}",
        ja: "Ctrl-D で受付を続けたまま離れられます。\n再開するには: kanmon --resume {id}",
    }
    /// The asker has left, others are asked on.
    put_aside(id) {
        en: "put aside: {id} waits for approval. The command has not run.\nTo go on: kanmon --resume {id}",
        ja: "{id} は承認待ちのまま保留しました。コマンドは実行していません。\n再開するには: kanmon --resume {id}",
    }
    /// Somebody said yes.
    approved_by(name) {
        en: "Approved by {name}.",
        ja: "{name} が承認しました。",
    }
    /// Answers cannot be looked for at the moment.
    asks_on(place, cause) {
        en: "The team's store {place} does not answer ({cause}): answers cannot be seen now. Waiting goes on.",
        ja: "チーム共有ストア {place} が応答しません（{cause}）。回答を確認できませんが、引き続き待ちます。",
    }
    /// What is asked now is not what was asked when the asker left, or that is over.
    approve_from_anew() {
        en: "What you asked for has changed, or is over. It is asked for anew.",
        ja: "依頼の内容が変わったか、受付が終わっています。もう一度承認を依頼します。",
    }
    /// What was approved is no longer so.
    approve_again() {
        en: "What was approved has changed since. It has to be approved again.",
        ja: "承認された内容が変わりました。もう一度承認が必要です。",
    }
    /// Somebody who was asked said no.
    said_no(name, reason) {
        en: "{name} said no: {reason}",
        ja: "{name} が承認を断りました: {reason}",
    }
    /// An approver, before anything is measured.
    approve_look() {
        en: "Look at the target now? The rules' probes run as you",
        ja: "対象を確認しますか？（あなたの権限で確認コマンドを実行します）",
    }
    /// An approver, the last question.
    approve_yes() {
        en: "Do you approve that this runs?",
        ja: "この実行を承認しますか？",
    }
    /// Nobody said yes.
    not_approved() {
        en: "not approved in time, or the approval was taken back",
        ja: "時間内に承認されなかったか、承認が取り消されました",
    }
    /// An answer cannot be read.
    answer_unread(cause) {
        en: "an answer cannot be read and may be a no: {cause}\nAsk its owner, then type the line again: each request is answered anew.",
        ja: "読めない回答があり、拒否かもしれません: {cause}\n所有者に確かめてから、もう一度入力してください（依頼ごとに新しく回答されます）。",
    }
    /// Others cannot be asked.
    no_store(cause) {
        en: "others cannot be asked for approval: {cause}\n`kanmonctl init --host` makes the store, for members of group kanmon.",
        ja: "承認を依頼できません: {cause}\n`kanmonctl init --host` で保管場所を作成します（kanmon グループが対象）。",
    }
    /// A permit ended while the steps were passed.
    permit_over(id) {
        en: "permit {id} is no longer open; start again",
        ja: "許可 {id} の期限が切れました。最初からやり直してください",
    }
    /// A permit was used up by another run.
    permit_used_up(id) {
        en: "permit {id} has no use left; another run took the last one",
        ja: "許可 {id} の回数を使い切りました（別の実行が最後の1回を使用）",
    }
    /// A permit was taken back.
    permit_revoked(id) {
        en: "permit {id} was revoked; start again",
        ja: "許可 {id} は取り消されました。最初からやり直してください",
    }
    /// A rule holds the line that did not when it was judged.
    held_by_now(title, rule, target) {
        en: "meanwhile this rule holds the line too: {title} [{rule}] at {target}; start again",
        ja: "途中から次のルールもこのコマンドを保留するようになりました: {title} [{rule}]（対象: {target}）。最初からやり直してください",
    }
    /// The files that say which cluster, account or branch counts say another one than when the line
    /// was judged. `key` is the key of the rule language.
    elsewhere_by_now(key, before, now) {
        en: "meanwhile the {key} is another one: {now}, and was {before}; start again",
        ja: "途中で {key} が {before} から {now} に変わりました。最初からやり直してください",
    }
    /// What would clear a line where nobody can answer.
    permit_would_clear(steps, rule, target) {
        en: "Without a terminal a permit for {steps} clears it, given by somebody else:
  kanmonctl permit add --rule '{rule}' --target '{target}' --until TIME --by WHO --reason WHY",
        ja: "端末なしで実行するには {steps} の許可が必要です（本人以外が発行）:
  kanmonctl permit add --rule '{rule}' --target '{target}' --until 時刻 --by 承認者 --reason 理由",
    }
    /// The witness typed a name of the operator.
    witness_is_you() {
        en: "That is you. The witness is a second person, who types their own name.",
        ja: "それはあなた自身です。立会人（別の人）が自分の名前を入力してください。",
    }
    /// A typed answer has not its form.
    wrong_form(form) {
        en: "That does not have the form `{form}`.",
        ja: "`{form}` の形になっていません。",
    }
    /// An empty answer.
    empty_answer() {
        en: "An answer is needed.",
        ja: "入力が必要です。",
    }
    /// A pause begins.
    rest() {
        en: "Then rest for five minutes. Nothing runs meanwhile.",
        ja: "5分休みましょう。その間は何も実行しません。",
    }
    /// A pause is over.
    rested() {
        en: "Once more, after the rest:",
        ja: "休憩のあと、もう一度:",
    }
    /// What is called: the target.
    call_target() {
        en: "Name of the target",
        ja: "対象の名前",
    }
    /// What is called: one target of a few in the line.
    call_target_of(number, of) {
        en: "Name of target {number} of {of}, in the order of the line",
        ja: "対象の名前（コマンドに出てくる順で {of} 件中 {number} 件目）",
    }
    /// What is called: how many targets it goes to. Never say the number.
    call_number() {
        en: "Number of targets that this goes to",
        ja: "実行対象の台数",
    }
    /// What is called: the targets as the line has them, where nobody can count them.
    call_said() {
        en: "The targets, as they stand in the line",
        ja: "対象の指定（コマンドに書かれているとおり）",
    }
    /// What is called: targets that the line does not say.
    call_unsaid() {
        en: "Which targets will this hit? Name them",
        ja: "実行される対象の名前",
    }
    /// What is called: the user.
    call_user() {
        en: "User that it runs as",
        ja: "実行ユーザー",
    }
    /// What is called: an operand.
    call_operand() {
        en: "What it acts on",
        ja: "操作の対象",
    }
    /// A call was wrong.
    call_again(left) {
        en: "That is not it. Look again. Tries left: {left}",
        ja: "違います。もう一度見てください。残り {left} 回",
    }
    /// The glass is about to be broken.
    break_glass(line, rules, target) {
        en: "BREAKING THE GLASS: every step of {rules} is left out.\nLine: {line}\nTarget: {target}\nThis is recorded with your name and reason.",
        ja: "緊急実行: {rules} の手順をすべて省きます。\nコマンド: {line}\n対象: {target}\n名前と理由が記録されます。",
    }
    /// Break-glass where there is no terminal.
    break_glass_needs_terminal() {
        en: "kanmon: --break-glass works only at a terminal, where a person types the target's name\nThe command has not run.",
        ja: "kanmon: --break-glass は端末でのみ使えます（対象の名前を人が入力します）\nコマンドは実行していません。",
    }
    /// The ledger failed and the record went elsewhere.
    kept_elsewhere(cause, place) {
        en: "the ledger failed ({cause}); recorded in {place}",
        ja: "台帳に書けません（{cause}）。{place} に記録しました",
    }
    /// No place took the record.
    kept_nowhere(causes) {
        en: "NO RECORD could be kept ({causes}); the command runs all the same. Write down what you did.",
        ja: "どこにも記録できませんでした（{causes}）。コマンドは実行します。何をしたか書き留めてください。",
    }
    /// The drill is over.
    drilled() {
        en: "Drill: every step passed. Nothing was run.",
        ja: "訓練: すべての手順を通過しました。何も実行していません。",
    }
    /// A drill of a line that no rule names.
    would_pass() {
        en: "Drill: no rule names this line; it would run at once. Nothing was run.\n",
        ja: "訓練: このコマンドを止めるルールはありません。そのまま実行されます。今回は何も実行していません。\n",
    }
    /// The command could not be recorded as started or ended.
    end_not_recorded(cause) {
        en: "the command's end could not be recorded: {cause}",
        ja: "コマンドの終了を記録できませんでした: {cause}",
    }
    /// What is to be shown when the line has ended will not be.
    no_afters(cause) {
        en: "kanmon: what the rules show when the line has ended will not be shown: {cause}",
        ja: "kanmon: 行の終了後にルールが示すものは示せません: {cause}",
    }
    /// The program's own rules cannot be read.
    broken_rules() {
        en: "kanmon: its built-in rules cannot be read; the command has not run. Install kanmon anew.\n",
        ja: "kanmon: 組み込みのルールを読めません。コマンドは実行していません。kanmon を入れ直してください。\n",
    }
    /// A line with too many bytes.
    line_too_long(found, limit) {
        en: "the line has {found} bytes, the limit is {limit}",
        ja: "コマンドラインが {found} バイトあります（上限 {limit}）",
    }
    /// A line that is nested too deep.
    line_too_deep(limit) {
        en: "the line is nested more than {limit} levels deep",
        ja: "コマンドラインの入れ子が {limit} 段を超えています",
    }
    /// A line with too many commands.
    line_too_many(limit) {
        en: "the line contains more than {limit} commands",
        ja: "コマンドラインに {limit} 個を超えるコマンドがあります",
    }
    /// Texts within the line (`eval`, `sh -c`) that have too many bytes together.
    line_too_nested(limit) {
        en: "the texts within the line have more than {limit} bytes together",
        ja: "コマンドラインの中で実行されるテキストが合計 {limit} バイトを超えています",
    }
    /// A line over a limit.
    refused(cause) {
        en: "refused: {cause}\nThe command has not run. Put it into a script, or split it.",
        ja: "受け付けられません: {cause}\nコマンドは実行していません。スクリプトにするか、分けてください。",
    }
}
