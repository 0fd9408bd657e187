//! Manual pages in roff.

use std::io;

use clap::Command;
use clap_mangen::Man;

use crate::text::{Language, launch};

/// The exit statuses that both programs have.
const EXIT: &str = r".SH EXIT STATUS
.TP
the command's own
where it ran; its signal if it died of one
.TP
124
not cleared or refused
.TP
125
the gate itself failed, or a file cannot be read
.TP
126, 127
the command cannot be executed, is not found
";

/// What the gate is, and where more stands.
const GATE: &str = r".SH DESCRIPTION
kanmon stands in front of production commands. What no rule names runs at once and untouched.
What a rule names is held: the operator looks at the target, answers what was forgotten the last
time, waits, and calls out a value that was measured a moment ago. Only then does it run.
.PP
Its options stand before the command; what follows the first word that is none is the command's.
Answers are typed at the terminal: a pipe, a paste and what was typed ahead answer nothing.
";

/// Where more stands, for the gate.
const GATE_SEE: &str = r".SH SEE ALSO
.BR kanmonctl (1)
";

/// Where more stands.
const CTL_SEE: &str = r".SH SEE ALSO
.BR kanmon (1)
";

/// Returns the page of the gate.
///
/// # Errors
/// Where the page cannot be written, which memory does not do.
pub(super) fn of_gate(command: Command) -> io::Result<String> {
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    page.extend(synopsis(&launch::help(Language::English)).into_bytes());
    page.extend(GATE.as_bytes());
    man.render_options_section(&mut page)?;
    page.extend(EXIT.as_bytes());
    page.extend(GATE_SEE.as_bytes());
    Ok(text(&page))
}

/// Returns the page of `kanmonctl`, with a section for every subcommand.
///
/// # Errors
/// As [`of_gate`].
pub(super) fn of_ctl(mut command: Command) -> io::Result<String> {
    command.build();
    let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for subcommand in subcommands {
        add(subcommand, "kanmonctl", &mut page)?;
    }
    page.extend(EXIT.as_bytes());
    page.extend(CTL_SEE.as_bytes());
    Ok(text(&page))
}

/// Returns how the gate is called, as its help shows it.
fn synopsis(help: &str) -> String {
    let mut section = String::from(".SH SYNOPSIS\n.nf\n");
    let rows = help.lines().skip_while(|row| !row.starts_with("Usage:"));
    for row in rows.take_while(|row| !row.is_empty()) {
        let row = row.trim_start_matches("Usage:").trim();
        section.push_str(&row.replace('\\', "\\\\").replace('-', "\\-"));
        section.push('\n');
    }
    section.push_str(".fi\n");
    section
}

/// Adds the section of a subcommand, and those of its own subcommands.
fn add(command: Command, before: &str, page: &mut Vec<u8>) -> io::Result<()> {
    if command.get_name() == "help" {
        return Ok(());
    }
    let name = format!("{before} {}", command.get_name());
    page.extend(format!(".SH \"{}\"\n", name.to_uppercase()).into_bytes());
    let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
    let man = Man::new(command);
    let mut section = Vec::new();
    man.render_description_section(&mut section)?;
    man.render_synopsis_section(&mut section)?;
    man.render_options_section(&mut section)?;
    // The description needs no head of its own; the others stand below the subcommand's.
    let section = text(&section)
        .replace(".SH DESCRIPTION\n", "")
        .replace(".SH ", ".SS ");
    page.extend(section.into_bytes());
    for subcommand in subcommands {
        add(subcommand, &name, page)?;
    }
    Ok(())
}

/// Returns roff as text.
fn text(page: &[u8]) -> String {
    String::from_utf8_lossy(page).into_owned()
}
