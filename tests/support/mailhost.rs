//! A mail host for a test: a world (`world.rs`) with a real Postfix and a real sshd
//! (`mailhost.sh`).

use std::ops::Deref;

use crate::world::World;

/// What has to be installed.
const NEEDS: [&str; 3] = ["/usr/sbin/postsuper", "/usr/sbin/sshd", "/usr/sbin/ip"];

/// A mail host. Dropping ends all of its processes.
#[derive(Debug)]
pub(crate) struct MailHost(World);

impl MailHost {
    /// Starts a mail host of this name; `None` where there can be no world.
    ///
    /// Names that lead to it: `localhost` and `mx1`.
    pub(crate) fn start(name: &str) -> Option<Self> {
        World::start(name, &NEEDS, include_str!("mailhost.sh")).map(Self)
    }

    /// Sends one message to each address; returns when all of them are on hold.
    #[track_caller]
    pub(crate) fn hold(&self, addresses: &[&str]) {
        let before = self.in_queue("hold");
        for address in addresses {
            self.must(&format!(
                "printf 'Subject: news\\n\\nHello\\n' | sendmail -f news@shop.test {address}"
            ));
        }
        self.wait_until("the mail is on hold", || {
            self.in_queue("hold") == before + addresses.len()
        });
    }

    /// Returns how many messages one of Postfix's queues has.
    #[track_caller]
    pub(crate) fn in_queue(&self, queue: &str) -> usize {
        self.ids_in(queue).len()
    }

    /// Returns the ids of the messages in one of Postfix's queues.
    #[track_caller]
    pub(crate) fn ids_in(&self, queue: &str) -> Vec<String> {
        let listing = self.must("/usr/sbin/postqueue -j");
        let messages = listing
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON object"));
        messages
            .filter(|message: &serde_json::Value| message["queue_name"] == queue)
            .map(|message| message["queue_id"].as_str().expect("an id").to_owned())
            .collect()
    }

    /// Returns how many messages left.
    pub(crate) fn left(&self) -> usize {
        let mail = std::fs::read_dir(self.path("sink/mail"));
        mail.expect("the server's folder").count()
    }

    /// Waits until this many messages have left in all, and nothing waits any more.
    #[track_caller]
    pub(crate) fn wait_for_left(&self, count: usize) {
        self.wait_until("the mail leaves", || {
            self.left() == count && self.must("/usr/sbin/postqueue -j").is_empty()
        });
    }
}

impl Deref for MailHost {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}
