//! One line on a terminal's stderr that is drawn over and over.

use std::io::{IsTerminal, Write};

pub struct Bar {
    shown: bool,
}

impl Bar {
    /// Draws where `wanted` and stderr is a terminal; else nothing is ever drawn.
    pub fn on_terminal(wanted: bool) -> Self {
        Self { shown: wanted && std::io::stderr().is_terminal() }
    }

    pub fn draw(&self, line: &str) {
        if self.shown {
            eprint!("\r\x1b[K{line}");
            let _ = std::io::stderr().flush();
        }
    }

    /// A line that stays.
    pub fn say(&self, line: &str) {
        if self.shown {
            eprintln!("\r\x1b[K{line}");
        }
    }

    pub fn clear(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}

/// A bar of which `fraction` is done.
pub fn filled(fraction: f32) -> String {
    let width = 24;
    let done = ((fraction * width as f32) as usize).min(width);
    format!("[{}{}]", "=".repeat(done), " ".repeat(width - done))
}
