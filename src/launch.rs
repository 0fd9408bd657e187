//! Starts commands: at once for a passed line, supervised for all others. Nothing else does.
