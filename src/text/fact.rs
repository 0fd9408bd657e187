//! What the keys of a condition mean, where one of them could not be known.
//!
//! For translators: each stands alone behind the label "Unknown", and ends with the key as rule files write it.

super::texts! {
    /// Which host it is.
    host() { en: "name of the host (host)", ja: "ホストの名前（host）" }
    /// Which container it is.
    container() { en: "container (container)", ja: "コンテナ（container）" }
    /// Which pod it is.
    pod() { en: "pod (pod)", ja: "Pod（pod）" }
    /// Which namespace of a cluster it is.
    namespace() { en: "namespace in the cluster (namespace)", ja: "クラスター内の名前空間（namespace）" }
    /// Which cluster it is.
    context() { en: "context of the cluster (context)", ja: "クラスターのコンテキスト（context）" }
    /// Which account of a cloud it is.
    account() { en: "account or project (account)", ja: "アカウント、プロジェクト（account）" }
    /// As whom it would run.
    user() { en: "who it runs as (user)", ja: "実行者（user）" }
    /// Who logged in.
    login() { en: "who logged in (login)", ja: "ログインした人（login）" }
    /// The operator's groups.
    group() { en: "groups of the user (group)", ja: "所属グループ（group）" }
    /// In which folder it would run.
    cwd() { en: "folder that it runs in (cwd)", ja: "実行するフォルダー（cwd）" }
    /// Which branch is checked out.
    branch() { en: "branch that is checked out (branch)", ja: "チェックアウト中のブランチ（branch）" }
    /// From where the session came.
    ssh_from() { en: "where the session comes from (ssh_from)", ja: "接続元（ssh_from）" }
    /// Whether there is a terminal.
    tty() { en: "whether there is a terminal (tty)", ja: "端末の有無（tty）" }
    /// What time it is.
    time() { en: "time of day (time)", ja: "現在の時刻（time）" }
    /// Whether changes are frozen.
    freeze() { en: "whether changes are frozen (freeze)", ja: "変更凍結の期間かどうか（freeze）" }
    /// How the same ended before.
    rerun() { en: "how the same ended before (rerun)", ja: "同じものの前回の結果（rerun）" }
    /// How often the operator let go of it.
    declined() { en: "how often it was declined (declined)", ja: "取りやめた回数（declined）" }
    /// A variable.
    variable(name) { en: "variable {name} (env)", ja: "変数 {name}（env）" }
}
