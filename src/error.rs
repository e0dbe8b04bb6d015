//! What went wrong, where, and what to do about it: always one line.
//!
//! Every failure that a person can meet ends here. `what` names the fault, `place` the file, tensor or
//! setting that has it, `hint` the way out; the kind decides the exit code of the command line.

use std::fmt;

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// How a failure is to be taken by whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The work was tried and failed (exit code 1).
    Failed,
    /// The request itself is wrong (exit code 2).
    Arguments,
    /// The user stopped it (exit code 130).
    Cancelled,
}

/// How devices' libraries say that there is no memory, in whatever spelling: CUDA and the kernel; Metal's buffers and its
/// command buffers (kIOGPUCommandBufferCallbackErrorOutOfMemory); cuBLAS and cuDNN (…_STATUS_ALLOC_FAILED); cuDNN 9
/// (CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED).
const NO_MEMORY: [&str; 5] = [
    "out of memory",
    "failed to allocate",
    "failed to create metal resource",
    "status alloc failed",
    "device allocation failed",
];

/// The longest part of a line, in characters: what is quoted in it may be a file's, and a file may hold anything.
const LONGEST: usize = 800;

/// `text` as a line of at most some `longest` characters, its middle left out where it has more. It may come from a
/// stranger's file, and a terminal obeys what is in it: control characters, and those that turn the order of letters
/// round, are shown as their numbers. White space becomes one space.
pub fn printable(text: &str, longest: usize) -> String {
    let mut line = String::with_capacity(text.len().min(longest));
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&escaped(word));
    }
    let count = line.chars().count();
    if count <= longest {
        return line;
    }
    let (head, tail) = (longest * 2 / 3, longest / 3);
    let (start, end): (String, String) = (line.chars().take(head).collect(), line.chars().skip(count - tail).collect());
    format!("{start} … ({} characters left out) … {end}", count - head - tail)
}

/// Whether a terminal obeys `letter` instead of showing it.
fn is_obeyed(letter: char) -> bool {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (letter.is_control() && letter != '\n')
}

/// `text` with such characters as their numbers, but for the ends of lines.
pub fn escaped(text: &str) -> String {
    let shown = |letter: char| if is_obeyed(letter) { letter.escape_unicode().to_string() } else { letter.into() };
    text.chars().map(shown).collect()
}

/// The same of JSON, as JSON writes them. Its own writer leaves some of them as they are.
pub fn escaped_json(text: &str) -> String {
    let shown = |letter: char| if is_obeyed(letter) { format!("\\u{:04x}", letter as u32) } else { letter.into() };
    text.chars().map(shown).collect()
}

/// One line for a person: `what: place; hint`.
#[derive(Clone, Debug)]
pub struct Error {
    kind: Kind,
    what: String,
    place: Option<String>,
    hint: Option<String>,
    missing: bool,
}

impl Error {
    /// The work was tried and failed.
    pub fn new(what: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, what: what.into(), place: None, hint: None, missing: false }
    }

    /// The request itself is wrong: a flag, a key of a recipe, a value out of range.
    pub fn arguments(what: impl Into<String>) -> Self {
        Self { kind: Kind::Arguments, ..Self::new(what) }
    }

    /// The user stopped it.
    pub fn cancelled() -> Self {
        Self { kind: Kind::Cancelled, ..Self::new("cancelled") }
    }

    /// Where it is: a file, a tensor, a setting. The innermost place wins.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place.get_or_insert_with(|| place.to_string());
        self
    }

    /// What to do about it. The innermost hint wins.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// A file was wanted, and there is none.
    pub fn missing(mut self) -> Self {
        self.missing = true;
        self
    }

    /// True where a file was wanted and nothing is there, or a folder: as while a path is being typed.
    pub fn is_missing(&self) -> bool {
        self.missing
    }

    /// The fault alone, where it is plain which setting has it.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// How the failure is to be taken.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// True when a device had no memory for it, in whichever words its library says so.
    pub fn is_out_of_memory(&self) -> bool {
        let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let what = letters(&self.what.to_lowercase());
        NO_MEMORY.iter().any(|said| what.contains(&letters(said)))
    }

    /// True when the user asked for the end.
    pub fn is_cancelled(&self) -> bool {
        self.kind == Kind::Cancelled
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.what, LONGEST))?;
        if let Some(place) = &self.place {
            write!(f, ": {}", printable(place, LONGEST))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "; {}", printable(hint, LONGEST))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<candle_core::Error> for Error {
    /// Candle's message without its backtrace. A failure of an operation is a fault of ours or of the
    /// device, so it carries no hint.
    fn from(error: candle_core::Error) -> Self {
        let text = match &error {
            candle_core::Error::WithBacktrace { inner, .. } => inner.to_string(),
            other => other.to_string(),
        };
        Self::new(text.lines().next().unwrap_or("tensor operation failed").to_owned())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn foreign_text_is_one_short_line_that_no_terminal_obeys() {
        let line = Error::new("a\x1b[2Jb\r\nc").at("x\u{9b}y\u{202e}z").hint("d  e").to_string();
        assert_eq!(line, "a\\u{1b}[2Jb c: x\\u{9b}y\\u{202e}z; d e");
        let long = Error::new("n".repeat(109_000)).at("the place").hint("the way out").to_string();
        assert!(long.chars().count() < 1000 && long.ends_with(": the place; the way out"), "{long}");
        assert!(long.contains("left out"), "{long}");
    }

    /// As each library spells it.
    #[test]
    fn every_librarys_want_of_memory_is_known() {
        for said in [
            "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")",
            "CublasError(CUBLAS_STATUS_ALLOC_FAILED)",
            "CudnnError(CUDNN_STATUS_ALLOC_FAILED)",
            "CudnnError(CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED)",
            "Failed to create metal resource: Buffer",
            "Command buffer failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)",
            "Cannot allocate memory: failed to allocate 12 bytes",
        ] {
            assert!(Error::new(said).is_out_of_memory(), "{said}");
        }
        for said in ["CUDA_ERROR_ILLEGAL_ADDRESS", "the file ends inside a tensor", "no kernel image is available"] {
            assert!(!Error::new(said).is_out_of_memory(), "{said}");
        }
    }
}
