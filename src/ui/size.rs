//! The size of the terminal, in columns and rows.
#![expect(unsafe_code, reason = "there is no safe call for TIOCGWINSZ in nix")]

use std::os::fd::{AsRawFd, BorrowedFd};

use nix::libc;

nix::ioctl_read_bad!(get_size, libc::TIOCGWINSZ, libc::winsize);

/// Narrowest and widest page that is drawn, in columns.
const WIDTH: (usize, usize) = (40, 200);

/// Columns and rows to draw for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// From 40 to 200, whatever the terminal says.
    pub(super) columns: usize,
    /// At least 2.
    pub(super) rows: usize,
    /// Whether a row of `columns` really fits, so that rows on the screen can be counted.
    pub(super) fits: bool,
}

/// Returns the size; 80 × 24 where the terminal does not say.
pub(super) fn of(terminal: BorrowedFd<'_>) -> Size {
    let mut raw = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the descriptor is open while it is borrowed, and `raw` is what the call fills.
    let asked = unsafe { get_size(terminal.as_raw_fd(), &raw mut raw) };
    if asked.is_err() || raw.ws_col == 0 || raw.ws_row == 0 {
        return Size {
            columns: 80,
            rows: 24,
            fits: false,
        };
    }
    Size {
        columns: usize::from(raw.ws_col).clamp(WIDTH.0, WIDTH.1),
        rows: usize::from(raw.ws_row).max(2),
        fits: usize::from(raw.ws_col) >= WIDTH.0,
    }
}
