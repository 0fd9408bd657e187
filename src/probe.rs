//! Runs the read-only commands by which rules look at a target.
