//! The held mail.

use crate::mailhost::MailHost;
use crate::telling::{ENGLISH, answers, has_run, kanmon, not_run, sees};

/// Mail was put on hold while a relay was down, and among it lay a newsletter to thousands that had
/// been stopped for its content. Asked to let one customer's message go, the operator released all
/// that was held; it left within minutes, and nothing of it could be called back.
#[test]
fn a_stopped_newsletter_does_not_leave_with_the_one_message_that_was_meant() {
    let Some(host) = MailHost::start("mx1") else {
        return;
    };
    host.hold(&[
        "one@customer.test",
        "ann@example.com",
        "bob@example.com",
        "cho@example.net",
    ]);
    let mut pty = kanmon(&host, ENGLISH, &["postsuper", "-H", "ALL"]);
    sees(
        &mut pty,
        "held-mail",
        "Why did the mail wait?",
        &[
            "Release all held mail (Postfix)  [mail.release-held, risk: high]",
            "Instead  Release a few first: `postsuper -H QUEUE_ID`",
            "Messages on hold: 4",
            "2 example.com",
            "1 customer.test",
        ],
    );
    answers(&mut pty, "Why did the mail wait?", "the relay was down");
    answers(&mut pty, "What removed the cause", "it is up again");
    // Four, where one was meant: the question of the volume is where it is noticed.
    answers(
        &mut pty,
        "Is the receiving side ready for this volume?",
        "n",
    );
    not_run(&host, &mut pty, "declined");
    assert_eq!((host.in_queue("hold"), host.left()), (4, 0));

    // The safer way that the screen named: one message by its id.
    let one = host.must("/usr/sbin/postqueue -j | grep one@customer.test");
    let one: serde_json::Value = serde_json::from_str(&one).expect("JSON");
    let id = one["queue_id"].as_str().expect("an id");
    let mut pty = kanmon(&host, ENGLISH, &["postsuper", "-H", id]);
    let question = "Is this the message to release?";
    sees(&mut pty, "held-mail-one", question, &["one@customer.test"]);
    answers(&mut pty, question, "y");
    has_run(&host, &mut pty);
    host.wait_until("the message leaves", || host.left() == 1);
    assert_eq!(host.in_queue("hold"), 3);
}
