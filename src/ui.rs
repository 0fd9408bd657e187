//! The terminal: prompts, layout, language.
