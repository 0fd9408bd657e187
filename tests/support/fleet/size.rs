//! What each question of a gate's costs at stores of several sizes: the pages that the server touches, and the
//! time as a ratio to the smallest store, asked in turns.

use std::time::{Duration, Instant};

use kanmon::team::{Connection, NoAnswer, address, schema};

use crate::cost::median;

/// How often each question is asked of each store.
const TIMES: usize = 200;

/// The questions, with the run that the host of `node17` began last as `$run`.
const QUESTIONS: [(&str, &str); 7] = [
    (
        "recent at a target (a gap)",
        "SELECT * FROM kanmon.recent('rule3', '{node17}', 3600000, '{}')",
    ),
    (
        "lasts (a first)",
        "SELECT * FROM kanmon.lasts('rule4', 'node17', '')",
    ),
    ("chain_head", "SELECT * FROM kanmon.chain_head(md5('17'))"),
    ("open_runs", "SELECT * FROM kanmon.open_runs(md5('17'))"),
    (
        "is_in_time",
        "SELECT * FROM kanmon.is_in_time(md5('17'), '$run')",
    ),
    ("now_running", "SELECT * FROM kanmon.now_running()"),
    (
        "recent at any target, over an hour",
        "SELECT * FROM kanmon.recent('rule3', NULL, 3600000, '{}')",
    ),
];

/// A store, as the host `web000017` speaks to it.
struct Store {
    connection: Connection,
    run: String,
}

impl Store {
    /// Connects as a superuser and goes on as the host.
    fn open(url: &str) -> Self {
        let address = address::of_configuration(url).unwrap();
        let connection = Connection::open(&address, schema::MAKING).unwrap();
        let run = String::new();
        let mut store = Self { connection, run };
        let newest =
            "SELECT run FROM kanmon.run WHERE host = 'web000017' ORDER BY opened DESC LIMIT 1";
        store.run = store.ask(newest).concat();
        store.ask("SET SESSION AUTHORIZATION web000017");
        store
    }

    /// Asks; returns the first column of each row, where it is text.
    fn ask(&mut self, sql: &str) -> Vec<String> {
        let sql = sql.replace("$run", &self.run);
        self.connection
            .converse(schema::MAKING, async |client| {
                let rows = client.query_typed(&sql, &[]).await?;
                let first = rows.iter().map(|row| row.try_get(0).unwrap_or_default());
                Ok::<_, NoAnswer>(first.collect())
            })
            .unwrap()
    }

    /// Returns how many pages a question touches, and how many rows it has.
    fn pages(&mut self, sql: &str) -> (usize, usize) {
        let told = self.ask(&format!("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {sql}"));
        let line = told
            .iter()
            .find_map(|line| line.trim().strip_prefix("Buffers: shared "));
        let number = |word: &str| match word.split_once('=') {
            Some(("hit" | "read", number)) => number.parse().unwrap(),
            _ => 0,
        };
        let pages = line.unwrap_or_default().split(' ').map(number).sum();
        (pages, self.ask(sql).len())
    }
}

/// Prints what the questions cost at the stores.
pub(crate) fn size(urls: &[&str]) {
    let mut stores: Vec<Store> = urls.iter().map(|url| Store::open(url)).collect();
    println!("pages (rows), and the median of {TIMES} times as a ratio to the first store");
    for (name, sql) in QUESTIONS {
        let mut times = vec![Vec::new(); stores.len()];
        for _ in 0..TIMES {
            for (store, times) in stores.iter_mut().zip(&mut times) {
                let begun = Instant::now();
                store.ask(sql);
                times.push(begun.elapsed());
            }
        }
        let medians: Vec<Duration> = times.iter_mut().map(|of| median(of)).collect();
        let told = stores.iter_mut().zip(&medians).map(|(store, time)| {
            let (pages, rows) = store.pages(sql);
            let ratio = time.as_secs_f64() / medians[0].as_secs_f64();
            format!("{pages:7} ({rows}) {ratio:6.2}")
        });
        println!("{name:36}{}", told.collect::<Vec<_>>().join(" |"));
    }
}
