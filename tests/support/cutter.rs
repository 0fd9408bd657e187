//! Something between a gate and the store that cuts their connection.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Passes messages between a gate and the server, and cuts the connection behind one of them.
pub(crate) struct Cutter {
    /// Where it listens on loopback.
    pub(crate) port: u16,
    /// Messages that have gone by, either way.
    seen: Arc<AtomicUsize>,
    /// Behind which one it cuts.
    cut_at: Arc<AtomicUsize>,
}

impl Cutter {
    /// Stands before the server at a port; cuts nothing yet.
    pub(crate) fn new(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(AtomicUsize::new(0));
        let cut_at = Arc::new(AtomicUsize::new(0));
        let (counted, cut) = (Arc::clone(&seen), Arc::clone(&cut_at));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                let ways = [
                    (
                        client.try_clone().unwrap(),
                        server.try_clone().unwrap(),
                        true,
                    ),
                    (server, client, false),
                ];
                for (mut from, mut to, mut is_first) in ways {
                    let (seen, cut_at) = (Arc::clone(&counted), Arc::clone(&cut));
                    std::thread::spawn(move || {
                        // The client's first message has no letter before its length.
                        while let Some(message) = next_message(&mut from, is_first) {
                            is_first = false;
                            if to.write_all(&message).is_err()
                                || seen.fetch_add(1, Ordering::SeqCst) + 1
                                    == cut_at.load(Ordering::SeqCst)
                            {
                                break;
                            }
                        }
                        for end in [&from, &to] {
                            let _ = end.shutdown(Shutdown::Both);
                        }
                    });
                }
            }
        });
        Self { port, seen, cut_at }
    }

    /// Counts anew, and cuts once behind the message with this number.
    pub(crate) fn cut_behind(&self, cut_at: usize) {
        self.cut_at.store(cut_at, Ordering::SeqCst);
        self.seen.store(0, Ordering::SeqCst);
    }

    /// Returns how many messages have gone by.
    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

/// Reads one message of PostgreSQL's protocol.
fn next_message(from: &mut TcpStream, is_first: bool) -> Option<Vec<u8>> {
    let head = if is_first { 4 } else { 5 };
    let mut message = vec![0; head];
    from.read_exact(&mut message).ok()?;
    let length = u32::from_be_bytes(message[head - 4..].try_into().unwrap());
    let end = head - 4 + usize::try_from(length).unwrap();
    message.resize(end, 0);
    from.read_exact(&mut message[head..]).ok()?;
    Some(message)
}
