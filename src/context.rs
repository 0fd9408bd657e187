//! What is true around a run: clocks, host, user, terminal, environment; read when asked.
