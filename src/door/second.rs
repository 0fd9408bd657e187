//! Another person's side of `approve`, at whichever host they sit: what stood on the asker's screen is
//! shown, and something of it called. Nothing is measured here: this host may be another one.

use std::time::Duration;

use crate::context::Environment;
use crate::gate::approval::Request;
use crate::gate::showing::Shown;
use crate::gate::{self, NotCleared, duration};
use crate::text::approve as say;
use crate::ui::{self, Terminal};

/// Has the person at this terminal look and call; returns what was called after their yes. The request
/// was made on `host` that long `ago`.
///
/// # Errors
/// Why they did not say yes.
pub fn consider(
    request: &Request,
    shown: &Shown,
    ago: Duration,
    host: &str,
) -> Result<(String, String), NotCleared> {
    let environment = Environment::of_process();
    let language = environment.language();
    let options = ui::Options::new(
        language,
        false,
        environment.get("TERM"),
        environment.get("NO_COLOR"),
    );
    let mut terminal = Terminal::open(options).map_err(NotCleared::Gone)?;
    let mut shown = shown.clone();
    shown.look.warnings.push(say::asker(
        language,
        request.who.person(),
        host,
        &request.who.cwd,
        duration::shown(ago),
    ));
    let called = gate::consider_shown(&shown, &mut terminal);
    let closed = terminal.close();
    let called = called?;
    closed.map_err(NotCleared::Gone)?;
    Ok(called)
}
