//! The subcommands of `kanmonctl`, one file each.
