//! Numbers of bytes and of seconds in words.

/// A number of bytes as disks and the hub count them: 1 kB is 1000 bytes.
pub fn size(bytes: u64) -> String {
    const NAMES: [&str; 4] = ["bytes", "kB", "MB", "GB"];
    let mut value = bytes as f64;
    let mut name = 0;
    while value >= 1000.0 && name + 1 < NAMES.len() {
        value /= 1000.0;
        name += 1;
    }
    let digits = if name > 0 && value < 10.0 { 1 } else { 0 };
    format!("{value:.digits$} {}", NAMES[name])
}

/// Seconds for a person.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s < 0.995 => format!("{s:.2} s"),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 60.0 => format!("{s:.0} s"),
        s if s < 3600.0 => format!("{} min {:02} s", s as u64 / 60, s as u64 % 60),
        s => format!("{} h {:02} min", s as u64 / 3600, s as u64 / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_read_well() {
        let sizes =
            [(0, "0 bytes"), (999, "999 bytes"), (1630, "1.6 kB"), (743_000_000, "743 MB"), (11_540_000_000, "12 GB")];
        for (bytes, text) in sizes {
            assert_eq!(super::size(bytes), text);
        }
    }
}
