//! What somebody is shown who has to approve a run and cannot look for themselves: they sit at another
//! host. Pure.
//!
//! The look screen as the asker has it, and what is to be called of it. It travels with the request; who
//! approves approves what was shown, so whoever keeps the request puts a hash over all of it.

use serde::{Deserialize, Serialize};

use crate::policy::rule::Text;

use super::dialogue::Look;

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The look screen, with what probes saw for the asker.
    pub look: Look,
    /// What is to be called.
    pub call: ToCall,
}

/// What an approver calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToCall {
    /// What it is.
    pub label: Text,
    /// Id of the probe that measured it, or `target`.
    pub what: String,
    /// What has to be typed; any words where nobody can say it.
    pub value: Option<String>,
}
