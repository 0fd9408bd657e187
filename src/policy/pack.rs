//! One file of rules: from TOML to [`super::Rule`], with every mistake told at once.
