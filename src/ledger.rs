//! The ledger: durable, tamper-evident records of runs, in SQLite.
