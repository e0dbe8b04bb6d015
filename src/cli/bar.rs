//! One line on a terminal's stderr that is drawn over and over.

use std::io::{IsTerminal, Write};

use crate::error::printable;

/// The longest line, in characters.
const WIDEST: usize = 400;

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
            self.write(&format!("\r\x1b[K{}", printable(line, WIDEST)));
        }
    }

    /// A line that stays.
    pub fn say(&self, line: &str) {
        if self.shown {
            self.write(&format!("\r\x1b[K{}\n", printable(line, WIDEST)));
        }
    }

    pub fn clear(&self) {
        if self.shown {
            self.write("\r\x1b[K");
        }
    }

    /// A terminal that has gone away is no reason to stop.
    fn write(&self, text: &str) {
        let mut stderr = std::io::stderr();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}

/// A bar of which `fraction` is done.
pub fn filled(fraction: f32) -> String {
    let width = 24;
    let done = ((fraction * width as f32) as usize).min(width);
    format!("[{}{}]", "=".repeat(done), " ".repeat(width - done))
}
