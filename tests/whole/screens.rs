//! Screens as people see them, at 80 and 40 columns, in both languages.

use std::os::unix::process::ExitStatusExt as _;

use crate::scene::Scene;

/// Returns the screen of scenes that end in a question, without empty rows around it.
fn shot(args: &[&str], size: (u16, u16)) -> String {
    let mut scene = Scene::with(args, |command| command.size(size.0, size.1));
    scene
        .pty
        .wait_until("a prompt", crate::pty::PATIENCE, |pty| {
            pty.cells().bracketed_paste() && pty.raw().trim_end().ends_with(['›', '>'])
        });
    let status = scene.pty.ended();
    assert!(status.and_then(|status| status.signal()).is_none());
    scene.pty.screen().trim_matches('\n').to_owned()
}

#[test]
fn the_look_screen_at_80_columns() {
    insta::assert_snapshot!(shot(&["--no-color", "look", "call"], (80, 24)), @r"
    kanmon: this command is held
      $ ssh mx1 'sudo postsuper -H ALL' && echo released
                 ^^^^^^^^^^^^^^^^^^^^^
    ! You release every message that is on hold  [mail.release, risk: high]
      Why      What leaves the queue cannot be called back; a held campaign goes to
               every subscriber.
      Instead  `postsuper -H QUEUE_ID` for one message
      Target   mx1   User root   Via ssh > sudo

      Messages on hold by sender:
          412 newsletter@shop.example
           17 alerts@shop.example
            3 postmaster@shop.example
        (4 more lines)
      Oldest message: 2026-11-21 23:10:04 (3 h 41 min ago)
    ✗ Load average: 7.20 (expected: < 4)
    ✓ Free space in the queue: 71G (expected: > 10G)
    - Relay answers: not seen: no answer within 10 s
    ? 2/5 Look and call: Messages on hold (type the value exactly)
      See it with: sudo mailq | tail -1
      ›
    ");
}

#[test]
fn the_look_screen_at_80_columns_in_japanese() {
    insta::assert_snapshot!(shot(&["--ja", "--no-color", "look", "call"], (80, 24)), @r"
    kanmon: このコマンドの実行を保留しました
      $ ssh mx1 'sudo postsuper -H ALL' && echo released
                 ^^^^^^^^^^^^^^^^^^^^^
    ! 保留中のメールをすべて送信しようとしています  [mail.release、危険度: 高]
      理由      キューを出たメールは取り戻せません。止めていた一斉配信が全購読者に届
                きます。
      代わりに  1 通だけなら `postsuper -H QUEUE_ID`
      対象      mx1   実行者 root   経由 ssh > sudo

      送信元ごとの保留メール:
          412 newsletter@shop.example
           17 alerts@shop.example
            3 postmaster@shop.example
        （ほか 4 行）
      最も古いメール: 2026-11-21 23:10:04 (3 h 41 min ago)
    ✗ 負荷平均: 7.20（期待値: < 4）
    ✓ キューの空き容量: 71G（期待値: > 10G）
    - 中継先の応答: 確認できません: 10 秒以内に応答がありません
    ? 2/5 指差し確認: 保留中のメール数（値を正確に入力）
      確認用コマンド: sudo mailq | tail -1
      ›
    ");
}

#[test]
fn the_look_screen_at_40_columns() {
    insta::assert_snapshot!(shot(&["--no-color", "look", "call"], (40, 40)), @r"
    kanmon: this command is held
      $ ssh mx1 'sudo postsuper -H ALL' &&
                 ^^^^^^^^^^^^^^^^^^^^^
        echo released
    ! You release every message that is on
      hold  [mail.release, risk: high]
      Why      What leaves the queue cannot
               be called back; a held
               campaign goes to every
               subscriber.
      Instead  `postsuper -H QUEUE_ID` for
               one message
      Target   mx1
      User     root
      Via      ssh > sudo

      Messages on hold by sender:
          412 newsletter@shop.example
           17 alerts@shop.example
            3 postmaster@shop.example
        (4 more lines)
      Oldest message:
        2026-11-21 23:10:04 (3 h 41 min ago)
    ✗ Load average: 7.20 (expected: < 4)
    ✓ Free space in the queue:
        71G (expected: > 10G)
    - Relay answers:
        not seen: no answer within 10 s
    ? 2/5 Look and call: Messages on hold
      (type the value exactly)
      See it with: sudo mailq | tail -1
      ›
    ");
}

#[test]
fn the_look_screen_at_40_columns_in_japanese() {
    insta::assert_snapshot!(shot(&["--ja", "--no-color", "look", "call"], (40, 40)), @r"
    kanmon: このコマンドの実行を保留しました
      $ ssh mx1 'sudo postsuper -H ALL' &&
                 ^^^^^^^^^^^^^^^^^^^^^
        echo released
    ! 保留中のメールをすべて送信しようとして
      います  [mail.release、危険度: 高]
      理由      キューを出たメールは取り戻せ
                ません。止めていた一斉配信が
                全購読者に届きます。
      代わりに  1 通だけなら `postsuper -H
                QUEUE_ID`
      対象      mx1
      実行者    root
      経由      ssh > sudo

      送信元ごとの保留メール:
          412 newsletter@shop.example
           17 alerts@shop.example
            3 postmaster@shop.example
        （ほか 4 行）
      最も古いメール:
        2026-11-21 23:10:04 (3 h 41 min ago)
    ✗ 負荷平均: 7.20（期待値: < 4）
    ✓ キューの空き容量: 71G（期待値: > 10G）
    - 中継先の応答:
        確認できません: 10 秒以内に応答があ
        りません
    ? 2/5 指差し確認: 保留中のメール数
      （値を正確に入力）
      確認用コマンド: sudo mailq | tail -1
      ›
    ");
}

#[test]
fn the_look_screen_read_aloud() {
    insta::assert_snapshot!(shot(&["--plain", "look", "call"], (80, 40)), @r"
    kanmon: this command is held
    Command: ssh mx1 'sudo postsuper -H ALL' && echo released
    Held part: sudo postsuper -H ALL
    Rule: You release every message that is on hold [mail.release]
    Risk: high
    Why: What leaves the queue cannot be called back; a held campaign goes to every
    subscriber.
    Instead: `postsuper -H QUEUE_ID` for one message
    Target: mx1
    User: root
    Via: ssh > sudo
    Messages on hold by sender: 412 newsletter@shop.example
    Messages on hold by sender: 17 alerts@shop.example
    Messages on hold by sender: 3 postmaster@shop.example
    Messages on hold by sender: (4 more lines)
    Oldest message: 2026-11-21 23:10:04 (3 h 41 min ago)
    NG Load average: 7.20 (expected: < 4)
    OK Free space in the queue: 71G (expected: > 10G)
    Relay answers: not seen: no answer within 10 s
    2/5 Look and call: Messages on hold (type the value exactly)
    See it with: sudo mailq | tail -1
    >
    ");
}

#[test]
fn the_last_look_and_the_page_after() {
    insta::assert_snapshot!(shot(&["--no-color", "last", "after", "confirm"], (80, 40)), @r"
    kanmon: once more, the exact line  DRILL: nothing will be executed
      $ ssh mx1 'sudo postsuper -H ALL' && echo released
                 ^^^^^^^^^^^^^^^^^
      Target   mx1   User root
      Undo     postsuper -H ALL

    kanmon: after the command
      Ended    with status 1
      Messages on hold by sender:
          412 newsletter@shop.example
           17 alerts@shop.example
            3 postmaster@shop.example
        (4 more lines)
      Oldest message: 2026-11-21 23:10:04 (3 h 41 min ago)
    ✗ Load average: 7.20 (expected: < 4)
    ✓ Free space in the queue: 71G (expected: > 10G)
    - Relay answers: not seen: no answer within 10 s
      Undo     postsuper -H ALL
    ? 2/5 Have the owners been told? [y/N] ›
    ");
}

#[test]
fn the_last_look_and_the_page_after_in_japanese() {
    let screen = shot(
        &["--ja", "--no-color", "last", "after", "confirm"],
        (80, 40),
    );
    insta::assert_snapshot!(screen, @r"
    kanmon: 実行する行をもう一度確認してください  訓練です。コマンドは実行されません
      $ ssh mx1 'sudo postsuper -H ALL' && echo released
                 ^^^^^^^^^^^^^^^^^
      対象      mx1   実行者 root
      取り消し  postsuper -H ALL

    kanmon: コマンド終了後の確認
      結果      異常終了（終了コード 1）
      送信元ごとの保留メール:
          412 newsletter@shop.example
           17 alerts@shop.example
            3 postmaster@shop.example
        （ほか 4 行）
      最も古いメール: 2026-11-21 23:10:04 (3 h 41 min ago)
    ✗ 負荷平均: 7.20（期待値: < 4）
    ✓ キューの空き容量: 71G（期待値: > 10G）
    - 中継先の応答: 確認できません: 10 秒以内に応答がありません
      取り消し  postsuper -H ALL
    ? 2/5 関係者に連絡しましたか？ [y/N] ›
    ");
}
